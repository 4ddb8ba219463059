#!/usr/bin/env -S python3 -I
# SPDX-License-Identifier: GPL-2.0
"""Random histories of all that a user and a network can do to bonds, while others read, send and
talk LACP. The same seed makes the same history.

    churn.py SEED SECONDS [TRACE]

It ends when SECONDS have gone by, or up to four times as many until ENOUGH was done and as much
refused, with one line 'N done, M refused' on stdout; the first thing that is not as it should be
ends it, with status 1 and its reason and the operation's number. TRACE is a
file that gets every operation before it is done. See test_churn.sh for the devices it plays with.
"""

import errno
import os
import random
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [f"{HERE}/../options", f"{HERE}/../lib"]
from bonds import INFO_DATA, INFO_KIND, NESTED, Netlink, attr  # noqa: E402
from optiontable import OPTIONS as TABLE, PACK  # noqa: E402
import xdp  # noqa: E402
from files import read, write  # noqa: E402

KIND = os.environ.get("KIND", "rustbond")
NET = "/sys/class/net"
BONDS = ["b0", "b1", "b2"]
CABLES = [f"s{n}" for n in range(6)]
DUMMIES = [f"d{n}" for n in range(3)]
ODD = ["g0", "can0", "lo", "v7", "m0", "i0", "br0"]
IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_LINK, IFLA_MASTER, IFLA_LINKINFO = 1, 3, 4, 5, 10, 18
IFLA_NET_NS_FD = 28
NEWLINK, DELLINK = 16, 17
# What a history of any worth has of each; a machine that has others to serve may need longer.
ENOUGH = 20
CREATE, EXCL, UP = 0x400, 0x200, 1


def values(option):
    """What may be written of an option: some of it is always refused."""
    low, high = option["range"] or (0, len(option["words"]) - 1)
    return [word for word, _ in option["words"]] + [str(n) for n in (low, high, high + 1)] + ["none"]


# For each file in bonding/: what the table says, and what makes a better story.
OPTIONS = {file: values(option) for option in TABLE.values() for file in option["files"]}
OPTIONS |= {
    "miimon": ["0", "10", "50", "100", "-1"],
    "updelay": ["0", "50", "100", "300"],
    "downdelay": ["0", "50", "100"],
    "arp_interval": ["0", "20", "100", "99999999999"],
    "arp_ip_target": ["+192.0.2.1", "+192.0.2.2", "-192.0.2.1", "-192.0.2.9", "+0.0.0.0", "x"],
    "arp_missed_max": ["1", "2", "255", "0"],
    "primary": CABLES + ["", "nobody"],
    "active_slave": CABLES + ["", "nobody"],
    "resend_igmp": ["0", "1", "3", "256"],
    "num_grat_arp": ["0", "1", "5"],
    "peer_notif_delay": ["0", "100", "200"],
    "min_links": ["0", "1", "2", "9"],
    "lp_interval": ["1", "2"],
    "packets_per_slave": ["0", "1", "7"],
    "ad_actor_sys_prio": ["1", "65535", "0"],
    "ad_actor_system": ["02:00:00:00:00:77", "00:00:00:00:00:00", "01:00:00:00:00:01"],
    "ad_user_port_key": ["0", "5", "1024"],
    "queue_id": ["s0:1", "s1:0", "d0:2", "s0:999", "s0"],
    "slaves": [sign + name for sign in "+-" for name in CABLES + DUMMIES + ODD + BONDS],
}


def attributes():
    """Among those of netlink: the number, its width, and the first value that is not tried."""
    for option in TABLE.values():
        if option["width"] in PACK and not option["of_slave"]:
            last = 39 if option["kind"] == "interface" else values_end(option)
            yield option["attr"], PACK[option["width"]], min(last + 1, 1 << 8 * struct.calcsize(PACK[option["width"]]))
    yield 99, "I", 9


def values_end(option):
    """A number that is not allowed any more, or one that is large enough."""
    high = option["range"][1] if option["range"] else len(option["words"])
    return min(high + 1, 400)


ATTRIBUTES = list(attributes())


class Wrong(Exception):
    """Something is not as it should be."""


