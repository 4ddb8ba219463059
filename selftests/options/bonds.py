# SPDX-License-Identifier: GPL-2.0
"""Two bonds side by side, native bonding's and ours, set up alike: what is done to one is done to
the other, and what they answer and read is compared."""

import errno
import fcntl
import os
import socket
import struct
import sys

sys.path.append(f"{sys.path[0]}/../lib")

import files
from optiontable import OURS_OF_SLAVES
from rtnl import IFLA_LINKINFO, INFO_DATA, INFO_KIND, INFO_SLAVE_DATA, INFO_SLAVE_KIND, NESTED
from rtnl import RTM_GETLINK, RTM_NEWLINK, attr, attrs, messages

RTM_DELLINK = 17
F_REQUEST, F_ACK, F_EXCL, F_CREATE, F_DUMP = 1, 4, 0x200, 0x400, 0x300
IFLA_ADDRESS, IFLA_IFNAME, IFLA_MASTER = 1, 3, 10
IFLA_EXT_MASK, SKIP_STATS = 29, struct.pack("I", 8)
UP = 1
# IFLA_BOND_AD_INFO.
AD_INFO = 23
# What native bonding of this kernel has no word for: selftests/lib/native.sh. Attributes of a bond and
# of a slave by their numbers.
LACKS = os.environ.get("NATIVE_LACKS", "").split()
LACKED = {33: "broadcast_neighbor", 34: "lacp_strict"}
LACKED_OF_SLAVES = {10: "actor_port_prio"}
NLMSGERR_MSG, NLMSGERR_OFFS = 1, 2


NAMES = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def index_of(name):
    """0 if there is no such device. Python's own way makes a socket each time."""
    request = bytearray(struct.pack("16s24x", name.encode()))
    try:
        # SIOCGIFINDEX.
        fcntl.ioctl(NAMES, 0x8933, request, True)
    except OSError:
        return 0
    return struct.unpack_from("i", request, 16)[0]


def write(path, text):
    """The errno of writing the text into a file."""
    try:
        files.write(path, text)
    except OSError as error:
        return error.errno
    return 0


class Netlink:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        # NETLINK_EXT_ACK, NETLINK_CAP_ACK: explain errors, without the request.
        self.sock.setsockopt(270, 11, 1)
        self.sock.setsockopt(270, 10, 1)
        self.sock.settimeout(60)

    def send(self, kind, flags, body):
        self.sock.send(struct.pack("IHHII", len(body) + 16, kind, flags | F_REQUEST, 1, 0) + body)

    def dump(self, kind, body):
        """All messages that answer, without their heads."""
        self.send(kind, F_DUMP, body)
        for message in messages(self.sock, F_DUMP):
            yield message[16:]

    def talk(self, kind, flags, body):
        """The errno, what the kernel says, where in the request it points, and the answer."""
        self.send(kind, flags, body)
        answer = self.sock.recv(1 << 17)
        size, kind, flags = struct.unpack_from("IHH", answer)
        if kind != 2:
            return 0, "", 0, answer[32:size]
        code = -struct.unpack_from("i", answer, 16)[0]
        found = attrs(answer[36:size]) if flags & 0x200 else {}
        text = found.get(NLMSGERR_MSG, b"").rstrip(b"\0").decode(errors="replace")
        where = struct.unpack("I", found[NLMSGERR_OFFS])[0] if NLMSGERR_OFFS in found else 0
        return code, text, where, b""

    def link(self, verb, index, payload=b"", flags=0, change=0, create=0):
        body = struct.pack("BxHiII", 0, 0, index, flags, change) + payload
        return self.talk(verb, F_ACK | create, body)

    def show(self, dev):
        """IFLA_LINKINFO of a device."""
        body = struct.pack("BxHiII", 0, 0, socket.if_nametoindex(dev), 0, 0)
        answer = self.talk(RTM_GETLINK, 0, body + attr(IFLA_EXT_MASK, SKIP_STATS))[3]
        at = 0
        while at + 4 <= len(answer):
            size, number = struct.unpack_from("HH", answer, at)
            if number & 0x3FFF == IFLA_LINKINFO:
                return answer[at + 4 : at + size]
            at += (size + 3) & ~3
        return b""


