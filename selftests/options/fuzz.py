#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Random requests through every door of a bond: netlink for the bond and for a slave, a new bond,
the files in bonding/ and bonding_slave/, the file that makes bonds, ioctls. The option table,
compiled for this machine (rust/lag/examples/oracle.rs), says what must come of each, and it must:
the error number, the text and the attribute that is blamed, or what is read afterwards. What was
refused has changed nothing that can be read. Prints KTAP.

    fuzz.py ORACLE SECONDS SEED EPISODES

An episode is a new bond and some dozens of requests; its seed alone makes it. EPISODES 0: as many
as fit the time.
"""

import collections
import ctypes
import errno
import fcntl
import os
import random
import socket
import struct
import subprocess
import sys
import time

from bonds import AD_INFO, F_CREATE, F_EXCL, IFLA_ADDRESS, IFLA_EXT_MASK, IFLA_IFNAME
from bonds import IFLA_LINKINFO, IFLA_MASTER, INFO_DATA, INFO_KIND, INFO_SLAVE_DATA
from bonds import INFO_SLAVE_KIND, NESTED, RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK, SKIP_STATS, UP
from bonds import Netlink, attr, attrs, index_of, write

KIND, MASTERS = "rustbond", "/sys/class/net/rustbond_masters"
BOND, DUMMIES = "b0", ("d1", "d2", "d3")
STEPS = 40
# What the links and the time come to, not settings. Of slaves and of the bond.
MOVING_SLAVE = {1, 2, 3, 6, 7, 8, 11, 12}
MOVING_FILES = "mii_status ad_aggregator ad_num_ports ad_actor_key ad_partner_key".split()
MOVING_FILES += ["ad_partner_mac", "active_slave"]
SLAVE_FILES = "state mii_status link_failure_count perm_hwaddr queue_id".split()
SLAVE_FILES += ["ad_aggregator_id", "ad_actor_oper_port_state", "ad_partner_oper_port_state"]
IFLA_MTU, IFLA_TXQLEN, IFLA_NUM_TX_QUEUES = 4, 13, 31
IFF_UP, NLA_MSG_ROOM = 1, 80
ENSLAVE, RELEASE, SETHWADDR, SLAVEINFO, INFO, CHANGEACTIVE = range(0x8990, 0x8996)
PRIVATE, ETHTOOL, MIIPHY, MIIREG = 0x89F0, 0x8946, 0x8947, 0x8948
# ETHTOOL_G*, and requests to set what a bond has not.
ETHTOOL_ASKS = [1, 3, 5, 7, 0xA, 0xE, 0x10, 0x12, 0x14, 0x16, 0x18, 0x1B, 0x1D, 0x1E, 0x20]
ETHTOOL_ASKS += [0x23, 0x25, 0x27, 0x29, 0x2D, 0x37, 0x38, 0x3A, 0x3B, 0x3C, 0x3E, 0x40, 0x41]
ETHTOOL_ASKS += [0x42, 0x44, 0x46, 0x4C, 0x4E, 0x50]
ETHTOOL_ASKS += [2, 6, 8, 9, 0xC, 0xF, 0x11, 0x13, 0x1A, 0x1C, 0x33, 0x34, 0x3D, 0x45, 0x4D, 0x4F]

Option = collections.namedtuple("Option", "name attr slave width files low high words")


class Wrong(Exception):
    """The driver did otherwise than the table says."""


class Oracle:
    def __init__(self, path):
        self.pipe = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.options = [self.option(line) for line in self.lines("table")]

    def tell(self, text):
        self.pipe.stdin.write(text.encode() + b"\n")

    def ask(self, text):
        self.tell(text)
        self.pipe.stdin.flush()
        line = self.pipe.stdout.readline()
        if not line:
            raise SystemExit(f"the oracle died of: {text}")
        return line.decode().rstrip("\n")

    def lines(self, text):
        line = self.ask(text)
        while line != "end":
            yield line
            line = self.pipe.stdout.readline().decode().rstrip("\n")

    @staticmethod
    def option(line):
        name, where, width, files, low, high, words = line.split(" ")
        number = int(where.split(":")[1]) if where != "-" else 0
        split = lambda text: [] if text == "-" else text.split(",")
        slave = where.startswith("slave")
        return Option(name, number, slave, width, split(files), int(low), int(high), split(words))


def read(path):
    """A file in one read: its text, or its errno."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError as error:
        return error.errno
    try:
        return os.read(fd, 8192)
    except OSError as error:
        return error.errno
    finally:
        os.close(fd)


