#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Asks native bonding and ours the same by ioctl, one after the other, and compares answers and
errors; then what there is to read of slaves. Prints KTAP."""

import ctypes
import fcntl
import os
import re
import socket
import struct
import subprocess
import sys
import time

from bonds import UP, attr, code, pair

ENSLAVE, RELEASE, SETHWADDR, SLAVEINFO, INFO, CHANGEACTIVE = range(0x8990, 0x8996)
PRIVATE = 0x89F0
OLD = {
    ENSLAVE: PRIVATE,
    RELEASE: PRIVATE + 1,
    SETHWADDR: PRIVATE + 2,
    SLAVEINFO: PRIVATE + 11,
    INFO: PRIVATE + 12,
    CHANGEACTIVE: PRIVATE + 13,
}
MIIPHY, MIIREG, ETHTOOL = 0x8947, 0x8948, 0x8946
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def call(number, request):
    data = bytearray(request.ljust(40, b"\0"))
    try:
        fcntl.ioctl(sock, number, data, True)
    except OSError as error:
        return error.errno, bytes(data)
    return 0, bytes(data)


def named(side, number, dev):
    """A request with the name of another device."""
    return code(call(number, struct.pack("16s16s", side.bond.encode(), dev.encode()))[0])


def asking(side, number, given):
    """A request with a structure of the caller's."""
    buf = ctypes.create_string_buffer(given, len(given))
    at = ctypes.addressof(buf)
    err, _ = call(number, struct.pack("16sQ", side.bond.encode(), at))
    return code(err), side.plain(buf.raw.hex() if err else buf.raw.decode("latin1"))


def bad_pointer(side, number):
    return code(call(number, struct.pack("16sQ", side.bond.encode(), 8))[0])


def mii(side, number, register):
    request = struct.pack("16sHHHH", side.bond.encode(), 7, register, 0xAAAA, 0xBBBB)
    err, data = call(number, request)
    return code(err), data[16:24].hex()


def ethtool(side, *words):
    done = subprocess.run(["ethtool", *words, side.bond], capture_output=True, text=True)
    return done.returncode, side.plain(done.stdout)


def addresses(side):
    found = []
    for number in range(4):
        path = f"/sys/class/net/{side.name(number)}/address"
        found.append(open(path).read().strip() if os.path.exists(path) else "-")
    return found


def monitored(side, act):
    """The kinds of message about each device while `act` runs, in order, one of a row of equals."""
    monitor = subprocess.Popen(
        ["ip", "-o", "monitor", "link"], stdout=subprocess.PIPE, text=True
    )
    time.sleep(1)
    act()
    time.sleep(1)
    monitor.terminate()
    found = set()
    for line in monitor.communicate()[0].splitlines():
        line = side.plain(line)
        dev = re.search(r"\d+: (dev\d)", line)
        event = re.search(r" event ([A-Z ]+?) *(\\|$)", line)
        deleted = "deleted " if line.startswith("Deleted") else ""
        if dev:
            found.add(f"{dev.group(1)} {deleted}{event.group(1) if event else 'link'}")
    return sorted(found)


def cable(side):
    """The first two devices get a cable each: a dummy has no speed, which LACP wants to know."""
    side.destroy()
    for number in (1, 2):
        name, far = side.name(number), f"{side.letter}far{number}"
        mac = f"02:00:00:00:00:0{number}"
        for words in (
            f"del {name}",
            f"add {name} address {mac} type veth peer name {far}",
            f"set {far} up",
        ):
            subprocess.run(["ip", "link", *words.split()], check=True)


