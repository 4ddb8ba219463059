#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Attributes of bonds and slaves by rtnetlink, by number, and a slave by ioctl: for what ip has no
word, or has one for the kind bond only.

    rtnl.py set DEV KIND NUMBER:WIDTH=VALUE...     IFLA_BOND_*, as set bond0 rustbond 34:u8=1,
                                                   or a list, as 31:ip6=2001:db8::1,2001:db8::2
                                                   (ip4 likewise)
    rtnl.py slave DEV KIND NUMBER:WIDTH=VALUE...   IFLA_BOND_SLAVE_*
    rtnl.py show DEV                               NUMBER=HEX of IFLA_BOND_*, in host order
    rtnl.py show-slave DEV                         the same of IFLA_BOND_SLAVE_*
    rtnl.py info DEV NUMBER                        the name of the bond's slave of that number
    rtnl.py stats DEV...                           BOND_3AD_STAT_* in a row, of bonds or slaves
    rtnl.py stats-shape DEV...                     numbers and lengths of all attributes around and
                                                   in them, as they are asked for, and in a dump
"""

import array
import fcntl
import os
import socket
import struct
import sys

RTM_NEWLINK, RTM_GETLINK, NLM_F_REQUEST, NLM_F_ACK = 16, 18, 1, 4
IFLA_LINKINFO, NESTED = 18, 0x8000
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
INFO_KIND, INFO_DATA, INFO_SLAVE_KIND, INFO_SLAVE_DATA = 1, 2, 4, 5
WIDTHS = {"u8": "B", "u16": "H", "u32": "I", "s32": "i"}
FAMILIES = {"ip4": socket.AF_INET, "ip6": socket.AF_INET6}


def attr(number, payload):
    data = struct.pack("HH", len(payload) + 4, number) + payload
    return data + bytes(-len(data) % 4)


def attrs(data):
    """Numbers and payloads of a row of attributes."""
    found = {}
    while len(data) >= 4:
        size, number = struct.unpack_from("HH", data)
        if size < 4:
            break
        found[number & 0x3FFF] = data[4:size]
        data = data[(size + 3) & ~3 :]
    return found


def talk(kind, flags, dev, payload):
    index = socket.if_nametoindex(dev)
    body = struct.pack("BxHiII", 0, 0, index, 0, 0) + payload
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as sock:
        for option in (NETLINK_CAP_ACK, NETLINK_EXT_ACK):
            sock.setsockopt(SOL_NETLINK, option, 1)
        sock.send(struct.pack("IHHII", len(body) + 16, kind, flags | NLM_F_REQUEST, 1, 0) + body)
        answer = sock.recv(65536)
    if struct.unpack_from("H", answer, 4)[0] == 2:
        errno = -struct.unpack_from("i", answer, 16)[0]
        if errno:
            raise OSError(errno, f"{os.strerror(errno)}: {reason(answer)}")
    return answer[32:]


def reason(answer):
    """What an error says besides its number: NLMSGERR_ATTR_MSG, behind the head of the request."""
    return attrs(answer[36:]).get(1, b"").rstrip(b"\0").decode()


def change(dev, kind_attr, data_attr, kind, words):
    data = b""
    for word in words:
        name, value = word.split("=", 1)
        number, width = name.split(":")
        if width in FAMILIES:
            targets = [socket.inet_pton(FAMILIES[width], one) for one in value.split(",")]
            payload = b"".join(attr(at, target) for at, target in enumerate(targets))
            data += attr(int(number) | NESTED, payload)
        else:
            data += attr(int(number), struct.pack("=" + WIDTHS[width], int(value)))
    info = attr(kind_attr, kind.encode() + b"\0") + attr(data_attr | NESTED, data)
    talk(RTM_NEWLINK, NLM_F_ACK, dev, attr(IFLA_LINKINFO | NESTED, info))


def show(dev, data_attr):
    info = attrs(attrs(talk(RTM_GETLINK, 0, dev, b""))[IFLA_LINKINFO])
    for number, payload in attrs(info.get(data_attr, b"")).items():
        print(f"{number}={payload.hex()}")


def stats(devices):
    """RTM_GETSTATS; what a slave has stands in another attribute than what a bond has."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    for dev in devices:
        own, master = 2, 3
        mask = 1 << (own - 1) | 1 << (master - 1)
        body = struct.pack("BxHII", 0, 0, socket.if_nametoindex(dev), mask)
        sock.send(struct.pack("IHHII", len(body) + 16, 94, NLM_F_REQUEST, 1, 0) + body)
        found = attrs(sock.recv(65536)[28:])
        # LINK_XSTATS_TYPE_BOND, BOND_XSTATS_3AD.
        counters = attrs(attrs(attrs(found.get(own) or found[master])[2])[1])
        print(*(struct.unpack("Q", counters[number])[0] for number in range(9)))


def shape(data, depth):
    """NUMBER:LENGTH of a row of attributes, and of those in them down to a depth, in order."""
    words = []
    while len(data) >= 4:
        size, number = struct.unpack_from("HH", data)
        inner = shape(data[4:size], depth - 1) if depth else ""
        words.append(f"{number:#x}:{size}" + (f"({inner})" if inner else ""))
        data = data[(size + 3) & ~3 :]
    return " ".join(words)


def stats_shape(devices):
    """Both of RTM_GETSTATS, the request for one device and the dump of all (NLM_F_DUMP)."""
    for dev in devices:
        index = socket.if_nametoindex(dev)
        for flags in (0, 0x300):
            sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            body = struct.pack("BxHII", 0, 0, 0 if flags else index, 1 << 1 | 1 << 2)
            sock.send(struct.pack("IHHII", len(body) + 16, 94, flags | NLM_F_REQUEST, 1, 0) + body)
            for message in messages(sock, flags):
                if struct.unpack_from("I", message, 20)[0] == index:
                    print("dump" if flags else "one", shape(message[28:], 3))


def messages(sock, flags):
    """The answer, or all of a dump."""
    while True:
        data = sock.recv(1 << 17)
        while len(data) >= 16:
            size, kind = struct.unpack_from("IH", data)
            if kind == 3:
                return
            if kind == 2:
                errno = -struct.unpack_from("i", data, 16)[0]
                raise OSError(errno, os.strerror(errno))
            yield data[:size]
            data = data[(size + 3) & ~3 :]
        if not flags:
            return


def slave_info(device, number):
    """SIOCBONDSLAVEINFOQUERY, whose request holds the address of a struct ifslave."""
    room = array.array("B", struct.pack("i72x", int(number)))
    request = struct.pack("16sQ16x", device.encode(), room.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, 0x8993, request)
    print(room.tobytes()[4:20].rstrip(b"\0").decode())


def main(words):
    verb, device, *rest = words
    if verb == "set":
        change(device, INFO_KIND, INFO_DATA, rest[0], rest[1:])
    elif verb == "slave":
        change(device, INFO_SLAVE_KIND, INFO_SLAVE_DATA, rest[0], rest[1:])
    elif verb == "stats":
        stats([device, *rest])
    elif verb == "stats-shape":
        stats_shape([device, *rest])
    elif verb == "info":
        slave_info(device, rest[0])
    elif verb == "show":
        show(device, INFO_DATA)
    else:
        show(device, INFO_SLAVE_DATA)


def run(main):
    """For the command line: an error is its text."""
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(error.strerror)


if __name__ == "__main__":
    run(main)
