#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Sends frames of 60 bytes, of a protocol for experiments.

    send.py DEV DESTINATION SOURCE [COUNT]
"""

import socket
import sys


def main(words):
    device, destination, source, *count = words
    frame = bytes.fromhex((destination + source).replace(":", "")) + b"\x88\xb5"
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
        sock.bind((device, 0))
        for _ in range(int(count[0]) if count else 1):
            sock.send(frame.ljust(60, b"\0"))


if __name__ == "__main__":
    main(sys.argv[1:])
