#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sets every option of native bonding and of ours, through netlink and through sysfs, in all sorts
of situations, to values that are right, wrong and absurd; and compares what both answer and what
both read afterwards. Prints KTAP, one point an option and door, and a table.

    differ.py TABLE PAGE    TABLE: where the table goes; PAGE: what it should be
"""

import collections
import os
import struct
import sys

from better import BETTER, OLDER, SAME_VALUE
from bonds import LACKS, attr, code, index_of, pair
from optiontable import OPTIONS, OURS, PACK, READINGS, words

INT = 0x7FFFFFFF
MODES = words("mode")
# Name of the file if there is one, IFLA_BOND_* and its width, the words, the numbers' range.
Option = collections.namedtuple("Option", "name attr width words low high file")


def numbers():
    """Options with numbers, one by each of their files."""
    for o in sorted(OPTIONS.values(), key=lambda o: o["attr"] or 0):
        if o["kind"] != "number" or o["ours"]:
            continue
        low, high = o["range"] or (min(n for _, n in o["words"]), max(n for _, n in o["words"]))
        named = () if low == high or o["range"] else words(o["name"])
        for file in o["files"] or [o["name"]]:
            yield Option(file, o["attr"], PACK[o["width"]], named, low, high, bool(o["files"]))


# What native bonding of an older kernel does not know is no measure.
NUMBERS = [o for o in numbers() if o.name not in LACKS]
KNOWN = [row for what in LACKS for row in OLDER.get(what, ())] + BETTER

BITS = {"B": 8, "H": 16, "I": 32}


def number_cases(o):
    """What is written into the file, and what is sent."""
    middle = (o.low + min(o.high, o.low + 200)) // 2
    numbers = sorted({o.low - 1, o.low, middle, o.high, o.high + 1, -1, 0, 1, 2**31, 2**32})
    if o.file:
        for n in numbers:
            yield "sysfs", f"{n}", f"{n}\n".encode()
        for word in (*o.words, "default", "off", "on", "minval", "maxval", "misspelt"):
            yield "sysfs", word, f"{word}\n".encode()
        if o.words:
            yield "sysfs", "upper case", o.words[-1].upper().encode()
        good = str(middle).encode()
        yield "sysfs", "nothing", b"\n"
        yield "sysfs", "blanks", b" " + good + b" \n"
        yield "sysfs", "two words", good + b" " + good
        yield "sysfs", "a hexadecimal number", b"0x1\n"
        yield "sysfs", "a sign", b"+" + good
        yield "sysfs", "a fraction", good + b".5"
        yield "sysfs", "rubbish behind it", good + b"x"
        yield "sysfs", "octets", b"\xff\xfe\n"
    for n in numbers:
        if 0 <= n < 2 ** BITS[o.width]:
            yield "netlink", f"{n}", attr(o.attr, struct.pack("=" + o.width, n))
    yield "netlink", "no octet", attr(o.attr, b"")
    if o.width != "B":
        yield "netlink", "too short", attr(o.attr, b"\1")


def interface(side, word):
    return {
        "slave 1": side.name(1),
        "slave 2": side.name(2),
        "not a slave": side.name(3),
        "no interface": "nobody",
        "nothing": "",
        "no name": "a/b",
    }[word]


def special_cases(side):
    """Options that are no numbers: name, door, what to call it, what to do."""

    def write(file, text):
        return lambda: (side.write(file, text), "")

    def send(payload):
        return lambda: side.set(payload)[:2]

    def slave(number, payload):
        return lambda: side.set_slave(number, payload)[:2]

    for file, number in (("active_slave", 2), ("primary", 11)):
        for word in ("slave 2", "slave 1", "not a slave", "no interface", "nothing", "no name"):
            name = interface(side, word)
            yield file, "sysfs", word, write(file, name.encode() + b"\n")
            index = index_of(name) or (0 if word in ("nothing", "no name") else 99999)
            yield file, "netlink", word, send(attr(number, struct.pack("I", index)))
        yield file, "netlink", "too short", send(attr(number, b"\1"))
    # Adding, removing; more than there is room for.
    texts = ["+192.0.2.1", "+192.0.2.2", "+192.0.2.1", "-192.0.2.3", "-192.0.2.1", "192.0.2.9"]
    texts += ["+0.0.0.0", "+255.255.255.255", "+192.0.2", "+192.0.2.256", "+x", "", "+"]
    texts += ["-192.0.2.2"] + [f"+198.51.100.{n}" for n in range(1, 18)]
    for text in texts:
        yield "arp_ip_target", "sysfs", text or "nothing", write("arp_ip_target", text.encode())
    for text in [f"-198.51.100.{n}" for n in range(1, 17)]:
        yield "arp_ip_target", "sysfs", text, write("arp_ip_target", text.encode())

    def nest(number, payloads):
        body = b"".join(attr(n, payload) for n, payload in enumerate(payloads))
        return attr(number | 0x8000, body)

    def v4(*last):
        return [bytes([192, 0, 2, n]) for n in last]

    for word, payloads in {
        "one": v4(1),
        "two": v4(3, 4),
        "one twice": v4(5, 5),
        "none": [],
        "sixteen": v4(*range(1, 17)),
        "seventeen": v4(*range(1, 18)),
        "all zeroes": [bytes(4)],
        "all ones": [b"\xff" * 4],
        "too short": [b"\1\2"],
        "too long": [bytes([192, 0, 2, 1, 0, 0, 0, 0])],
    }.items():
        yield "arp_ip_target", "netlink", word, send(nest(8, payloads))

    def v6(*last):
        return [bytes.fromhex("20010db8") + bytes(11) + bytes([n]) for n in last]

    for word, payloads in {
        "one": v6(1),
        "two": v6(3, 4),
        "one twice": v6(5, 5),
        "none": [],
        "sixteen": v6(*range(1, 17)),
        "seventeen": v6(*range(1, 18)),
        "link-local": [bytes.fromhex("fe80") + bytes(13) + b"\1"],
        "multicast": [bytes.fromhex("ff02") + bytes(13) + b"\1"],
        "all zeroes": [bytes(16)],
        "too short": [b"\1\2"],
    }.items():
        yield "ns_ip6_target", "netlink", word, send(nest(31, payloads))
    for text in ("02:00:00:00:00:77", "00:00:00:00:00:00", "01:00:5e:00:00:01", "x", "02:00", ""):
        yield "ad_actor_system", "sysfs", text or "nothing", write("ad_actor_system", text.encode())
    for word, payload in {
        "an address": b"\2\0\0\0\0\x78",
        "zero": bytes(6),
        "a group": b"\1\0\x5e\0\0\1",
        "too short": b"\2\0",
        "too long": bytes(7),
    }.items():
        yield "ad_actor_system", "netlink", word, send(attr(26, payload))
    for text in ("dev1:3", "dev2:3", "dev1:0", "dev1:16", "dev1:x", "dev3:1", "dev1", ":1", ""):
        real = text.replace("dev", side.letter)
        yield "queue_id", "sysfs", text or "nothing", write("queue_id", real.encode())
    for n in (3, 0, 15, 16, 65535):
        yield "queue_id", "netlink", str(n), slave(1, attr(5, struct.pack("H", n)))
    for n in (7, -3, INT, -INT - 1):
        yield "prio", "netlink", str(n), slave(1, attr(9, struct.pack("i", n)))
    for n in () if "actor_port_prio" in LACKS else (0, 1, 255, 65535):
        yield "actor_port_prio", "netlink", str(n), slave(1, attr(10, struct.pack("H", n)))
    for text in ("+dev3", "+dev3", "-dev3", "-dev3", "+nobody", "dev1", "+", "", "-dev2", "+dev2"):
        real = text.replace("dev", side.letter)
        yield "slaves", "sysfs", text or "nothing", write("slaves", real.encode())


def known(name, door, value, answers, differ):
    """Why ours is better. `differ`: not only the answers, but also what is read afterwards."""
    for names, doors, values, native, ours, reason in KNOWN:
        if name in names.split() and door in doors.split() and (not values or value in values):
            if answers == (native, ours):
                return reason
    # What native refused has changed nothing there, and so it has here.
    if answers[1] == "ok" and not differ:
        return SAME_VALUE
    return None


class Tally:
    def __init__(self):
        self.rows = collections.OrderedDict()

    def row(self, name, door):
        return self.rows.setdefault((name, door), [0, collections.Counter(), []])

    def add(self, situation, name, door, value, native, ours, states):
        row = self.row(name, door)
        row[0] += 1
        diffs = []
        if native != ours:
            diffs.append(f"native {native}, ours {ours}")
        for key in sorted(set(states[0]) | set(states[1])):
            one, other = states[0].get(key), states[1].get(key)
            if one != other:
                diffs.append(f"{key}: native {one!r}, ours {other!r}")
        if not diffs:
            return True
        reason = known(name, door, value, (native, ours), len(diffs) > (native != ours))
        if reason:
            row[1][reason] += 1
        else:
            row[2].append(f"{situation}, {name}={value} by {door}: " + "; ".join(diffs[:4]))
        return False


def run(sides, tally, situation, build, all_values):
    """After each step, what netlink and the option's file say is compared; now and then, all."""
    clean = True

    def fresh():
        nonlocal clean
        for side in sides:
            build(side)
        clean = True

    def compare(name, door, value, codes, states):
        nonlocal clean
        if not tally.add(situation, name, door, value, *codes, states):
            # What differs now differs on and on.
            fresh()

    def step(name, door, value, acts):
        nonlocal clean
        answers = [act() for act in acts]
        codes = [code(answer[0]) for answer in answers]
        clean = clean and codes != ["ok", "ok"]
        raw = [side.raw(name) for side in sides]
        same = codes[0] == codes[1] and raw[0] == raw[1]
        states = ({}, {}) if same else [{**s.dump(), **s.read(name)} for s in sides]
        compare(name, door, value, codes, states)

    def whole(name):
        states = [side.state(OURS + READINGS) for side in sides]
        compare(name, "all readings", "", ("ok", "ok"), states)

    fresh()
    whole("(a new bond)")
    for o in NUMBERS:
        last = None
        for door, value, payload in number_cases(o):
            few = (f"{o.low}", f"{o.high}", f"{o.high + 1}", "misspelt")
            if not all_values and value not in few:
                continue
            if door == "sysfs":
                acts = [lambda s=s: (s.write(o.name, payload), "") for s in sides]
            else:
                acts = [lambda s=s: s.set(payload)[:2] for s in sides]
            step(o.name, door, value, acts)
        if all_values:
            whole(o.name)
        if not clean:
            fresh()
    last = None
    for (name, door, value, act), (_, _, _, other) in zip(*map(special_cases, sides)):
        if not all_values and (value in LONG or value.startswith(MANY)):
            continue
        if name != last:
            if last and all_values:
                whole(last)
            if not clean:
                fresh()
            last = name
        step(name, door, value, [act, other])
    whole(last if all_values else "(a used bond)")


