# SPDX-License-Identifier: GPL-2.0
#
# Sends four flows through a bond in balance-tlb, and tells which slave sends which.
#
#	rebalance.py KIND DYNAMIC SPEED,SPEED PHASE...
#
# The slaves are taps of these speeds, in Mbit/s. A PHASE is SECONDS:RATE,RATE,RATE,RATE, in
# frames of 1400 octets a second; two rates, HEAVY,LIGHT, are for the first flow and one that
# leaves by the same slave, and for the others. Prints a line a phase: the slaves of the flows, one
# digit each, as they were after every second, without repetitions.

import fcntl
import os
import socket
import struct
import subprocess
import sys
import time

sys.path.append(f"{sys.path[0]}/../lib")

from files import write

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000
FLOWS, TICK = 4, 0.1


def ip(*words):
    subprocess.run(("ip", *words), check=True)


def tap(name, speed):
    """A tap has a carrier as long as somebody reads it."""
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    subprocess.run(("ethtool", "-s", name, "speed", speed, "duplex", "full", "autoneg", "off"), check=True)
    return file


class Flows:
    def __init__(self, bond, taps):
        self.taps = taps
        self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sender.bind((bond, 0))
        self.frames = [bytes([2, 0, 0, 0, 9, flow, 2, 0, 0, 0, 2, 0, 8, 0]).ljust(1400, b"\0") for flow in range(FLOWS)]
        self.slaves = [None] * FLOWS

    def look(self):
        """Notes who has sent what since the last look."""
        for slave, file in enumerate(self.taps):
            while True:
                try:
                    frame = os.read(file, 2000)
                except BlockingIOError:
                    break
                if frame[:5] == b"\2\0\0\0\x09" and frame[12:14] == b"\x08\0":
                    self.slaves[frame[5]] = slave

    def run(self, seconds, rates):
        """The flows at these rates; what their slaves are, as it changes."""
        seen, due = [], [0.0] * FLOWS
        start = time.monotonic()
        for tick in range(1, round(seconds / TICK) + 1):
            for flow, rate in enumerate(rates):
                due[flow] += rate * TICK
                while due[flow] >= 1:
                    self.sender.send(self.frames[flow])
                    due[flow] -= 1
            self.look()
            if tick % 10 == 0:
                now = "".join(map(str, self.slaves))
                if not seen or seen[-1] != now:
                    seen.append(now)
            time.sleep(max(0, start + tick * TICK - time.monotonic()))
        return seen


def main():
    kind, dynamic, speeds, *phases = sys.argv[1:]
    bond, names = "bond0", ("tap0", "tap1")
    taps = [tap(name, speed) for name, speed in zip(names, speeds.split(","))]
    ip("link", "add", bond, "type", kind)
    settings = f"/sys/class/net/{bond}/bonding/"
    write(settings + "mode", "balance-tlb")
    write(settings + "miimon", "100")
    write(settings + "tlb_dynamic_lb", dynamic)
    for name in names:
        ip("link", "set", name, "master", bond)
    ip("link", "set", bond, "up")
    time.sleep(1)
    flows = Flows(bond, taps)
    for phase in phases:
        seconds, rates = phase.split(":")
        rates = [int(rate) for rate in rates.split(",")]
        if len(rates) == 2:
            mates = [flow for flow in range(1, FLOWS) if flows.slaves[flow] == flows.slaves[0]]
            heavy = (0, mates[0] if mates else 0)
            rates = [rates[flow not in heavy] for flow in range(FLOWS)]
        print(*flows.run(int(seconds), rates), flush=True)
    ip("link", "del", bond)


main()
