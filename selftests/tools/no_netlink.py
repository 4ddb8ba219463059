#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Runs a command in a sandbox that has no netlink, as RestrictAddressFamilies= of systemd makes it.

    no_netlink.py COMMAND...
"""

import ctypes
import os
import struct
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LD_W_ABS, JEQ_K, RET_K = 0x20, 0x15, 0x06
SYS_SOCKET, AF_NETLINK, EAFNOSUPPORT = 41, 16, 97
ALLOW, ERRNO = 0x7FFF0000, 0x00050000

# struct seccomp_data: the call's number, its architecture, the instruction, six arguments.
program = [
    (LD_W_ABS, 0, 0, 0),
    (JEQ_K, 0, 3, SYS_SOCKET),
    (LD_W_ABS, 0, 0, 16),
    (JEQ_K, 0, 1, AF_NETLINK),
    (RET_K, 0, 0, ERRNO | EAFNOSUPPORT),
    (RET_K, 0, 0, ALLOW),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
for call in (
    (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
    (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_void_p(ctypes.addressof(head)), 0, 0),
):
    if libc.prctl(*call):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[1], sys.argv[1:])
