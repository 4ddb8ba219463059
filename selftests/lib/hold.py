#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# Holds RTNL for so many seconds, as a driver that resets its hardware does:
#
#	hold.py SECONDS
#
# The kernel answers ETHTOOL_GLINK under RTNL; the last octets of the answer go to memory that is
# not there until the seconds are over. Prints "held" when RTNL is held, and "free" when it is not.

import ctypes
import fcntl
import mmap
import os
import select
import socket
import struct
import sys
import threading
import time

USERFAULTFD = 323
UFFDIO_API = 0xC018AA3F
UFFDIO_REGISTER = 0xC020AA00
UFFDIO_ZEROPAGE = 0xC020AA04
UFFD_API = 0xAA
MISSING = 1
SIOCETHTOOL = 0x8946
ETHTOOL_GLINK = 0x0A

PAGE = mmap.PAGESIZE
libc = ctypes.CDLL(None, use_errno=True)


def main():
    seconds = float(sys.argv[1])
    memory = mmap.mmap(-1, 2 * PAGE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    # The question is on the first page, the answer crosses into the second.
    memory[PAGE - 4 : PAGE] = struct.pack("I", ETHTOOL_GLINK)

    faults = libc.syscall(USERFAULTFD, os.O_CLOEXEC)
    if faults < 0:
        sys.exit("hold.py: no userfaultfd: " + os.strerror(ctypes.get_errno()))
    fcntl.ioctl(faults, UFFDIO_API, struct.pack("QQQ", UFFD_API, 0, 0))
    fcntl.ioctl(
        faults,
        UFFDIO_REGISTER,
        struct.pack("QQQQ", start + PAGE, PAGE, MISSING, 0),
    )

    request = ctypes.create_string_buffer(
        struct.pack("16sQ16x", b"lo", start + PAGE - 4), 40
    )
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # ctypes lets other threads run while it is in the kernel; fcntl.ioctl() does not.
    ask = threading.Thread(
        target=lambda: libc.ioctl(sock.fileno(), SIOCETHTOOL, request)
    )
    ask.start()
    if not select.select([faults], [], [], 30)[0]:
        os._exit("hold.py: RTNL was not held within 30 s" and 1)
    print("held", flush=True)
    time.sleep(seconds)
    fcntl.ioctl(
        faults, UFFDIO_ZEROPAGE, struct.pack("QQQq", start + PAGE, PAGE, 0, 0)
    )
    ask.join()
    print("free", flush=True)


main()
