#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs a command in a terminal of 100 columns and 30 lines, and does what stdin says, a line each:

    see TEXT        waits until it stands on the screen, up to 20 seconds
    key TEXT        types it
    run COMMAND     runs it in a shell beside
    print           prints the screen
    end             waits for the command's end, up to 20 seconds, and prints its exit status

    terminal.py COMMAND...
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

import pyte

COLUMNS, LINES, PATIENCE = 100, 30, 20

pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
    # Its size is there before the command looks.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
screen = pyte.Screen(COLUMNS, LINES)
stream = pyte.ByteStream(screen)


def read(seconds):
    """Takes what the command writes meanwhile; False at its end."""
    if not select.select([terminal], [], [], seconds)[0]:
        return True
    try:
        stream.feed(os.read(terminal, 65536))
    except OSError:
        return False
    return True


def until(done):
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end or not read(0.1):
            return done()
    return True


for line in sys.stdin:
    word, _, text = line.rstrip("\n").partition(" ")
    if word == "see":
        if not until(lambda: any(text in row for row in screen.display)):
            sys.exit("\n".join([f"never seen: {text}", *screen.display]))
    elif word == "key":
        os.write(terminal, text.encode())
    elif word == "run":
        subprocess.run(text, shell=True, check=True)
    elif word == "print":
        print("\n".join(row.rstrip() for row in screen.display).rstrip())
    elif word == "end":
        end = time.monotonic() + PATIENCE
        while read(0.1):
            if time.monotonic() > end:
                sys.exit("it goes on")
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
