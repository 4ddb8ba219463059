#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""TAP devices.

    tap.py make NAME TYPE       one that stays, with that ARPHRD_* type, without a carrier
    tap.py cable A B [A B]...   cables of two TAP devices each, until it is killed; says 'ready'

A TAP device tells the speed that ethtool -s has set, 0 for none, and tells nobody of the change.
"""

import fcntl
import os
import select
import struct
import sys

TUNSETIFF, TUNSETPERSIST, TUNSETLINK = 0x400454CA, 0x400454CB, 0x400454CD
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000


def tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return fd


def make(name, kind):
    fd = tap(name)
    fcntl.ioctl(fd, TUNSETPERSIST, 1)
    fcntl.ioctl(fd, TUNSETLINK, int(kind))


def cable(names):
    fds = [tap(name) for name in names]
    other = {fd: fds[at ^ 1] for at, fd in enumerate(fds)}
    print("ready", flush=True)
    while True:
        for fd in select.select(fds, [], [])[0]:
            frame = os.read(fd, 65536)
            try:
                os.write(other[fd], frame)
            except OSError:
                pass  # The other end is down.


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", name, kind]:
            make(name, kind)
        case ["cable", *names]:
            cable(names)
