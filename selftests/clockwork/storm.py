#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# An LACP partner that never makes up its mind:
#
#	storm.py DEV toggle|partners WARM SECONDS
#
# Agrees for WARM seconds and prints "warm"; then, for SECONDS and as fast as it can, it is in sync and
# out of it in turn, or another system with each LACPDU. Prints how many it has sent.

import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../lib"))
import lacp

SYNC = 8
ALL = 63


def main():
    dev, what, warm, seconds = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:5])
    sock = lacp.open_on(dev)
    src = sock.getsockname()[4]
    heard = bytes(15)

    def frame(state, system):
        actor = {
            "sys_prio": 1,
            "system": "02:00:00:00:%02x:%02x" % (system >> 8 & 255, system & 255),
            "key": 7,
            "port_prio": 1,
            "port": 1,
            "state": state,
        }
        return (
            lacp.GROUP
            + src
            + struct.pack("!H", 0x8809)
            + b"\x01\x01\x01\x14"
            + lacp.emit(actor)
            + bytes(3)
            + b"\x02\x14"
            + heard
            + bytes(3)
            + b"\x03\x10"
            + bytes(14)
            + bytes(52)
        )

    end = time.monotonic() + warm
    while time.monotonic() < end:
        sock.send(frame(ALL, 1))
        for got in lacp.received(sock, 0.5):
            parsed = lacp.parse(got)
            if parsed:
                heard = lacp.emit(parsed)
    print("warm", flush=True)
    if what == "toggle":
        frames = [frame(ALL, 1), frame(ALL & ~SYNC, 1)]
    else:
        frames = [frame(ALL, system) for system in range(1, 17)]
    sent, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        sock.send(frames[sent % len(frames)])
        sent += 1
    print(sent)


main()
