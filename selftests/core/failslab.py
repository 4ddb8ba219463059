#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Walks calls through each allocation failure that they can meet.

    failslab.py MOST SEED FILE KIND [MODE]...

Loads the module from the FILE, and does everything that can be done to a bond, in these modes.
The first line says how many points there are; then comes a line for each, `ok` or `not ok`.

A call is made again and again: the first time its first allocation fails, then its second, until
none is left to fail; or only MOST of them, which the seed chooses. Only those count that are made
by the driver, or by what it calls. Each time the call fails with ENOMEM and all is as it was, or it
succeeds and all is as it should be.

    failslab.py aim

Has only those count, of the module that is loaded, for whoever sets a probability.
"""

import ctypes
import errno
import os
import random
import re
import socket
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [f"{HERE}/../options", f"{HERE}/../lib"]
from bonds import F_CREATE, F_EXCL, IFLA_ADDRESS, IFLA_EXT_MASK, IFLA_IFNAME  # noqa: E402
from bonds import IFLA_LINKINFO, IFLA_MASTER, INFO_DATA, INFO_KIND, INFO_SLAVE_DATA  # noqa: E402
from bonds import INFO_SLAVE_KIND, NESTED, RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK  # noqa: E402
from bonds import Netlink, attr, attrs  # noqa: E402
from optiontable import OPTIONS, PACK, by_file  # noqa: E402
import xdp  # noqa: E402
from files import read, write  # noqa: E402

IFLA_MTU, IFLA_LINK, IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES = 4, 5, 31, 32
IFF_UP, IFF_RUNNING, IFF_PROMISC = 1, 0x40, 0x100
# Statistics, how often the carrier has changed, and what IPv6 counts; and what follows the carrier
# when the kernel finds the time, IFLA_OPERSTATE.
VOLATILE = {7, 16, 23, 26, 35, 47, 48}
PROMISCUITY = 30
MODULE = "rustbond"
# What it leaves where it can be seen.
PLACES = ["/sys/module/rustbond", "/proc/net/rustbond", "/proc/net/bonding"]
PLACES += ["/sys/class/net/rustbond_masters", "/sys/class/net/bonding_masters"]
# Of a slave, what LACP makes of it while time goes by: aggregator, states, churn.
BY_TIME = {6, 7, 8, 11, 12}
FINIT_MODULE, DELETE_MODULE = 313, 176
libc = ctypes.CDLL(None, use_errno=True)
FAULTS = "/sys/kernel/debug/failslab"
# Nothing has as many.
MOST = 100000
netlink = Netlink()


def link(dev, *attributes, flags=0, change=0, kind=RTM_NEWLINK, create=0):
    index = socket.if_nametoindex(dev) if dev else 0
    code = netlink.link(kind, index, b"".join(attributes), flags, change, create)[0]
    if code:
        raise OSError(code, os.strerror(code))


def u32(number, value):
    return attr(number, struct.pack("I", value))


def info(kind, *attributes):
    inner = attr(INFO_KIND, kind.encode() + b"\0") + attr(INFO_DATA | NESTED, b"".join(attributes))
    return attr(IFLA_LINKINFO | NESTED, inner)


def slave_info(kind, *attributes):
    inner = attr(INFO_SLAVE_KIND, kind.encode() + b"\0")
    return attr(IFLA_LINKINFO | NESTED, inner + attr(INFO_SLAVE_DATA | NESTED, b"".join(attributes)))


def make(kind, name, *attributes, address=None):
    hardware = attr(IFLA_ADDRESS, bytes.fromhex(address.replace(":", ""))) if address else b""
    name = attr(IFLA_IFNAME, name.encode() + b"\0")
    # Each queue is the same few allocations again.
    queues = u32(IFLA_NUM_TX_QUEUES, 1) + u32(IFLA_NUM_RX_QUEUES, 1)
    link("", name, hardware, queues, info(kind, *attributes), create=F_CREATE | F_EXCL)


def remove(dev):
    link(dev, kind=RTM_DELLINK)


def enslave(dev, master):
    link(dev, u32(IFLA_MASTER, socket.if_nametoindex(master) if master else 0))


def up(dev, on=True):
    link(dev, flags=IFF_UP if on else 0, change=IFF_UP)


def address(dev, text):
    link(dev, attr(IFLA_ADDRESS, bytes.fromhex(text.replace(":", ""))))


class Fault:
    """The Nth allocation of this thread fails."""

    def __init__(self):
        self.file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)

    def arm(self, number):
        self.number = number
        os.pwrite(self.file, b"%d" % number, 0)

    def disarm(self):
        """How many there were before the Nth one; None if there was that one."""
        left = int(os.pread(self.file, 20, 0).strip(b"\0\n"))
        os.pwrite(self.file, b"0", 0)
        return self.number - left if left else None


def only_within(start, end):
    """Allocations count when code from there is among their callers."""
    for name, value in {
        "ignore-gfp-wait": "N",
        "verbose": "0",
        "probability": "0",
        "times": "-1",
        "stacktrace-depth": os.environ.get("DEPTH", "16"),
        "require-start": f"{start:#x}",
        "require-end": f"{end:#x}",
    }.items():
        write(f"{FAULTS}/{name}", value)


def symbol(name):
    """Where a function of the kernel begins, and where the next one does."""
    begin, rest = 0, []
    for line in open("/proc/kallsyms"):
        at, kind, what = line.split()[:3]
        if kind in "tT" and "[" not in line:
            rest.append(int(at, 16))
            if what == name:
                begin = rest[-1]
    return begin, min(at for at in rest if at > begin)


def text_of(module):
    start = int(read(f"/sys/module/{module}/sections/.text").strip(), 16)
    size = next(int(line.split()[1]) for line in open("/proc/modules") if line.startswith(module + " "))
    return start, start + size


def timeless(linkinfo):
    """What a device is said to be, without what LACP goes through."""
    found = attrs(linkinfo)
    slave = attrs(found.get(INFO_SLAVE_DATA, b""))
    found[INFO_SLAVE_DATA] = {number: slave[number] for number in slave if number not in BY_TIME}
    return found


def state():
    """All that can be seen of the devices, and the same without what is made up by chance."""
    body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + u32(IFLA_EXT_MASK, 8)
    exact, loose = {}, {}
    for message in netlink.dump(RTM_GETLINK, body):
        found = attrs(message[16:])
        name = found[IFLA_IFNAME].rstrip(b"\0").decode()
        kind, _, flags = struct.unpack_from("=HiI", message, 2)
        seen = {number: found[number] for number in found if number not in VOLATILE}
        seen[IFLA_LINKINFO] = timeless(found.get(IFLA_LINKINFO, b""))
        seen["flags"], seen["type"] = flags & ~IFF_RUNNING, kind
        folder = f"/sys/class/net/{name}"
        seen["files"] = sorted(n for n in os.listdir(folder) if n.startswith(("lower_", "upper_", "bonding", "master")))
        seen["assign"] = read(f"{folder}/addr_assign_type")
        exact[name] = seen
        loose[name] = {k: v for k, v in seen.items() if k != IFLA_ADDRESS or seen["assign"] != "1\n"}
    exact["places"] = {place for place in PLACES if os.path.exists(place)}
    # It can do without its files in /proc.
    loose["places"] = {place for place in exact["places"] if not place.startswith("/proc")}
    groups = {tuple(line.split()[1:]) for line in open("/proc/net/dev_mcast")}
    exact["groups"] = groups
    return exact, loose


def unlike(one, other):
    """What differs, or an empty text."""
    text = []
    for name in sorted(one.keys() | other.keys()):
        a, b = one.get(name, {}), other.get(name, {})
        if a == b:
            continue
        if isinstance(a, set) or isinstance(b, set):
            text.append(f"{name}: lost {sorted(set(a) - set(b))}, new {sorted(set(b) - set(a))}")
            continue
        for key in sorted(a.keys() | b.keys(), key=str):
            if a.get(key) != b.get(key):
                text.append(f"{name} {key}: {a.get(key)!r} then {b.get(key)!r}")
    return "; ".join(text)


def becomes(want, which):
    """Waits for the state to be that, for what follows a change may take its time."""
    end = time.monotonic() + 5
    while True:
        found = unlike(want, state()[which])
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.02)


def settled():
    """The state when nothing moves any more."""
    last = state()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        time.sleep(0.12)
        now = state()
        if now == last:
            break
        last = now
    return last


def report(good, text, why=()):
    print("ok" if good else "not ok", text, flush=True)
    for line in why:
        print("#  ", line, flush=True)


def carry_out(point, most, chance):
    """Walks a call; how many times it failed, or did without."""
    fault = Fault()
    wrong, failed, tolerated = [], 0, 0
    # The first time leaves what no later one changes, as an entry that is not taken back.
    point.call()
    point.back()
    before = settled()
    fault.arm(MOST)
    point.call()
    there = fault.disarm()
    numbers = range(1, there + 2)
    done = settled()
    point.back()
    if len(numbers) > most:
        numbers = sorted(chance.sample(numbers, most))
    fresh = False
    for number in numbers:
        if not fresh:
            found = becomes(before[1], 1)
            if found:
                wrong.append(f"before {number}: {found}")
                break
            before = state()
        code = 0
        fault.arm(number)
        try:
            point.call()
        except OSError as error:
            code = error.errno
        through = fault.disarm() is not None
        fresh = bool(code)
        if code:
            failed += 1
            found = becomes(before[0], 0)
            if through or code not in point.errors:
                wrong.append(f"{number}: {errno.errorcode.get(code, code)}")
        else:
            tolerated += not through
            found = becomes(done[1], 1)
            point.back()
        if found:
            fresh = False
            wrong.append(f"{number} {'failed' if code else 'succeeded'}: {found}")
        if through or len(wrong) > 5:
            break
    what = f"{point.name}: of {there} allocations {failed} failed it, {tolerated} were done without"
    report(not wrong, what, wrong)
    return failed + tolerated


# netdev_register_kobject() names a device without a look at whether there was memory for the name;
# device_add() then refuses one without.
NAMELESS = [errno.EINVAL]
MAC = "02:00:00:00:0c:01"
OTHER = "02:00:00:00:0c:02"
B0 = "/sys/class/net/bond0/bonding/"


class Point:
    """A call to be walked; `back` undoes it. It fails with ENOMEM, or one of `also`."""

    def __init__(self, name, call, back, also=()):
        self.name, self.call, self.back = name, call, back
        self.errors = {errno.ENOMEM, errno.ENOBUFS, *also}


def options(kind):
    """What can be set of a bond without slaves, and how it is set back."""
    targets = [attr(at, socket.inet_aton(f"192.0.2.{at + 2}")) for at in range(2)]
    many = [attr(1, b"\1"), u32(7, 100), attr(8 | NESTED, b"".join(targets)), u32(9, 3), u32(10, 1)]
    many += [attr(12, b"\1"), u32(15, 4), attr(16, b"\2"), attr(17, b"\1")]
    masters = f"/sys/class/net/{'bonding' if kind == 'bond' else kind}_masters"

    def made():
        return make(kind, "bond0", address=MAC)

    def making(what, call):
        return Point(f"make {what}", call, lambda: remove("bond9"), NAMELESS)

    yield making("a bond", lambda: make(kind, "bond9", address=MAC))
    yield making("one with options", lambda: make(kind, "bond9", *many, address=MAC))
    yield making("one by sysfs", lambda: write(masters, "+bond9"))
    made()
    yield Point("remove one", lambda: remove("bond0"), made)
    for mode in "123456":
        yield Point(f"mode {mode}", lambda mode=mode: write(B0 + "mode", mode), lambda: write(B0 + "mode", "0"))
    for line in PLAIN.split(", "):
        name, value, other = line.split()
        yield Point(line, lambda n=name, v=value: write(B0 + n, v), lambda n=name, v=other: write(B0 + n, v))
    several = info(kind, u32(3, 50), u32(4, 100), u32(15, 4))
    back = info(kind, u32(4, 0), u32(3, 0), u32(15, 1))
    program = xdp.load("pass")
    put = [lambda fd=fd: link("bond0", xdp.request(fd, "native")) for fd in (program, -1)]
    yield Point("an XDP program", *put)
    os.close(program)
    yield Point("several at once", lambda: link("bond0", several), lambda: link("bond0", back))
    remove("bond0")
    yield Point("make a namespace", namespace, lambda: None)


def namespace():
    """Makes one, and leaves it."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        os.unshare(os.CLONE_NEWNET)
        os.setns(home, os.CLONE_NEWNET)
    finally:
        os.close(home)