# Where all values are tried; elsewhere these are left out.
FULL = ("active-backup", "802.3ad")
LONG = ("sixteen", "seventeen", "too long", "one twice")
MANY = ("+198", "-198")

# Mode, up, with two slaves.
SITUATIONS = [(mode, False, False) for mode in range(7)]
SITUATIONS += [(0, True, False), (1, True, True), (4, True, True), (6, True, True)]


def main(table, page):
    sides = pair()
    tally = Tally()
    for mode, up, slaves in SITUATIONS:
        text = f"{MODES[mode]}, {'up' if up else 'down'}, {'two slaves' if slaves else 'no slaves'}"
        full = not up and MODES[mode] in FULL
        run(sides, tally, text, lambda side: side.build(mode, up, slaves), full)
        print(f"# {text}", flush=True)
        for side in sides:
            side.destroy()
    failed = 0
    # The page is about native bonding of the newest kernel.
    points = len(tally.rows) + (not LACKS)
    print("KTAP version 1")
    print(f"1..{points}")
    lines = []
    for at, ((name, door), (count, reasons, bad)) in enumerate(tally.rows.items(), 1):
        verdict = "not ok" if bad else "ok"
        failed += bool(bad)
        other = sum(reasons.values())
        print(f"{verdict} {at} {name} by {door}: {count} cases, {other} otherwise")
        for line in bad[:12]:
            print(f"#   {line}")
        if len(bad) > 12:
            print(f"#   and {len(bad) - 12} more")
        lines.append((name, door, count, reasons))
    if not LACKS:
        text = written(lines)
        with open(table, "w") as f:
            f.write(text)
        same = os.path.exists(page) and open(page).read() == text
        failed += not same
        print(f"{'ok' if same else 'not ok'} {points} Documentation/options.rst says so")
    print(f"# Totals: pass:{points - failed} fail:{failed} xfail:0 xpass:0 skip:0 error:0")
    return 1 if failed else 0


