#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Puts an XDP program on a device, or takes it off again; says what there is.

    xdp.py DEV native|generic|off [PROGRAM]
                            PROGRAM is what it does with each frame: pass (else), drop, tx, or
                            redirect:DEVICE
    xdp.py programs         how many programs the kernel has
    xdp.py features DEV     what the device can do, NETDEV_XDP_ACT_* as a number
"""

import ctypes
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rtnl import NESTED, NLM_F_ACK, NLM_F_REQUEST, RTM_NEWLINK, attr, attrs, run, talk  # noqa: E402

SYS_BPF, BPF_PROG_LOAD, BPF_PROG_GET_NEXT_ID, BPF_PROG_TYPE_XDP = 321, 5, 11, 6
ACTIONS = {"drop": 1, "pass": 2, "tx": 3}
IFLA_XDP, XDP_FD, XDP_FLAGS = 43, 1, 3
FLAGS = {"generic": 2, "native": 4}
NETLINK_GENERIC, GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
NETDEV_CMD_DEV_GET, NETDEV_A_DEV_IFINDEX, NETDEV_A_DEV_XDP_FEATURES = 1, 1, 3


def instruction(code, register=0, value=0):
    return struct.pack("<BBhi", code, register, 0, value)


def program(does):
    """mov r0, ACTION; exit, or return bpf_redirect(ifindex, 0)"""
    word, _, device = does.partition(":")
    if word == "redirect":
        code = instruction(0xB7, 1, socket.if_nametoindex(device))
        code += instruction(0xB7, 2) + instruction(0x85, 0, 23)
    else:
        code = instruction(0xB7, 0, ACTIONS[word])
    return code + instruction(0x95)


def bpf(command, request):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(SYS_BPF, command, request, len(request))
    if result < 0:
        raise OSError(ctypes.get_errno(), "bpf: " + os.strerror(ctypes.get_errno()))
    return result


def load(does):
    code = program(does)
    count, code = len(code) // 8, ctypes.create_string_buffer(code)
    licence = ctypes.create_string_buffer(b"GPL")
    request = struct.pack(
        "IIQQIIQII16sI", BPF_PROG_TYPE_XDP, count, ctypes.addressof(code), ctypes.addressof(licence),
        0, 0, 0, 0, 0, b"test", 0,
    )  # fmt: skip
    return bpf(BPF_PROG_LOAD, ctypes.create_string_buffer(request + bytes(80)))


def request(fd, how):
    body = attr(XDP_FD, struct.pack("i", fd)) + attr(XDP_FLAGS, struct.pack("I", FLAGS[how]))
    return attr(IFLA_XDP | NESTED, body)


def put(device, how, does="pass"):
    if how == "off":
        for each in FLAGS:
            talk(RTM_NEWLINK, NLM_F_ACK, device, request(-1, each))
        return
    fd = load(does)
    try:
        talk(RTM_NEWLINK, NLM_F_ACK, device, request(fd, how))
    finally:
        os.close(fd)


def programs():
    request, found = ctypes.create_string_buffer(12), 0
    while True:
        try:
            bpf(BPF_PROG_GET_NEXT_ID, request)
        except FileNotFoundError:
            return found
        # The one after that.
        struct.pack_into("I", request, 0, struct.unpack_from("I", request, 4)[0])
        found += 1


def generic(family, command, payload):
    """The attributes of the answer of a family of generic netlink."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as sock:
        body = struct.pack("BBH", command, 1, 0) + payload
        sock.send(struct.pack("IHHII", len(body) + 16, family, NLM_F_REQUEST, 1, 0) + body)
        answer = sock.recv(65536)
    if struct.unpack_from("H", answer, 4)[0] == 2:
        errno = -struct.unpack_from("i", answer, 16)[0]
        raise OSError(errno, os.strerror(errno))
    return attrs(answer[20:])


def features(device):
    name = attr(CTRL_ATTR_FAMILY_NAME, b"netdev\0")
    family = generic(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, name)[CTRL_ATTR_FAMILY_ID]
    index = attr(NETDEV_A_DEV_IFINDEX, struct.pack("I", socket.if_nametoindex(device)))
    answer = generic(struct.unpack("H", family)[0], NETDEV_CMD_DEV_GET, index)
    return struct.unpack("Q", answer[NETDEV_A_DEV_XDP_FEATURES])[0]


def main(words):
    match words:
        case ["programs"]:
            print(programs())
        case ["features", device]:
            print(features(device))
        case [device, how, *does]:
            put(device, how, *does)


if __name__ == "__main__":
    run(main)