def load(path, parameters):
    file = os.open(path, os.O_RDONLY)
    try:
        if libc.syscall(FINIT_MODULE, file, parameters.encode(), 0):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(file)


def unload():
    # What a namespace that ends holds of it goes in the background.
    for _ in range(200):
        if not libc.syscall(DELETE_MODULE, MODULE.encode(), os.O_NONBLOCK):
            return
        time.sleep(0.05)
    raise OSError(ctypes.get_errno(), "it cannot be unloaded")


def loading(path, kind):
    """Loading the module, as itself or in the place of native bonding."""
    parameters = "max_bonds=1 tx_queues=1 mode=1 miimon=100"
    if kind == "bond":
        parameters += " drop_in=1"
    yield Point(f"load with {parameters}", lambda: load(path, parameters), unload, NAMELESS)


# What can be set of any bond.
PLAIN = "miimon 50 0, arp_interval 100 0, packets_per_slave 3 1, resend_igmp 7 1, "
PLAIN += "xmit_hash_policy 2 0, min_links 1 0, fail_over_mac 1 0, all_slaves_active 1 0, "
PLAIN += "arp_ip_target +192.0.2.9 -192.0.2.9, lp_interval 9 1, primary_reselect 2 0, "
PLAIN += "num_grat_arp 7 1, ad_select 2 0, arp_all_targets 1 0"
# What can be set of a bond that has slaves and is no plain number: the option; its value, and what takes it
# back.
SPECIAL = [
    ("updelay", "200", "0"),
    ("downdelay", "200", "0"),
    ("peer_notif_delay", "200", "0"),
    ("use_carrier", "1", "1"),
    ("slaves", "-eth1", "+eth1"),
    ("ns_ip6_target", attr(0, bytes.fromhex("20010db8") + bytes(11) + b"\2"), b""),
    ("primary", "eth0", ""),
    ("prio", struct.pack("i", 5), struct.pack("i", 0)),
    ("ad_actor_system", OTHER, "00:00:00:00:00:00"),
    ("actor_port_prio", struct.pack("H", 5), struct.pack("H", 255)),
]
# What is set elsewhere here.
ELSEWHERE = {by_file(line.split()[0])["name"] for line in PLAIN.split(", ")} | {"mode", "active_slave", "queue_id"}


