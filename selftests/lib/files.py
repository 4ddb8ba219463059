# SPDX-License-Identifier: GPL-2.0
"""Files of the kernel's: one read, one write, and its errors as they are."""

import os


def read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def write(path, text):
    """In one piece, a text or bytes."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode() if isinstance(text, str) else text)
    finally:
        os.close(fd)
