#!/usr/bin/env -S python3 -I
# SPDX-License-Identifier: GPL-2.0
"""What goes on around churn.py: frames of all sorts, right and broken, on every device here, and
readers of every file. Runs until it is killed.

    noise.py send SEED [PACE]    frames, so many a second, or 50; /tmp/noise-SEED is there when
                                 the first are out
    noise.py read                readers
"""

import os
import random
import socket
import struct
import sys
import time

NET = "/sys/class/net"
ETH = {"ip": 0x0800, "arp": 0x0806, "vlan": 0x8100, "ip6": 0x86DD, "slow": 0x8809, "loop": 0x9000}
DESTINATIONS = ["ff:ff:ff:ff:ff:ff", "01:80:c2:00:00:02", "01:00:5e:00:00:01", "33:33:00:00:00:01"]
DESTINATIONS += ["02:00:00:00:05:01", "02:00:00:00:0a:01"]


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def frame(dice):
    """A frame whose head is right and whose rest may be anything."""
    kind = dice.choice(list(ETH))
    head = mac(dice.choice(DESTINATIONS)) + bytes([2, 0, 0, 0, 0x0A, dice.randrange(8)])
    if dice.random() < 0.3:
        head += struct.pack("!HH", ETH["vlan"], dice.randrange(4096))
    head += struct.pack("!H", ETH[kind])
    if kind == "arp":
        body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, dice.choice([1, 2]))
        body += head[6:12] + bytes([192, 0, 2, dice.randrange(4)]) + mac(DESTINATIONS[4])
        body += bytes([192, 0, 2, dice.randrange(4)])
    elif kind == "slow":
        body = bytes([dice.choice([1, 1, 2]), 1, 1, 20]) + bytes(dice.randrange(256) for _ in range(106))
    elif kind == "ip":
        body = bytes([0x45, 0]) + struct.pack("!HHHBBH", 40, 7, 0, 64, dice.choice([1, 6, 17]), 0)
        body += bytes([192, 0, 2, 1, 192, 0, 2, 2]) + bytes(20)
    elif kind == "ip6":
        body = struct.pack("!IHBB", 6 << 28, 32, 58, 255) + bytes(32)
        body += bytes([dice.choice([135, 136])]) + bytes(23) + bytes([1, 1]) + bytes(6)
    else:
        body = bytes(46)
    body = bytearray(body)
    if dice.random() < 0.3 and body:
        body[dice.randrange(len(body))] = dice.randrange(256)
    if dice.random() < 0.2:
        del body[dice.randrange(len(body) + 1) :]
    return head + bytes(body)


def send(seed, pace):
    dice = random.Random(seed)
    first = True
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    while True:
        devices = [name for name in os.listdir(NET) if name not in ("lo", "can0", "g0", "bonding_masters")]
        for _ in range(5):
            try:
                sock.sendto(frame(dice), (dice.choice(devices), 0))
            except OSError:
                pass
        if first:
            open(f"/tmp/noise-{seed}", "w", encoding="ascii").close()
            first = False
        time.sleep(5 / pace)


def look():
    while True:
        for folder in ("/proc/net/rustbond", "/proc/net/bonding"):
            swallow(folder)
        for name in os.listdir(NET):
            for part in ("bonding", "bonding_slave", "statistics"):
                swallow(f"{NET}/{name}/{part}")
        time.sleep(0.5)


def swallow(folder):
    """Reads all files there; any of them, and the folder, may be gone by then."""
    try:
        files = os.listdir(folder)
    except OSError:
        return
    for file in files:
        try:
            with open(f"{folder}/{file}", "rb") as stream:
                stream.read()
        except OSError:
            pass


if sys.argv[1] == "send":
    send(int(sys.argv[2]), int((sys.argv[3:] or [50])[0]))
else:
    look()