def numbers():
    """The same for the other options of the table: a number that is not the default, and that."""
    for option in OPTIONS.values():
        if option["kind"] == "number" and option["name"] not in ELSEWHERE | {row[0] for row in SPECIAL}:
            default = int(option["default"].split()[-1])
            low, high = option["range"] or (0, len(option["words"]) - 1)
            other = low if default > low else min(low + 5, high)
            if option["files"]:
                yield option["name"], str(other), str(default)
            else:
                yield option["name"], *(struct.pack(PACK[option["width"]], n) for n in (other, default))


SETTINGS = SPECIAL + list(numbers())


def not_walked():
    """Options of the table that nothing here sets."""
    return set(OPTIONS) - {row[0] for row in SETTINGS} - ELSEWHERE


def chosen(mode, on):
    """The rows for a mode, of a bond that is up or down; those that can be set while it is up then."""
    rows = [(row, OPTIONS[row[0]]) for row in SETTINGS]
    return [row for row, option in rows if on != option["down"] and mode in option["modes"]]


def setting(kind, name, value):
    option = OPTIONS[name]
    if option["files"]:
        write(B0 + name, value + "\n")
    elif option["of_slave"]:
        link("eth1", slave_info(kind, attr(option["attr"], value)))
    else:
        link("bond0", info(kind, attr(option["attr"], value)))


