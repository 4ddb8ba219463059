# SPDX-License-Identifier: GPL-2.0
"""The driver's own table of options, as 'make tables' has written it into options.json."""

import json
import os

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "options.json")) as f:
    _made = json.load(f)

# All that the table says, by the option's name.
OPTIONS = {option["name"]: option for option in _made["options"]}
# Files in bonding/ and in bonding_slave/ that native bonding does not have, and those in bonding/ that
# are only read.
OURS = tuple(file for option in OPTIONS.values() if option["ours"] for file in option["files"])
OURS_OF_SLAVES = tuple(_made["our_slave_readings"])
READINGS = tuple(_made["readings"])
# For struct.pack.
PACK = {"u8": "B", "u16": "H", "u32": "I", "s32": "i"}


def by_file(file):
    """The option that a file in bonding/ is of."""
    return next(option for option in OPTIONS.values() if file in option["files"])


def words(name):
    """The names that an option's numbers have."""
    return [word for word, _ in OPTIONS[name]["words"]]
