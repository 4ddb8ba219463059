#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""The commands of a page, and what the page says that they print.

    pages.py items PAGE FOLDER   a folder for each item, called by its number: a literal block, and
                                 behind all of them with --inline a command in the text. In it are
                                   title   page, line and first command
                                   scene   what has to be there before, as scenes.sh makes it
                                   skip    why it is not run
                                   in_text if it stands in the text
                                   script  commands without output, or
                                   N.cmd   the Nth command after a prompt ($ or #), and in
                                   N.want  what it prints
    pages.py alike WANT GOT      compares two files, line by line

In the source of a page, comments say more of the next literal block:

    .. scene: NAME               it needs that scene; without it, `bond`
    .. not run: REASON           it cannot be run in a guest
    .. not run: ``CMD``: REASON  nor can this command, in this page

In Markdown they stand between <!-- and -->. What differs from run to run is compared as a pattern:
percentages, versions, addresses that were drawn, and runs of blanks; `...` is any text.
"""

import os
import re
import sys

COMMENT = re.compile(r"^\s*(?:\.\.|<!--) (scene|not run): (.*?)(?: -->)?$")
COMMAND = re.compile(r"``((?:ip|cat|echo|grep|rustbond|ethtool|dmesg|modprobe|lsmod|modinfo|tcpdump) [^`]+)``")
VARIES = re.compile(r"""
    (?P<blanks>\ +)
    | (?P<dots>\.\.\.)
    | (?P<address>\b(?!02:00:00:00:0a)(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b)
    | (?P<version>\b\d+\.\d+\.\d[\w.+-]*)
    | (?P<share>\b\d+\.\d(?=\ %))
    """, re.X)
PATTERNS = {"blanks": " +", "dots": ".*", "address": "(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
            "version": r"\d+\.\d+[\w.+-]*", "share": r"\d+\.\d"}


def indent(line):
    return len(line) - len(line.lstrip())


class Page:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().expandtabs(8).split("\n")
        self.name = os.path.basename(path)
        self.markdown = path.endswith(".md")
        self.items, self.text, self.left_out = [], [], {}
        self.scan()

    def scan(self):
        at, remarks = 0, {}
        while at < len(self.lines):
            line = self.lines[at]
            found = COMMENT.match(line)
            if found:
                reason = re.match(r"``(.*)``: (.*)", found[2])
                if found[1] == "not run" and reason:
                    self.left_out[reason[1]] = reason[2]
                else:
                    remarks[found[1]] = found[2]
                at += 1
                continue
            self.text.append((at + 1, line))
            at += 1
            begin = self.block_after(at - 1)
            if begin is None:
                continue
            end = at = self.end_of(begin, indent(line))
            while not self.lines[end - 1].strip():
                end -= 1
            body = self.lines[begin:end]
            edge = min(indent(one) for one in body if one.strip())
            self.items.append((begin + 1, [one[edge:] for one in body], remarks))
            remarks = {}

    def block_after(self, at):
        """The line where a literal block begins if this one introduces it."""
        line, begin = self.lines[at], at + 1
        while begin < len(self.lines) and not self.lines[begin].strip():
            begin += 1
        if begin == at + 1 or begin == len(self.lines):
            return None
        if self.markdown:
            plain = line.strip() and indent(line) == 0 and not re.match(r"[-*|\d]", line)
            return begin if plain and indent(self.lines[begin]) >= 4 else None
        introduces = line.rstrip().endswith("::") and not line.lstrip().startswith(".. ")
        return begin if introduces and indent(self.lines[begin]) > indent(line) else None

    def end_of(self, begin, edge):
        least = 4 if self.markdown else edge + 1
        end = begin
        while end < len(self.lines) and (not self.lines[end].strip() or indent(self.lines[end]) >= least):
            end += 1
        return end

    def commands(self):
        """The commands in the text, as items."""
        text = "\n".join(line for _, line in self.text)
        for found in COMMAND.finditer(text):
            number = self.text[text.count("\n", 0, found.start())][0]
            command = re.sub(r"\s+", " ", found[1])
            if not re.search(r"\[?[A-Z]{4,}\]?$", command):
                yield number, [command], {"in text": ""}

    def write(self, folder, inline):
        items = self.items + (list(self.commands()) if inline else [])
        for count, (line, body, remarks) in enumerate(items, 1):
            self.write_item(os.path.join(folder, f"{count:02}"), line, body, remarks)

    def write_item(self, folder, line, body, remarks):
        os.makedirs(folder)

        def put(name, text):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text + "\n")

        kept = [one for one in body if one not in self.left_out]
        put("title", f"{self.name}:{line}: {(kept or body)[0]}")
        put("scene", remarks.get("scene", "bond"))
        if "in text" in remarks:
            put("in_text", "")
        if "not run" in remarks:
            return put("skip", remarks["not run"])
        if not kept:
            return put("skip", self.left_out[body[0]])
        if not re.match(r"[$#] ", kept[0]):
            return put("script", "\n".join(kept))
        count, want = 0, []
        for one in kept + ["$ "]:
            if re.match(r"[$#] ", one):
                if count:
                    put(f"{count}.want", "\n".join(want))
                count, want = count + 1, []
                if one != "$ ":
                    put(f"{count}.cmd", one[2:])
            else:
                want.append(one)
        return None


def pattern(line):
    parts, at = [], 0
    for found in VARIES.finditer(line):
        parts += [re.escape(line[at:found.start()]), PATTERNS[found.lastgroup]]
        at = found.end()
    return "".join(parts) + re.escape(line[at:])


def alike(want, got):
    with open(want, encoding="utf-8") as file:
        wanted = file.read().strip().split("\n")
    with open(got, encoding="utf-8") as file:
        # The time before a line of the log, and the line's number in bash's own messages.
        came = [re.sub(r"^\[ *\d+\.\d+\] |(?<=^bash: )line \d+: ", "", one) for one in file.read().strip().split("\n")]
    if len(wanted) == len(came) and all(re.fullmatch(pattern(w), g.rstrip()) for w, g in zip(wanted, came)):
        return 0
    print("the page says:", *wanted, "and it printed:", *came, sep="\n")
    return 1


def main(words):
    if words[0] == "alike":
        return alike(*words[1:])
    inline = words[1] == "--inline"
    page, folder = words[1 + inline:]
    Page(page).write(folder, inline)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