def settings(say, kind, mode, on):
    for name, value, back in chosen(mode, on):
        calls = [lambda n=name, v=v: setting(kind, n, v) for v in (value, back)]
        yield Point(f"{say}{name}", *calls)


def life(kind, mode):
    """What happens to a bond with slaves, in a mode."""
    # Who is left in balance-alb listens to all for a while.
    (VOLATILE.add if mode == 6 else VOLATILE.discard)(PROMISCUITY)
    say = f"mode {mode}: "

    def fresh():
        make(kind, "bond0", attr(1, bytes([mode])), u32(3, 100))
        up("bond0")
        # It listens to everything, and so do its slaves.
        link("bond0", flags=IFF_PROMISC, change=IFF_PROMISC)

    fresh()
    yield Point(say + "first slave", lambda: enslave("eth0", "bond0"), lambda: enslave("eth0", ""))
    address("bond0", MAC)
    enslave("eth0", "bond0")
    vlan("vlan5", "bond0", 5)
    yield Point(say + "second slave", lambda: enslave("eth1", "bond0"), lambda: enslave("eth1", ""))
    enslave("eth1", "bond0")
    yield Point(say + "release", lambda: enslave("eth1", ""), lambda: enslave("eth1", "bond0"))
    yield Point(say + "address", lambda: address("bond0", OTHER), lambda: address("bond0", MAC))
    mtu = [lambda n=n: link("bond0", u32(IFLA_MTU, n)) for n in (1400, 1500)]
    yield Point(say + "mtu", *mtu)
    yield Point(say + "vlan", lambda: vlan("vlan6", "bond0", 6), lambda: remove("vlan6"))
    yield Point(say + "down", lambda: up("bond0", False), lambda: up("bond0"))
    up("bond0", False)
    yield from settings(say, kind, mode, False)
    yield Point(say + "up", lambda: up("bond0"), lambda: up("bond0", False))
    up("bond0")
    if mode in (1, 5, 6):
        write(B0 + "active_slave", "eth0")
        active = [lambda n=n: write(B0 + "active_slave", n) for n in ("eth1", "eth0")]
        yield Point(say + "active_slave", *active)
    queue = [lambda n=n: write(B0 + "queue_id", f"eth1:{n}") for n in (1, 0)]
    yield Point(say + "queue_id", *queue)
    yield from settings(say, kind, mode, True)
    remove("bond0")


