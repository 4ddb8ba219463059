#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Puts an XDP program that passes everything on a device, or takes it off again.

    xdp.py DEV native|generic|off
"""

import ctypes
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rtnl import NESTED, NLM_F_ACK, RTM_NEWLINK, attr, talk  # noqa: E402

SYS_BPF, BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, XDP_PASS = 321, 5, 6, 2
IFLA_XDP, XDP_FD, XDP_FLAGS = 43, 1, 3
FLAGS = {"generic": 2, "native": 4, "off": 0}


def load():
    # mov r0, XDP_PASS; exit
    code = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xB7, 0, 0, XDP_PASS, 0x95, 0, 0, 0))
    licence = ctypes.create_string_buffer(b"GPL")
    request = struct.pack(
        "IIQQIIQII16sI", BPF_PROG_TYPE_XDP, 2, ctypes.addressof(code), ctypes.addressof(licence),
        0, 0, 0, 0, 0, b"pass", 0,
    )  # fmt: skip
    request = ctypes.create_string_buffer(request + bytes(80))
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(SYS_BPF, BPF_PROG_LOAD, request, len(request))
    if fd < 0:
        sys.exit("bpf: " + os.strerror(ctypes.get_errno()))
    return fd


def main(words):
    device, how = words
    program = -1 if how == "off" else load()
    body = attr(XDP_FD, struct.pack("i", program)) + attr(XDP_FLAGS, struct.pack("I", FLAGS[how]))
    talk(RTM_NEWLINK, NLM_F_ACK, device, attr(IFLA_XDP | NESTED, body))
    if program >= 0:
        os.close(program)


if __name__ == "__main__":
    main(sys.argv[1:])