class Churn:
    def __init__(self, seed, trace):
        self.random = random.Random(seed)
        self.links = {"here": Netlink()}
        self.spaces = {}
        self.trace = trace
        # The bond and the device, where the operation makes a slave.
        self.joins = None
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.spaces["here"] = home
        for name in ("wire", "aside"):
            self.spaces[name] = os.open(f"/run/netns/{name}", os.O_RDONLY)
            self.enter(name)
            self.links[name] = Netlink()
        self.enter("here")
        # Weight and operation.
        table = [(getattr(self, name), weight) for name, weight in (
            ("create", 6), ("delete", 3), ("enslave", 22), ("release", 10), ("option", 24),
            ("request", 8), ("slave_file", 4), ("updown", 10), ("carrier", 10), ("partner", 5),
            ("address", 5), ("mtu", 5), ("rename", 2), ("away", 3), ("upper", 8), ("dummy", 5),
            ("listen", 4), ("program", 5), ("look", 8), ("unload", 1))]
        self.operations, self.weights = zip(*table)

    def enter(self, name):
        os.setns(self.spaces[name], os.CLONE_NEWNET)

    def pick(self, *lists):
        return self.random.choice([one for some in lists for one in some])

    def bond(self):
        return self.pick(BONDS)

    def link(self, verb, name, payload=b"", flags=0, change=0, create=0, space="here"):
        """A request; refused by OSError."""
        if verb == NEWLINK and create:
            index, payload = 0, attr(IFLA_IFNAME, name.encode() + b"\0") + payload
        else:
            self.enter(space)
            try:
                index = socket.if_nametoindex(name)
            finally:
                self.enter("here")
        code, text, _, _ = self.links[space].link(verb, index, payload, flags, change, create)
        if code:
            raise OSError(code, text or os.strerror(code))

    def info(self, kind, data=b""):
        data = attr(INFO_DATA | NESTED, data) if data else b""
        return attr(IFLA_LINKINFO | NESTED, attr(INFO_KIND, kind.encode() + b"\0") + data)

    # Each operation returns what it is in words and how to do it: the choice is made before, so
    # that a history is the same whatever became of its operations.

    def create(self):
        name, mode = self.bond(), self.random.randrange(8)
        data = attr(1, bytes([mode])) + attr(3, struct.pack("I", self.pick([0, 20, 100])))
        return f"create {name} mode {mode}", lambda: self.link(
            NEWLINK, name, self.info(KIND, data), flags=UP, change=UP, create=CREATE | EXCL)

    def delete(self):
        name = self.bond()
        return f"delete {name}", lambda: self.link(DELLINK, name)

    def no_address_for(self, bond, name):
        """In balance-tlb and balance-alb each slave has an address of its own. A device whose address
        another has, and for which none is left (a VLAN on the very bond, say), is refused by EFAULT,
        as by native bonding."""
        try:
            if read(f"{NET}/{bond}/bonding/mode").split()[0] not in ("balance-tlb", "balance-alb"):
                return False
            taken = [bond, *read(f"{NET}/{bond}/bonding/slaves").split()]
            mine = read(f"{NET}/{name}/address")
            return mine in [read(f"{NET}/{one}/address") for one in taken]
        except OSError:
            return False

    def enslave(self):
        bond, name = self.bond(), self.pick(CABLES, CABLES, DUMMIES, ODD, BONDS)
        down = self.random.random() < 0.8
        self.joins = (bond, name)

        def act():
            if down and name not in ("lo", "br0"):
                self.link(NEWLINK, name, change=UP)
            index = socket.if_nametoindex(bond)
            self.link(NEWLINK, name, attr(IFLA_MASTER, struct.pack("I", index)))

        return f"enslave {name} to {bond}", act

    def release(self):
        name = self.pick(CABLES, CABLES, DUMMIES, ODD)
        return f"release {name}", lambda: self.link(
            NEWLINK, name, attr(IFLA_MASTER, struct.pack("I", 0)))

    def option(self):
        bond, file = self.bond(), self.pick(OPTIONS)
        value = self.pick(OPTIONS[file])
        if file == "slaves" and value[0] == "+":
            self.joins = (bond, value[1:])
        return f"{bond}: {file} = {value!r}", lambda: write(f"{NET}/{bond}/bonding/{file}", value)

    def request(self):
        """One message with several attributes, of any length."""
        bond, data, words = self.bond(), b"", []
        for _ in range(self.random.randrange(1, 4)):
            number, width, bound = self.pick(ATTRIBUTES)
            value = self.random.randrange(bound)
            payload = struct.pack(width, value)
            if self.random.random() < 0.1:
                payload = payload[: self.random.randrange(len(payload))]
            words.append(f"{number}:{payload.hex()}")
            data += attr(number, payload)
        return f"{bond}: {' '.join(words)}", lambda: self.link(NEWLINK, bond, self.info(KIND, data))

    def slave_file(self):
        name, file = self.pick(CABLES, DUMMIES), self.pick(["prio", "queue_id", "actor_port_prio"])
        value = self.random.randrange(-3, 300)
        return f"{name}: {file} = {value}", lambda: write(
            f"{NET}/{name}/bonding_slave/{file}", str(value))

    def updown(self):
        name, state = self.pick(BONDS, BONDS, CABLES, DUMMIES, ["g0"]), self.pick([0, UP, UP])
        return f"{name} {'up' if state else 'down'}", lambda: self.link(
            NEWLINK, name, flags=state, change=UP)

    def carrier(self):
        name, state = self.pick(CABLES).replace("s", "w"), self.pick([0, UP, UP])
        return f"far end {name} {'up' if state else 'down'}", lambda: self.link(
            NEWLINK, name, flags=state, change=UP, space="wire")

    def partner(self):
        """The far end goes to the other bond, to the switch, or to nobody."""
        name, to = self.pick(CABLES).replace("s", "w"), self.pick(["pb", "sw", None])

        def act():
            self.link(NEWLINK, name, attr(IFLA_MASTER, struct.pack("I", 0)), space="wire")
            if to:
                self.link(NEWLINK, name, change=UP, space="wire")
                self.enter("wire")
                index = socket.if_nametoindex(to)
                self.enter("here")
                payload = attr(IFLA_MASTER, struct.pack("I", index))
                self.link(NEWLINK, name, payload, space="wire")
                self.link(NEWLINK, name, flags=UP, change=UP, space="wire")

        return f"far end {name} to {to}", act

    def address(self):
        name, last = self.pick(BONDS, CABLES, DUMMIES), self.random.randrange(256)
        first = self.pick([2, 2, 2, 2, 1, 0])
        mac = bytes([first, 0, 0, 0, 5, last])
        return f"{name} address {mac.hex(':')}", lambda: self.link(
            NEWLINK, name, attr(IFLA_ADDRESS, mac))

    def mtu(self):
        name, mtu = self.pick(BONDS, CABLES, DUMMIES), self.pick([1500, 1500, 1280, 576, 67, 9000, 70000])
        return f"{name} mtu {mtu}", lambda: self.link(
            NEWLINK, name, attr(IFLA_MTU, struct.pack("I", mtu)))

    def rename(self):
        """To another name and back, while it is what it is."""
        name = self.pick(BONDS, CABLES)

        def act():
            self.link(NEWLINK, name, attr(IFLA_IFNAME, b"other\0"))
            self.link(NEWLINK, "other", attr(IFLA_IFNAME, name.encode() + b"\0"))

        return f"rename {name}, twice", act

    def away(self):
        """Into another namespace and back."""
        name = self.pick(BONDS, CABLES, DUMMIES)

        def act():
            self.link(NEWLINK, name, attr(IFLA_NET_NS_FD, struct.pack("I", self.spaces["aside"])))
            self.link(NEWLINK, name, attr(IFLA_NET_NS_FD, struct.pack("I", self.spaces["here"])),
                      space="aside")

        return f"{name} to another namespace and back", act

    def upper(self):
        """A VLAN, a macvlan, an ipvlan, a bridge on a bond: comes or goes."""
        bond, what = self.bond(), self.pick(["v7", "m0", "i0", "br0"])
        add = self.random.random() < 0.6

        def act():
            if what == "br0":
                master = socket.if_nametoindex("br0") if add else 0
                self.link(NEWLINK, bond, attr(IFLA_MASTER, struct.pack("I", master)))
                return
            if not add:
                self.link(DELLINK, what)
                return
            under = attr(IFLA_LINK, struct.pack("I", socket.if_nametoindex(bond)))
            kind, data = {
                "v7": ("vlan", attr(1, struct.pack("H", 7))),
                "m0": ("macvlan", attr(1, struct.pack("I", 4))),
                "i0": ("ipvlan", attr(1, struct.pack("H", 0))),
            }[what]
            self.link(NEWLINK, what, under + self.info(kind, data), flags=UP, change=UP,
                      create=CREATE | EXCL)

        return f"{what} {'on' if add else 'off'} {bond}", act

    def dummy(self):
        """A device that is unplugged while it serves, or comes back."""
        name, gone = self.pick(DUMMIES), self.random.random() < 0.5
        if gone:
            return f"{name} unplugged", lambda: self.link(DELLINK, name)
        return f"{name} plugged in", lambda: self.link(
            NEWLINK, name, self.info("dummy"), create=CREATE | EXCL)

    def listen(self):
        """Promiscuous, multicast: by the flags and by an address."""
        name, flag, state = self.bond(), self.pick([0x100, 0x200]), self.pick([0, 1])
        return f"{name}: flag {flag:x} {state}", lambda: self.link(
            NEWLINK, name, flags=flag * state, change=flag)

    def program(self):
        """An XDP program: run by the driver, by the core, or taken off."""
        name, how = self.pick(BONDS, BONDS, CABLES), self.pick(["native", "native", "generic"])
        does = self.pick(["pass", "pass", "drop", "tx", "redirect:b1", "nothing", "nothing"])

        def act():
            fd = -1 if does == "nothing" else xdp.load(does)
            try:
                self.link(NEWLINK, name, xdp.request(fd, how))
            finally:
                if fd >= 0:
                    os.close(fd)

        return f"XDP on {name}: {how} {does}", act

    def look(self):
        bond = self.bond()

        def act():
            read(f"/proc/net/{'bonding' if KIND == 'bond' else KIND}/{bond}")
            for file in os.listdir(f"{NET}/{bond}/bonding"):
                read(f"{NET}/{bond}/bonding/{file}")

        return f"look at {bond}", act

    def unload(self):
        """The module goes, with all bonds there are, and comes back."""
        module = "bonding" if KIND == "bond" else KIND

        def act():
            for name in ("v7", "m0", "i0"):
                try:
                    self.link(DELLINK, name)
                except OSError:
                    pass
            if subprocess.run(["modprobe", "-r", module], check=False).returncode:
                raise OSError(errno.EBUSY, "the module is in use")
            subprocess.run(["modprobe", module], check=True)
            info = self.info(KIND, attr(1, bytes([4])) + attr(3, struct.pack("I", 50)))
            self.link(NEWLINK, "pb", info, flags=UP, change=UP, create=CREATE | EXCL, space="wire")

        return "unload and load", act

    def verify(self):
        """What must hold at any time, whatever was done."""
        for bond in BONDS:
            if not os.path.isdir(f"{NET}/{bond}/bonding"):
                continue
            slaves = read(f"{NET}/{bond}/bonding/slaves").split()
            linked = [name for name in os.listdir(NET) if os.path.exists(f"{NET}/{name}/master")
                      and os.path.basename(os.readlink(f"{NET}/{name}/master")) == bond]
            if sorted(slaves) != sorted(linked):
                raise Wrong(f"{bond} says its slaves are {slaves}, and they are {linked}")
            active = read(f"{NET}/{bond}/bonding/active_slave").strip()
            if active and active not in slaves:
                raise Wrong(f"{bond} has the active slave {active}, which is none of {slaves}")
            for name in slaves:
                flags = int(read(f"{NET}/{name}/flags"), 16)
                if not flags & 0x800:
                    raise Wrong(f"{name} is a slave of {bond} without IFF_SLAVE")
        for name in CABLES + DUMMIES:
            path = f"{NET}/{name}"
            if not os.path.exists(path) or os.path.exists(f"{path}/master"):
                continue
            flags = int(read(f"{path}/flags"), 16)
            if flags & 0x800:
                raise Wrong(f"{name} has no master and IFF_SLAVE")
            if os.path.exists(f"{path}/bonding_slave"):
                raise Wrong(f"{name} has no master and a folder bonding_slave")

    def run(self, seconds):
        end = time.monotonic() + seconds
        latest = end + 3 * seconds
        number = done = refused = 0
        tell = time.monotonic() + 10
        while time.monotonic() < (end if min(done, refused) > ENOUGH else latest):
            number += 1
            self.joins = None
            text, act = self.random.choices(self.operations, self.weights)[0]()
            begun = time.monotonic()
            if self.trace:
                print(number, text, file=self.trace, flush=True)
            try:
                act()
                done += 1
                if self.trace:
                    print(number, f"done, {time.monotonic() - begun:.3f} s", file=self.trace)
            except OSError as error:
                refused += 1
                refusable = error.errno == errno.EFAULT and self.joins and self.no_address_for(*self.joins)
                if error.errno in (errno.EFAULT, errno.ENOTRECOVERABLE) and not refusable:
                    raise Wrong(f"operation {number}, {text}: {error}") from error
                if self.trace:
                    print(number, "refused:", error, file=self.trace, flush=True)
            finally:
                self.enter("here")
            if number % 20 == 0:
                try:
                    self.verify()
                except FileNotFoundError:
                    pass
                except Wrong as wrong:
                    raise Wrong(f"after operation {number}, {text}: {wrong}") from wrong
            if time.monotonic() >= tell:
                tell += 10
                print(f"{max(0, int(end - time.monotonic()))} s to go: {done} done, {refused} refused",
                      flush=True)
        print(f"{done} done, {refused} refused")


if __name__ == "__main__":
    churn = Churn(int(sys.argv[1]), open(sys.argv[3], "w", encoding="ascii") if sys.argv[3:] else None)
    try:
        churn.run(float(sys.argv[2]))
    except Wrong as wrong:
        sys.exit(str(wrong))