class Fuzz:
    def __init__(self, oracle, seconds):
        self.oracle, self.netlink = Oracle(oracle), Netlink()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.seconds = seconds
        self.options = self.oracle.options
        self.files = [(f, o) for o in self.options for f in o.files]
        self.by_name = {o.name: o for o in self.options}
        self.counts = collections.Counter()
        self.refused = collections.Counter()
        self.trace = []
        for dummy in DUMMIES:
            info = attr(IFLA_LINKINFO | NESTED, attr(INFO_KIND, b"dummy\0"))
            payload = attr(IFLA_IFNAME, dummy.encode() + b"\0") + info
            payload += attr(IFLA_ADDRESS, bytes([2, 0, 0, 0, 0, int(dummy[1:])]))
            self.must(self.netlink.link(RTM_NEWLINK, 0, payload, create=F_CREATE | F_EXCL))
        self.ipv6 = os.path.isdir("/proc/sys/net/ipv6")
        self.doors = {
            self.by_netlink: 24,
            self.by_file: 24,
            self.by_slave: 8,
            self.by_ioctl: 6,
            self.by_masters: 3,
            self.by_readonly_file: 2,
            self.by_ethtool: 2,
            self.by_mutation: 4,
            self.up_or_down: 5,
        }

    @staticmethod
    def must(answer):
        if answer[0]:
            raise Wrong(f"the setting fails: {errno.errorcode.get(answer[0])} {answer[1]}")

    # What there is to see.

    def link(self, name):
        """The attributes of a device, none if there is none."""
        body = struct.pack("BxHiII", 0, 0, index_of(name), 0, 0)
        answer = self.netlink.talk(RTM_GETLINK, 0, body + attr(IFLA_EXT_MASK, SKIP_STATS))
        return attrs(answer[3])

    def is_up(self, name):
        flags = read(f"/sys/class/net/{name}/flags")
        return isinstance(flags, bytes) and bool(int(flags, 16) & IFF_UP)

    def look(self):
        """All there is to read, as a dictionary: what is firm, and what moves by itself."""
        firm, moving = {}, {}
        for name in (BOND, *DUMMIES):
            found = self.link(name)
            for number in (IFLA_ADDRESS, IFLA_MTU, IFLA_TXQLEN, IFLA_MASTER, IFLA_NUM_TX_QUEUES):
                firm[name, "link", number] = found.get(number)
            firm[name, "up"] = self.is_up(name)
            info = attrs(found.get(IFLA_LINKINFO, b""))
            firm[name, "kind"] = info.get(INFO_KIND), info.get(INFO_SLAVE_KIND)
            if name == BOND:
                for number, payload in attrs(info.get(INFO_DATA, b"")).items():
                    (moving if number in (2, AD_INFO) else firm)[name, "attr", number] = payload
            for number, payload in attrs(info.get(INFO_SLAVE_DATA, b"")).items():
                to = moving if number in MOVING_SLAVE else firm
                to[name, "slave attr", number] = payload
        folder = f"/sys/class/net/{BOND}/bonding"
        for file in MOVING_FILES:
            moving[BOND, "file", file] = read(f"{folder}/{file}")
        for file, _ in self.files:
            if file not in MOVING_FILES:
                firm[BOND, "file", file] = read(f"{folder}/{file}")
        firm["masters"] = read(MASTERS)
        if self.u32(firm.get((BOND, "attr", 7))):
            # Links come and go, and with fail_over_mac addresses do.
            for name in (BOND, *DUMMIES):
                moving[name, "address"] = firm.pop((name, "link", IFLA_ADDRESS))
        return firm, moving

    @staticmethod
    def u32(payload):
        return struct.unpack("I", payload)[0] if payload else 0

    def members(self, seen):
        text = seen[0].get((BOND, "file", "slaves"))
        return text.decode().split() if isinstance(text, bytes) else []

    def tell_world(self, seen):
        firm, moving = seen
        tx_queues = self.u32(firm.get((BOND, "link", IFLA_NUM_TX_QUEUES))) or 1
        active = self.u32(moving.get((BOND, "attr", 2)))
        tell = self.oracle.tell
        tell(f"world {int(firm[BOND, 'up'])} {tx_queues} {int(self.ipv6)} {active}")
        for name in (BOND, "lo", *DUMMIES):
            if index_of(name):
                tell(f"dev {index_of(name)} {name}")
        for name in self.members(seen):
            value = lambda n, form: struct.unpack(form, firm.get((name, "slave attr", n)) or
                                                  bytes(struct.calcsize(form)))[0]
            # Up, and with the carrier that a dummy has as long as it is up.
            usable = moving.get((name, "slave attr", 2)) in (b"\0", b"\1") and firm[name, "up"]
            port_prio = self.port_prio.get(name, 255)
            if (name, "slave attr", 10) in firm:
                port_prio = value(10, "H")
            tell(f"slave {index_of(name)} {name} {int(usable)} {value(5, 'H')} {value(9, 'i')} "
                 f"{port_prio}")

    # What must be.

    def verdict(self, question, before):
        """The oracle's answer; both, if by the time it is asked the links have moved."""
        self.tell_world(before)
        return self.oracle.ask(question).split(" ", 3)

    def settle(self, what, question, act, point=None):
        """Does it, and compares all that comes of it. `point`: where in the request an attribute
        stands, by number. `act` answers as Netlink.link does."""
        self.trace.append(what)
        before = self.seen
        want = self.verdict(question, before)
        got = act()
        code, text, where = got[:3]
        if want[0] == "ok" and (want[1] != "-" or want[2] != "-"):
            return self.settle_action(what, want, code, before)
        must = 0 if want[0] == "ok" else -int(want[1])
        if code != must:
            # A link may have come or gone under the question.
            self.seen = self.look()
            if self.seen[1] == before[1] or code != self.code_of(self.verdict(question, self.seen)):
                raise Wrong(f"{what}: {self.word(code)}, must be {self.word(must)} ({want})")
            return self.start()
        if code:
            if point is not None and want[0] == "refused":
                if text != want[3][: NLA_MSG_ROOM - 1]:
                    raise Wrong(f"{what}: the text is {text!r}, must be {want[3]!r}")
                if where != point.get(int(want[2]), 0):
                    raise Wrong(f"{what}: it blames octet {where}, must be {point}, {want[2]}")
            return self.unchanged(what, before)
        self.oracle.tell("commit")
        if want[3] != "-":
            for number, word in zip((5, 9, 10), want[3].split(":")[1:]):
                if word != "-":
                    name = socket.if_indextoname(int(want[3].split(":")[0]))
                    self.expect_slave(what, name, number, int(word))
        self.agrees(what)

    @staticmethod
    def code_of(want):
        return 0 if want[0] == "ok" else -int(want[1])

    @staticmethod
    def word(code):
        return errno.errorcode.get(code, str(code)) if code else "ok"

    def expect_slave(self, what, name, number, value):
        if number == 10:
            self.port_prio[name] = value
        info = attrs(self.link(name).get(IFLA_LINKINFO, b""))
        got = attrs(info.get(INFO_SLAVE_DATA, b"")).get(number)
        form = {5: "H", 9: "i", 10: "H"}[number]
        # Port priorities are shown in 802.3ad only.
        if got is not None and struct.unpack(form, got)[0] != value:
            raise Wrong(f"{what}: attribute {number} of {name} is {got.hex()}, must be {value}")

    def settle_action(self, what, want, code, before):
        """What is not only a setting: another active slave, or one that comes or goes."""
        _, activate, membership, _ = want
        if membership != "-":
            name = socket.if_indextoname(int(membership[1:]))
            return self.settle_member(what, membership[0], name, code, before)
        if code:
            raise Wrong(f"{what}: {self.word(code)}, must be ok")
        self.oracle.tell("commit")
        self.agrees(what)
        active = self.u32(self.seen[1].get((BOND, "attr", 2)))
        calm = self.seen[0].get((BOND, "attr", 7)) == bytes(4)
        if activate != "reselect" and calm and active != int(activate):
            raise Wrong(f"{what}: the active slave is {active}, must be {activate}")

    def settle_member(self, what, sign, name, code, before):
        members = self.members(before)
        if sign == "+":
            must = 0
            if name == BOND:
                must = errno.EPERM
            elif name in members:
                must = errno.EBUSY
            elif before[0].get((name, "up"), True):
                must = errno.EPERM
            after = [*members, name]
        else:
            must = 0 if name in members else errno.EINVAL
            after = [member for member in members if member != name]
        if code != must:
            raise Wrong(f"{what}: {self.word(code)}, must be {self.word(must)}")
        if code:
            return self.unchanged(what, before)
        self.port_prio[name] = 255
        self.seen = self.look()
        if self.members(self.seen) != after:
            raise Wrong(f"{what}: the slaves are {self.members(self.seen)}, must be {after}")
        master = self.u32(self.seen[0].get((name, "link", IFLA_MASTER)))
        if master != (index_of(BOND) if sign == "+" else 0):
            raise Wrong(f"{what}: {name} has master {master}")
        self.agrees(what)

    def unchanged(self, what, before):
        self.refused[what.split(" ")[0]] += 1
        self.seen = self.look()
        self.same(what + " (refused)", before[0], self.seen[0])

    @staticmethod
    def same(what, want, got):
        for key in sorted(set(want) | set(got), key=str):
            if want.get(key) != got.get(key):
                raise Wrong(f"{what}: {key} is {got.get(key)!r}, must be {want.get(key)!r}")

    def agrees(self, what):
        """Everything that is read of the options is what the oracle has."""
        for _ in range(3):
            self.seen = seen = self.look()
            self.tell_world(seen)
            wrong = None
            shown = set()
            for line in self.oracle.lines("show"):
                door, name, text = line.split(" ")
                key = (BOND, door, int(name) if door == "attr" else name)
                shown.add(key)
                got = {**seen[0], **seen[1]}.get(key)
                if got != bytes.fromhex(text):
                    wrong = f"{what}: {key} is {got!r}, must be {bytes.fromhex(text)!r}"
                    break
            extra = [k for k in (*seen[0], *seen[1])
                     if k[:2] == (BOND, "attr") and k not in shown and k[2] != AD_INFO]
            if not wrong and extra:
                wrong = f"{what}: {extra} should not be there"
            if not wrong:
                return
            # The active slave may have changed between two readings of it.
        raise Wrong(wrong)

    # Doors.

    def start(self, rng=None):
        """A new bond, by netlink, with some options at once."""
        rng = rng or self.rng
        for _ in range(20):
            if index_of(BOND):
                self.must(self.netlink.link(RTM_DELLINK, index_of(BOND)))
            for dummy in DUMMIES:
                self.must(self.netlink.link(RTM_NEWLINK, index_of(dummy), flags=0, change=UP))
            self.port_prio = {}
            self.oracle.tell("new")
            data = self.attributes(rng, False) if rng.random() < 0.7 else b""
            if rng.random() < 0.7:
                data += attr(1, bytes([rng.randrange(7)]))
            self.seen = self.look()
            want = self.verdict(f"bond .{data.hex()}", self.seen)
            payload = attr(IFLA_IFNAME, BOND.encode() + b"\0")
            payload += attr(IFLA_ADDRESS, bytes([2, 0, 0, 0, 0, 9])) + self.info(data)
            self.trace.append(f"newlink {data.hex()}")
            got = self.netlink.link(RTM_NEWLINK, 0, payload, create=F_CREATE | F_EXCL)
            if got[0] != self.code_of(want):
                raise Wrong(f"newlink {data.hex()}: {self.word(got[0])}, must be {want}")
            self.counts["newlink"] += 1
            if got[0]:
                self.refused["newlink"] += 1
                if index_of(BOND):
                    raise Wrong("newlink: refused, and there it is")
                continue
            self.oracle.tell("commit")
            return self.agrees("newlink")
        raise Wrong("no bond can be made")

    def info(self, data, slave=False):
        kind, body = (INFO_SLAVE_KIND, INFO_SLAVE_DATA) if slave else (INFO_KIND, INFO_DATA)
        return attr(IFLA_LINKINFO | NESTED, attr(kind, KIND.encode() + b"\0") +
                    attr(body | NESTED, data))

    def number(self, rng, o):
        pick = rng.random()
        if pick < 0.6 and o.words and o.high == 0:
            return rng.randrange(len(o.words))
        if pick < 0.7:
            return rng.randint(o.low, min(o.high, o.low + 300))
        if pick < 0.8:
            return rng.choice((o.low, o.high, o.low - 1, o.high + 1, 0, 1))
        return rng.choice((rng.getrandbits(8), rng.getrandbits(16), rng.getrandbits(32)))

    def payload(self, rng, o):
        bits = {"U8": 8, "U16": 16, "U32": 32, "S32": 32}.get(o.width)
        if bits:
            value = self.number(rng, o)
            if o.name in ("active_slave", "primary"):
                names = (*DUMMIES, *DUMMIES, BOND, "lo", "nobody")
                value = rng.choice((index_of(rng.choice(names)), index_of(DUMMIES[0]), 0, 99999))
            data = (value % (1 << bits)).to_bytes(bits // 8, sys.byteorder)
        elif o.width == "Mac":
            data = rng.choice((bytes([2]) + rng.randbytes(5), rng.randbytes(6), bytes(6)))
        else:
            size = 4 if o.width == "Nested4" else 16
            data = b""
            for slot in range(rng.choice((0, 1, 1, 2, 3, 16, 17))):
                one = bytes([192, 0, 2, rng.randrange(1, 9)]) if size == 4 else (
                    bytes.fromhex("20010db8") + bytes(11) + bytes([rng.randrange(1, 9)]))
                if rng.random() < 0.1:
                    one = rng.choice((rng.randbytes(size), bytes(size), b"\xff" * size))
                if rng.random() < 0.05:
                    one = rng.randbytes(rng.randrange(40))
                data += attr(rng.choice((slot, rng.getrandbits(16))), one)
        pick = rng.random()
        if pick < 0.05:
            return data[: rng.randrange(len(data) + 1)]
        if pick < 0.10:
            return data + rng.randbytes(rng.choice((1, 3, 4, 60, 4000)))
        if pick < 0.12:
            return rng.randbytes(rng.randrange(64))
        return data

    def attributes(self, rng, slave):
        """A row of attributes, most of them as they should be."""
        mine = [o for o in self.options if o.attr and o.slave == slave]
        data = b""
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            pick = rng.random()
            if pick < 0.03:
                number = rng.choice((0, 23, 35, 36, 13, 255, 0x3FFF, rng.getrandbits(14)))
                data += attr(number, rng.randbytes(rng.randrange(20)))
                continue
            o = rng.choice(mine)
            number = o.attr | (NESTED if o.width.startswith("Nested") else 0)
            if pick < 0.06:
                number ^= rng.choice((NESTED, 0x4000))
            one = attr(number, self.payload(rng, o))
            if pick > 0.98:
                # Its length is a lie.
                one = struct.pack("H", rng.choice((0, 3, 5, len(one) + 4, 65535))) + one[2:]
            data += one
        if rng.random() < 0.03:
            data = data[: rng.randrange(len(data) + 1)]
        return data

    def places(self, data, start):
        """Where in a message the attributes stand, the last of each number."""
        found, at = {}, 0
        while at + 4 <= len(data):
            size, number = struct.unpack_from("HH", data, at)
            if size < 4 or size > len(data) - at:
                break
            found[number & 0x3FFF] = start + at
            at += (size + 3) & ~3
        return found

    # Headers of the message, of the link and of two nests, and the kind.
    def first(self):
        return 16 + 16 + 4 + 4 + (len(KIND) + 1 + 3 & ~3) + 4

    def by_netlink(self, rng):
        data = self.attributes(rng, False)
        act = lambda: self.netlink.link(RTM_NEWLINK, index_of(BOND), self.info(data))
        self.settle(f"netlink {data.hex()}", f"bond .{data.hex()}", act,
                    self.places(data, self.first()))

    def by_slave(self, rng):
        name = rng.choice(self.members(self.seen) or DUMMIES)
        data = self.attributes(rng, True)
        act = lambda: self.netlink.link(RTM_NEWLINK, index_of(name), self.info(data, slave=True))
        what = f"slave {name} {data.hex()}"
        if name in self.members(self.seen):
            return self.settle(what, f"port {index_of(name)} .{data.hex()}", act,
                               self.places(data, self.first()))
        self.refuses(what, act()[0])

    def refuses(self, what, code):
        """It must be refused, whatever the reason."""
        if not code:
            raise Wrong(f"{what}: was not refused")
        self.unchanged(what, self.seen)

    def text(self, rng, o):
        name = rng.choice((*DUMMIES, *DUMMIES, BOND, "lo", "nobody", "a/b", "x" * 20, ""))
        if o.width == "Nested4":
            body = f"{rng.choice('++-')}192.0.2.{rng.randrange(1, 20)}"
        elif o.width == "Mac":
            body = ":".join(f"{b:02x}" for b in self.payload(rng, o)[:8])
        elif o.name == "slaves":
            body = rng.choice("+++--") + name
        elif o.name == "queue_id":
            body = f"{name}:{rng.choice((0, 1, 2, 3, 15, 16, 17, 65536, rng.getrandbits(40)))}"
        elif o.name in ("active_slave", "primary"):
            body = name
        elif o.words and rng.random() < 0.5:
            body = rng.choice((*o.words, "default", "maxval", "on", o.words[0].upper()))
        else:
            body = str(self.number(rng, o))
        body = body.encode()
        pick = rng.random()
        if pick < 0.5:
            body += b"\n"
        elif pick < 0.56:
            body = rng.choice((b" ", b"\t", b"\n", b"\0", b"0x", b"+", b"-")) + body
        elif pick < 0.62:
            body += rng.choice((b" x", b"\0rest", b"\n\nmore", b":", b"\r\n", b"\xa0", b".5"))
        elif pick < 0.68:
            at = rng.randrange(len(body) + 1)
            body = body[:at] + rng.randbytes(1) + body[at + 1 :]
        elif pick < 0.72:
            body = rng.randbytes(rng.choice((1, 5, 40, 300)))
        elif pick < 0.74:
            body = (body or b"9") * rng.choice((30, 700, 5000))
        elif pick < 0.76:
            body = body[: rng.randrange(len(body) + 1)]
        return body

    def by_file(self, rng):
        file, o = rng.choice(self.files)
        if rng.random() < 0.15:
            file, o = "slaves", self.by_name["slaves"]
        text = self.text(rng, o) or b"\n"
        # The kernel takes one page.
        given = text[:4096]
        act = lambda: (write(f"/sys/class/net/{BOND}/bonding/{file}", text), "", 0)
        self.settle(f"file {file} {given[:80]!r}", f"file {file} .{given.hex()}", act)

    def by_readonly_file(self, rng):
        files = [f"{BOND}/bonding/{f}" for f in MOVING_FILES if f != "active_slave"]
        files += [f"{m}/bonding_slave/{f}" for m in self.members(self.seen) for f in SLAVE_FILES]
        file = rng.choice(files)
        self.refuses(f"read-only {file}", write(f"/sys/class/net/{file}", rng.randbytes(9)))
        if not isinstance(read(f"/sys/class/net/{file}"), bytes):
            raise Wrong(f"read-only {file}: cannot be read")

    def by_masters(self, rng):
        before = self.seen
        name = rng.choice((b"x1", b"x2", BOND.encode(), b"d1", b"lo", b"", b".", b"..", b"a/b",
                           b"x" * 15, b"x" * 16, b"a:b", b"a b", rng.randbytes(rng.randrange(20))))
        text = rng.choice((b"+", b"+", b"-", b"-", b"", b"*")) + name
        text = rng.choice((text, text + b"\n", b" " + text, text + b"\0", text * 400))
        if not text or len(text) > 4095:
            return
        what = f"masters {text[:60]!r}"
        self.trace.append(what)
        existing = os.listdir("/sys/class/net")
        code = write(MASTERS, text)
        space = b" \t\n\v\f\r\xa0"
        word = text.lstrip(b" \t\n\r\f")
        word = word[: next((at for at, b in enumerate(word) if b in b" \t\n\r\f\0"), len(word))]
        bare = word[1:]
        valid = 0 < len(bare) < 16 and bare not in (b".", b"..")
        valid = valid and not any(b in b"/:\0" or b in space for b in bare)
        known = bare.decode(errors="surrogateescape") in existing
        if word[:1] not in (b"+", b"-") or not valid:
            must = {errno.EPERM}
        elif word[:1] == b"+" and b"%" in bare:
            must = {0, errno.EINVAL}
        elif word[:1] == b"+":
            must = {errno.EEXIST} if known else {0}
        else:
            must = {0} if bare in before[0]["masters"].split() else {errno.ENODEV}
        if code not in must:
            raise Wrong(f"{what}: {self.word(code)}, must be {[self.word(c) for c in must]}")
        if code:
            return self.unchanged(what, before)
        if word[:1] == b"-":
            return self.start(rng)
        made = [name for name in os.listdir("/sys/class/net") if name not in existing]
        if len(made) != 1 or b"%" not in bare and os.fsencode(made[0]) != bare:
            raise Wrong(f"{what}: made {made}")
        self.must(self.netlink.link(RTM_DELLINK, int(read(f"/sys/class/net/{made[0]}/ifindex"))))
        self.unchanged(what, before)

    def ioctl(self, number, request):
        data = bytearray(request.ljust(40, b"\0"))
        try:
            fcntl.ioctl(self.sock, number, data, True)
        except OSError as error:
            return error.errno, bytes(data)
        return 0, bytes(data)

    def by_ioctl(self, rng):
        before = self.seen
        number = rng.choice((ENSLAVE, ENSLAVE, RELEASE, SETHWADDR, SLAVEINFO, INFO, CHANGEACTIVE,
                             PRIVATE + rng.randrange(16), MIIPHY, MIIREG, 0x8996, 0x899F))
        new = {PRIVATE: ENSLAVE, PRIVATE + 1: RELEASE, PRIVATE + 2: SETHWADDR,
               PRIVATE + 11: SLAVEINFO, PRIVATE + 12: INFO, PRIVATE + 13: CHANGEACTIVE}
        meant = new.get(number, number)
        members = self.members(before)
        what = f"ioctl {number:#x}"
        if meant in (SLAVEINFO, INFO):
            return self.by_asking(rng, what, number, meant, members)
        if meant in (MIIPHY, MIIREG):
            code, _ = self.ioctl(number, struct.pack("16s", BOND.encode()) + rng.randbytes(16))
            if code:
                raise Wrong(f"{what}: {self.word(code)}")
            return self.unchanged(what, before)
        name = rng.choice((*DUMMIES, *DUMMIES, BOND, "lo", "nobody", ""))
        raw = rng.choice((name.encode(), name.encode(), rng.randbytes(16)))
        what += f" {raw!r}"
        # One octet is the kernel's: it ends the name.
        asked = raw[:15].split(b"\0")[0].decode(errors="surrogateescape")
        act = lambda: self.ioctl(number, struct.pack("16s16s", BOND.encode(), raw))[0]
        if meant not in (ENSLAVE, RELEASE, SETHWADDR, CHANGEACTIVE):
            return self.refuses(what, act())
        if not asked or asked not in os.listdir("/sys/class/net"):
            code = act()
            if code != errno.ENODEV:
                raise Wrong(f"{what}: {self.word(code)}, must be ENODEV")
            return self.unchanged(what, before)
        if meant == CHANGEACTIVE:
            text = f"file active_slave .{asked.encode().hex()}"
            return self.settle(what, text, lambda: (act(), "", 0))
        if meant == SETHWADDR:
            return self.adopted(what, asked, act())
        if asked == "lo":
            return self.refuses(what, act())
        self.settle_member(what, "+" if meant == ENSLAVE else "-", asked, act(), before)

    def adopted(self, what, name, code):
        """The bond has the address of the device, and nothing else is otherwise."""
        before = self.seen
        if code:
            return self.unchanged(what, before)
        self.seen = self.look()
        mac = self.link(name).get(IFLA_ADDRESS)
        here = (BOND, "link", IFLA_ADDRESS)
        self.same(what, {**before[0], here: mac} if here in before[0] else before[0], self.seen[0])

    def by_asking(self, rng, what, number, meant, members):
        at = rng.choice((0, 1, 2, 3, -1, 1 << 30))
        buf = ctypes.create_string_buffer(struct.pack("i24x", at), 28)
        where = ctypes.addressof(buf) if rng.random() < 0.8 else rng.choice((0, 8, (1 << 47) - 3))
        code, _ = self.ioctl(number, struct.pack("16sQ", BOND.encode(), where))
        if where != ctypes.addressof(buf):
            must = errno.EFAULT
        elif meant == INFO:
            must = 0
            mode, count, _ = struct.unpack_from("iii", buf.raw)
            if not code and (count != len(members) or mode != self.mode()):
                raise Wrong(f"{what}: {mode} with {count} slaves, not {self.mode()}, {members}")
        else:
            must = 0 if 0 <= at < len(members) else errno.ENODEV
            name = struct.unpack_from("i16s", buf.raw)[1].rstrip(b"\0").decode()
            if not code and name != members[at]:
                raise Wrong(f"{what}: slave {at} is {name}, must be {members[at]}")
        if code != must:
            raise Wrong(f"{what} {at}: {self.word(code)}, must be {self.word(must)}")
        self.unchanged(what, self.seen)

    def mode(self):
        return self.seen[0][BOND, "attr", 1][0]

    def by_ethtool(self, rng):
        """Answers and errors are the kernel's; the bond is as it was."""
        command = rng.choice(ETHTOOL_ASKS)
        room = bytearray(1 << 16)
        start = struct.pack("I", command) + rng.randbytes(rng.choice((0, 4, 40)))
        room[: len(start)] = start
        buf = (ctypes.c_char * len(room)).from_buffer(room)
        name = rng.choice((BOND, *self.members(self.seen)))
        if name != BOND:
            command = ETHTOOL_ASKS[0]
        self.ioctl(ETHTOOL, struct.pack("16sQ", name.encode(), ctypes.addressof(buf)))
        before, self.seen = self.seen, self.look()
        self.same(f"ethtool {command:#x}", before[0], self.seen[0])

    def by_mutation(self, rng):
        """Broken at any place, nests and kinds too. Refused, it has changed nothing; taken, it is
        whatever it has become."""
        slave = bool(self.members(self.seen)) and rng.random() < 0.3
        name = rng.choice(self.members(self.seen)) if slave else BOND
        payload = bytearray(self.info(self.attributes(rng, slave), slave))
        for _ in range(rng.choice((1, 1, 2, 5))):
            at = rng.randrange(4, len(payload))
            payload[at] ^= 1 << rng.randrange(8)
        if rng.random() < 0.2:
            payload = payload[: rng.randrange(5, len(payload) + 1)]
            payload[0:2] = struct.pack("H", len(payload))
        if rng.random() < 0.1:
            payload = bytearray(attr(IFLA_LINKINFO | NESTED, bytes(payload)))
        what = f"mutation of {name} {payload.hex()}"
        self.trace.append(what)
        code = self.netlink.link(RTM_NEWLINK, index_of(name), bytes(payload))[0]
        if code:
            return self.unchanged(what, self.seen)
        self.start(rng)

    def up_or_down(self, rng):
        up = rng.random() < 0.6
        self.must(self.netlink.link(RTM_NEWLINK, index_of(BOND), flags=UP * up, change=UP))
        self.agrees("up" if up else "down")

    def episode(self, seed):
        self.rng = rng = random.Random(seed)
        self.trace = []
        self.start(rng)
        for name in DUMMIES[: rng.choice((0, 0, 2, 3))]:
            self.settle(f"slaves +{name}", f"file slaves .{('+' + name).encode().hex()}",
                        lambda n=name: (write(f"/sys/class/net/{BOND}/bonding/slaves",
                                              b"+" + n.encode()), "", 0))
        doors, weights = zip(*self.doors.items())
        for _ in range(STEPS):
            door = rng.choices(doors, weights)[0]
            self.counts[door.__name__] += 1
            self.trace.append(door.__name__)
            door(rng)

    def run(self, seed, episodes):
        end = time.monotonic() + self.seconds
        done = 0
        while done < episodes if episodes else time.monotonic() < end:
            try:
                self.episode(seed + done)
            except Wrong as wrong:
                return done, f"SEED={seed + done} EPISODES=1: {wrong}"
            done += 1
        return done, None


def main(oracle, seconds, seed, episodes):
    fuzz = Fuzz(oracle, float(seconds))
    print("KTAP version 1")
    doors = [door.__name__ for door in fuzz.doors]
    refusing = ("netlink", "slave", "file", "ioctl", "masters", "read-only", "mutation")
    print(f"1..{1 + 1 + len(doors) + len(refusing)}")
    done, wrong = fuzz.run(int(seed), int(episodes))
    points = [(f"{done} random histories from SEED={seed}: as the table says", not wrong)]
    for door in ("newlink", *doors):
        # Of few histories not each has each.
        many = fuzz.counts[door] or int(episodes)
        points.append((f"{door.removeprefix('by_')}: {fuzz.counts[door]} requests", many))
    for door in refusing:
        points.append((f"{door}: {fuzz.refused[door]} refused", fuzz.refused[door] or int(episodes)))
    failed = 0
    for at, (text, good) in enumerate(points, 1):
        failed += not good
        print(f"{'ok' if good else 'not ok'} {at} {text}")
        if at == 1 and wrong:
            print(f"#   {wrong}")
            for line in fuzz.trace[-12:]:
                print(f"#   before: {line[:300]}")
    print(f"# Totals: pass:{len(points) - failed} fail:{failed} xfail:0 xpass:0 skip:0 error:0")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