HEAD = """.. SPDX-License-Identifier: GPL-2.0

===========================
Options: ours and native's
===========================

``make check T=options`` sets every option of native bonding and of rustbond side by side in one
kernel, through netlink and through the files in ``bonding/``, in every mode, and in some of them
also while the bond is up, without slaves and with two; to the ends of its range and beyond them,
and, in two of the modes, to each of its names and to all sorts of nonsense. After each step it
compares the error number and what netlink and the option's file say, and at the end (in two of the
modes after each option) everything that can be read. A case is the same if all of that is; one that
is not is counted under its reason, and without a reason it fails the test.

The test makes this page, and fails when it finds another than this one. To make it anew::

	scripts/vm --icount 3 --with python3 --out out --timeout 900 selftests/options/test_doors.sh
	cp out/options.rst Documentation/options.rst

"""


def written(lines):
    text = HEAD
    text += ".. list-table::\n   :header-rows: 1\n   :widths: 18 10 8 8 56\n\n"
    text += "   * - Option\n     - Door\n     - Cases\n     - Same\n     - Otherwise, and why\n"
    for name, door, count, reasons in lines:
        why = "; ".join(f"{n}: {reason}" for reason, n in sorted(reasons.items()))
        cells = (name, door, count, count - sum(reasons.values()), why)
        for column, cell in enumerate(cells):
            text += f"   {' ' if column else '*'} - {cell}".rstrip() + "\n"
    return text


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