def steps(side):
    """Each a name and what one of the two answers."""
    for mode in range(7):
        side.build(mode, False, False)
        yield f"mode {mode}: info of a bond without slaves", lambda: asking(side, INFO, bytes(12))
        yield f"mode {mode}: info of slave 0", lambda: asking(side, SLAVEINFO, bytes(28))
    side.build(1, True, False)
    for new in (ENSLAVE, RELEASE, SETHWADDR, CHANGEACTIVE):
        yield f"{new:#x}: no such device", lambda: named(side, new, "nobody")
        yield f"{new:#x}: the bond itself", lambda: named(side, new, side.bond)
    yield "a device becomes a slave", lambda: named(side, ENSLAVE, side.name(1))
    yield "a device is a slave already", lambda: named(side, ENSLAVE, side.name(1))
    yield "another one, the old way", lambda: named(side, OLD[ENSLAVE], side.name(2))
    yield "a device that is up", lambda: (
        side.flags(side.name(3), UP)[0],
        named(side, ENSLAVE, side.name(3)),
        side.flags(side.name(3), 0)[0],
    )
    yield "who has which address", lambda: addresses(side)
    for number in (INFO, OLD[INFO]):
        yield f"{number:#x}: info", lambda: asking(side, number, bytes(12))
    for number in (SLAVEINFO, OLD[SLAVEINFO]):
        for at in (0, 1, 2, -1, 0x7FFFFFFF):
            given = struct.pack("i24x", at)
            yield f"{number:#x}: info of slave {at}", lambda: asking(side, number, given)
    yield "info: no memory of ours", lambda: bad_pointer(side, INFO)
    yield "info of a slave: no memory of ours", lambda: bad_pointer(side, SLAVEINFO)
    yield "another slave becomes active", lambda: named(side, CHANGEACTIVE, side.name(2))
    yield "it is", lambda: side.read("active_slave")
    yield "and the first again, the old way", lambda: named(side, OLD[CHANGEACTIVE], side.name(1))
    yield "it is", lambda: side.read("active_slave")
    yield "a device that is no slave cannot", lambda: named(side, CHANGEACTIVE, side.name(3))
    yield "the bond takes an address", lambda: named(side, SETHWADDR, side.name(3))
    yield "who has which address now", lambda: addresses(side)
    yield "a request that there is not", lambda: named(side, PRIVATE + 5, side.name(1))
    for register in (0, 1, 2, 31):
        yield f"MII: PHY, register {register}", lambda: mii(side, MIIPHY, register)
        yield f"MII: register {register}", lambda: mii(side, MIIREG, register)
    yield "ethtool", lambda: ethtool(side)
    yield "ethtool -T", lambda: ethtool(side, "-T")
    yield "the files of a slave", lambda: side.slave_state(1)
    yield "the files of the other", lambda: side.slave_state(2)
    yield "/proc", side.status
    yield "messages: another slave becomes active", lambda: monitored(
        side, lambda: side.write("active_slave", side.name(2).encode())
    )
    yield "messages: an option by a file", lambda: monitored(
        side, lambda: side.write("resend_igmp", b"5")
    )
    yield "messages: an option by netlink", lambda: monitored(
        side, lambda: side.set(attr(15, struct.pack("I", 6)))
    )
    yield "messages: a slave's option", lambda: monitored(
        side, lambda: side.set_slave(1, attr(9, struct.pack("i", 6)))
    )
    yield "messages: the active slave goes", lambda: monitored(
        side, lambda: side.enslave(2, master=False)
    )
    yield "messages: a device becomes a slave", lambda: monitored(side, lambda: side.enslave(2))
    yield "a slave is let go", lambda: named(side, RELEASE, side.name(1))
    yield "a device that is none is let go", lambda: named(side, RELEASE, side.name(1))
    yield "the last one, the old way", lambda: named(side, OLD[RELEASE], side.name(2))
    yield "its files are gone", lambda: os.path.exists(
        f"/sys/class/net/{side.name(1)}/bonding_slave"
    )
    yield "MII: no link any more", lambda: mii(side, MIIREG, 1)
    yield "ethtool of a bond without slaves", lambda: ethtool(side)
    cable(side)
    side.build(4, True, True)
    # Who is in churn is known after a minute; native knows no earlier that nobody is.
    time.sleep(70)
    yield "802.3ad: the files of a slave", lambda: side.slave_state(1)
    yield "802.3ad: ethtool", lambda: ethtool(side)
    side.build(3, True, True)
    yield "broadcast: ethtool", lambda: ethtool(side)


def answers(side):
    return [(name, act()) for name, act in steps(side)]


def main():
    native, ours = [answers(side) for side in pair()]
    print("KTAP version 1")
    print(f"1..{len(native)}")
    failed = 0
    for at, ((name, one), (_, other)) in enumerate(zip(native, ours), 1):
        good = one == other
        failed += not good
        print(f"{'ok' if good else 'not ok'} {at} {name}")
        if not good:
            print(f"#   native {one}")
            print(f"#   ours   {other}")
    print(f"# Totals: pass:{len(native) - failed} fail:{failed} xfail:0 xpass:0 skip:0 error:0")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