class Side:
    """One of the two kinds; its devices are called by a word and a number."""

    def __init__(self, netlink, kind, letter, proc):
        self.netlink, self.kind, self.letter, self.proc = netlink, kind, letter, proc
        self.bond = letter + "0"
        for number in (1, 2, 3):
            self.dummy(number)

    def name(self, number):
        return f"{self.letter}{number}"

    def must(self, answer):
        if answer[0]:
            raise OSError(answer[0], os.strerror(answer[0]), answer[1])

    def dummy(self, number):
        info = attr(INFO_KIND, b"dummy\0")
        address = bytes([2, 0, 0, 0, 0, number])
        payload = attr(IFLA_IFNAME, self.name(number).encode() + b"\0")
        payload += attr(IFLA_ADDRESS, address) + attr(IFLA_LINKINFO | NESTED, info)
        self.must(self.netlink.link(RTM_NEWLINK, 0, payload, create=F_CREATE | F_EXCL))

    def info(self, data, slave=False):
        kind, body = (INFO_SLAVE_KIND, INFO_SLAVE_DATA) if slave else (INFO_KIND, INFO_DATA)
        info = attr(kind, self.kind.encode() + b"\0") + attr(body | NESTED, data)
        return attr(IFLA_LINKINFO | NESTED, info)

    def create(self, data=b"", name=None):
        payload = attr(IFLA_IFNAME, (name or self.bond).encode() + b"\0")
        payload += attr(IFLA_ADDRESS, bytes([2, 0, 0, 0, 0, 9])) + self.info(data)
        return self.netlink.link(RTM_NEWLINK, 0, payload, create=F_CREATE | F_EXCL)

    def destroy(self):
        if os.path.isdir(f"/sys/class/net/{self.bond}"):
            self.must(self.netlink.link(RTM_DELLINK, socket.if_nametoindex(self.bond)))

    def flags(self, dev, flags):
        index = socket.if_nametoindex(dev)
        return self.netlink.link(RTM_NEWLINK, index, flags=flags, change=UP)

    def enslave(self, number, master=True):
        index = socket.if_nametoindex(self.name(number))
        self.flags(self.name(number), 0)
        to = socket.if_nametoindex(self.bond) if master else 0
        return self.netlink.link(RTM_NEWLINK, index, attr(IFLA_MASTER, struct.pack("I", to)))

    def build(self, mode, up, slaves):
        """A bond in that mode; its slaves, if any, are the first two devices."""
        self.destroy()
        self.must(self.create(attr(1, bytes([mode]))))
        if slaves:
            for number in (1, 2):
                self.must(self.enslave(number))
        if up:
            self.must(self.flags(self.bond, UP))

    def set(self, data):
        """IFLA_BOND_*, as they are."""
        return self.netlink.link(RTM_NEWLINK, socket.if_nametoindex(self.bond), self.info(data))

    def set_slave(self, number, data):
        index = socket.if_nametoindex(self.name(number))
        return self.netlink.link(RTM_NEWLINK, index, self.info(data, slave=True))

    def write(self, file, text):
        """The errno of writing the text into a file in bonding/."""
        return write(f"/sys/class/net/{self.bond}/bonding/{file}", text)

    def plain(self, text):
        """Without what only tells which of the two it is."""
        for number in range(4):
            text = text.replace(self.name(number), f"dev{number}")
        return text

    def index_of(self, payload):
        try:
            return self.plain(socket.if_indextoname(struct.unpack("I", payload)[0]))
        except OSError:
            return payload.hex()

    def folder(self, path, skip=()):
        found = {}
        for file in sorted(os.listdir(path)):
            if file in skip:
                continue
            with open(f"{path}/{file}", "rb") as f:
                found[file] = self.plain(f.read().decode(errors="replace"))
        return found

    def dump(self):
        """What netlink tells of the bond's settings."""
        state = {}
        info = attrs(self.netlink.show(self.bond))
        for number, payload in attrs(info.get(INFO_DATA, b"")).items():
            if number == AD_INFO or LACKED.get(number) in LACKS:
                continue
            interface = number in (2, 11)
            state[f"netlink {number}"] = self.index_of(payload) if interface else payload.hex()
        return state

    def raw(self, file):
        """The same and one file, as octets, which differ at least where the readings do."""
        if LACKS:
            return self.dump(), self.read(file)
        info = self.netlink.show(self.bond)
        try:
            with open(f"/sys/class/net/{self.bond}/bonding/{file}", "rb") as f:
                return info[info.find(b"bond\0") + 5 :], f.read()
        except FileNotFoundError:
            return info[info.find(b"bond\0") + 5 :], b""

    def read(self, file):
        """What a file in bonding/ says."""
        try:
            with open(f"/sys/class/net/{self.bond}/bonding/{file}", "rb") as f:
                return {f"sysfs {file}": self.plain(f.read().decode(errors="replace"))}
        except FileNotFoundError:
            return {}

    def state(self, skip=()):
        """All that can be read of the bond's settings, through each door."""
        state = self.dump()
        for file, text in self.folder(f"/sys/class/net/{self.bond}/bonding", skip).items():
            state[f"sysfs {file}"] = text
        return state

    def slave_state(self, number):
        """All that can be read of a slave."""
        state = {}
        dev = self.name(number)
        info = attrs(self.netlink.show(dev))
        for attribute, payload in attrs(info.get(INFO_SLAVE_DATA, b"")).items():
            if LACKED_OF_SLAVES.get(attribute) in LACKS:
                continue
            state[f"netlink {attribute}"] = payload.hex()
        folder = f"/sys/class/net/{dev}/bonding_slave"
        for file, text in self.folder(folder, OURS_OF_SLAVES).items():
            state[f"sysfs {file}"] = text
        return state

    def status(self):
        """The file in /proc, but for its first line."""
        with open(f"{self.proc}/{self.bond}") as f:
            return self.plain(f.read().split("\n", 1)[1])


def pair():
    netlink = Netlink()
    return (
        Side(netlink, "bond", "nat", "/proc/net/bonding"),
        Side(netlink, "rustbond", "our", "/proc/net/rustbond"),
    )


def code(number):
    return errno.errorcode.get(number, "ok") if number else "ok"
