#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Does what other files here do, without a start of Python for each time.

    serve.py NAME...

The names are those of files, without .py. Each line that comes in is one of them with words for
its main(); it is answered by what that prints and a last line, "= STATUS".
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

parts = {name: __import__(name) for name in sys.argv[1:]}
for line in sys.stdin:
    part, *words = line.split()
    status = 0
    try:
        parts[part].main(words)
    except SystemExit as end:
        status = 1
        print(end.code)
    except OSError as error:
        status = 1
        print(error.strerror)
    print("=", status, flush=True)
