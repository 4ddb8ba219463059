#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Frames sent and heard by sockets that have a device make its headers and take them apart.

    headers.py DEV
"""

import socket
import sys


def main(words):
    (dev,) = words
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)) as ear,
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x800)) as mouth,
    ):
        ear.bind((dev, 3))
        ear.settimeout(2)
        packet = bytes([69, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]) + bytes(8)
        for size in (4, 6, 8):
            try:
                mouth.sendto(packet, (dev, 0x800, 0, 0, bytes(size)))
            except OSError:
                pass
        try:
            print(ear.recvfrom(2048)[1])
        except TimeoutError:
            pass


if __name__ == "__main__":
    main(sys.argv[1:])
