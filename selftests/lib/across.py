#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Counts what gets from one namespace to another while something happens to the links.

    across.py TO SECONDS FLOWS [stray=GAP:NS:DEV,DEV...] [join=GAP:COUNT:COMMAND]
    across.py raw DEV HEX [TIMES]

Sends a UDP packet to the address TO in the namespace `b` from the namespace `a`, for each of so
many flows each 20 ms, and prints how many came across, how many were sent, and the longest time,
in ms, in which none came. `stray` sends an LACPDU of another system out of each of the devices
each GAP seconds; `join` runs COMMAND, with a number from 0 on for {}, each GAP seconds. `raw` sends
a frame as it is.

Written from IEEE 802.1AX-2014 6.4.2 alone, so that it shares nothing with what is tested.
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
STRANGER = bytes.fromhex("020000000e09")


def enter(namespace):
    fd = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if LIBC.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), f"setns {namespace}")
    os.close(fd)


def stray(number):
    """An LACPDU of somebody who knows nobody, from a port of that number."""
    actor = struct.pack("!H6sHHHB3x", 1, STRANGER, 7, 1, number + 1, 0x3F)
    pdu = b"\x01\x01\x01\x14" + actor + b"\x02\x14" + bytes(18)
    pdu += b"\x03\x10" + bytes(14) + bytes(52)
    return bytes.fromhex("0180c2000002") + STRANGER + b"\x88\x09" + pdu


class Strays:
    def __init__(self, gap, namespace, devices):
        enter(namespace)
        self.gap, self.next, self.sockets = float(gap), 0, []
        for dev in devices.split(","):
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            sock.bind((dev, 0))
            self.sockets.append(sock)

    def run(self, now):
        if now >= self.next:
            self.next += self.gap
            for number, sock in enumerate(self.sockets):
                sock.send(stray(number))

    def end(self):
        pass


class Joins:
    def __init__(self, gap, count, command):
        self.gap, self.left, self.command = float(gap), int(count), command
        self.next, self.done, self.running = 0, 0, []

    def run(self, now):
        if now >= self.next and self.done < self.left:
            command = self.command.replace("{}", str(self.done))
            self.next += self.gap
            self.done += 1
            # Not waited for: what is measured goes on meanwhile.
            self.running.append(subprocess.Popen(["sh", "-c", command]))

    def end(self):
        if any(process.wait() for process in self.running):
            sys.exit("a command of join failed")


def main(to, seconds, flows, *what):
    hooks = []
    for word in what:
        name, _, words = word.partition("=")
        hooks.append({"stray": Strays, "join": Joins}[name](*words.split(":", 2)))
    enter("b")
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(("0.0.0.0", 5555))
    ear.setblocking(False)
    enter("a")
    mouths = []
    for number in range(int(flows)):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("0.0.0.0", 6000 + number))
        mouths.append(sock)
    seconds, sent, got, hole = float(seconds), 0, 0, 0
    start = last = time.monotonic()
    due = start
    while (now := time.monotonic()) < start + seconds:
        if now >= due:
            due += 0.02
            for mouth in mouths:
                sent += 1
                try:
                    mouth.sendto(b"x", (to, 5555))
                except OSError:
                    pass
            for hook in hooks:
                hook.run(now - start)
        while True:
            try:
                ear.recv(100)
            except BlockingIOError:
                break
            got += 1
            hole, last = max(hole, time.monotonic() - last), time.monotonic()
        time.sleep(max(0, min(0.005, due - time.monotonic())))
    hole = max(hole, time.monotonic() - last)
    for hook in hooks:
        hook.end()
    print(got, sent, round(hole * 1000))


def raw(dev, frame, times="1"):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((dev, 0))
    for _ in range(int(times)):
        sock.send(bytes.fromhex(frame))


if __name__ == "__main__":
    if sys.argv[1] == "raw":
        raw(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
