#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which functions of the module can panic, of those that a packet runs through.

    objdump -dr --no-show-raw-insn rustbond.ko | panics.py ROOT...

A ROOT is a piece of a function's name. Follows every call, jump and mention from there to functions
of the module. Prints a line for each panic that can be reached, the functions on the way to it; then
how many functions there are.
"""

import bisect
import collections
import re
import sys

SECTION = re.compile(r"^Disassembly of section (.+):$")
FUNCTION = re.compile(r"^([0-9a-f]+) <(.+)>:$")
# The target that objdump names, with or without an offset into it.
DIRECT = re.compile(r"\s(?:call|jmp|j[a-z]+)\s+[0-9a-f]+ <([^>+]+)(?:\+0x[0-9a-f]+)?>")
RELOCATED = re.compile(r"R_X86_64_(\w+)\s+(\S+?)(?:([-+])0x([0-9a-f]+))?$")


def graph(lines):
    """The functions that each one names."""
    names, starts, places = collections.defaultdict(set), collections.defaultdict(list), []
    section = here = None
    for line in lines:
        if found := SECTION.match(line):
            section, here = found[1], None
        elif found := FUNCTION.match(line):
            here = found[2]
            names[here] = set()
            starts[section].append((int(found[1], 16), here))
        elif here and (found := RELOCATED.search(line)):
            kind, symbol, sign, offset = found.groups()
            if symbol.startswith("."):
                offset = int(f"{sign or '+'}{offset or 0}", 16)
                # What is relative is so to the end of its four bytes.
                places.append((here, symbol, offset + (0 if kind in ("32S", "32", "64") else 4)))
            else:
                names[here].add(symbol)
        elif here and (found := DIRECT.search(line)):
            names[here].add(found[1])
    for here, section, offset in places:
        at = bisect.bisect(starts[section], (offset, "\x7f")) - 1
        if at >= 0:
            names[here].add(starts[section][at][1])
    return names


def main(pieces):
    names = graph(sys.stdin)
    way = {}
    for piece in pieces:
        found = [name for name in names if piece in name]
        if not found:
            print(f"no function is called {piece}")
        way.update((name, (name,)) for name in found)
    todo = list(way)
    while todo:
        name = todo.pop()
        for target in sorted(names[name]):
            if "core9panicking" in target or target.startswith("core.panicking."):
                print(" -> ".join((*way[name], target)))
            elif target in names and target not in way:
                way[target] = (*way[name], target)
                todo.append(target)
    print(f"{len(way)} functions")


if __name__ == "__main__":
    main(sys.argv[1:])