def vlan(name, lower, number):
    inner = attr(INFO_KIND, b"vlan\0") + attr(INFO_DATA | NESTED, attr(1, struct.pack("H", number)))
    link("", attr(IFLA_IFNAME, name.encode() + b"\0"), u32(IFLA_LINK, socket.if_nametoindex(lower)),
         attr(IFLA_LINKINFO | NESTED, inner), create=F_CREATE | F_EXCL)


def parts(path, kind, modes):
    """All there is to walk, and a first number: how much that is."""
    of_all = [9 + len(chosen(mode, True) + chosen(mode, False)) for mode in modes]
    yield 2 + 27 + sum(of_all) + sum(mode in (1, 5, 6) for mode in modes)
    # Where the kernel calls a module's own function.
    only_within(*symbol("do_one_initcall"))
    yield from (loading(path, name) for name in (kind, "bond"))
    load(path, "")
    only_within(*text_of(MODULE))
    yield options(kind)
    yield from (life(kind, mode) for mode in modes)


def carry(most, seed, path, kind, *modes):
    """Walks it."""
    total, walked, chance = 0, 0, random.Random(seed)
    only, whole = os.environ.get("ONLY", ""), os.environ.get("WHOLE", "$.")
    walks = parts(path, kind, [int(mode) for mode in modes] or range(7))
    count = next(walks)
    print(count + 2, flush=True)
    report(not not_walked(), "each option of the table is set", sorted(not_walked()))
    for part in walks:
        try:
            for point in part:
                if not re.search(only, point.name):
                    print("skip", point.name, flush=True)
                    continue
                all_of_it = re.search(whole, point.name)
                total += carry_out(point, MOST if all_of_it else int(most) or MOST, chance)
                walked += 1
        except OSError as error:
            report(False, "between the walks", [f"{type(error).__name__}: {error}"])
    report(2 * total > walked > 0, f"{total} allocations have failed")


if __name__ == "__main__":
    if sys.argv[1] == "aim":
        only_within(*text_of(MODULE))
    else:
        carry(*sys.argv[1:])
