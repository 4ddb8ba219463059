# SPDX-License-Identifier: GPL-2.0
#
# Listens to all records while somebody changes bonds, and compares: what was heard, what the family counts, and the
# state that follows from what was heard with the state there is.
#
#	churn.py SECONDS FILE		ends before if FILE appears; then, what it has found

import os
import sys
import time

from family import Family


def main():
    seconds, end = float(sys.argv[1]), sys.argv[2]
    family = Family(1 << 28)
    family.listen()
    print("listening", flush=True)
    bonds, heard, lost, gaps, broken = {}, 0, 0, 0, 0
    began = time.monotonic()
    ended = None
    while time.monotonic() - began < seconds and (ended is None or time.monotonic() - ended < 3):
        for record in family.heard(0.5):
            if record is None:
                lost += 1
                continue
            heard += 1
            bond = bonds.setdefault(record["bond"], {"seq": record["seq"] - 1, "state": {}})
            gaps += record["seq"] != bond["seq"] + 1
            bond["seq"] = record["seq"]
            if record["what"] == "member":
                # One that joins begins anew.
                bond["state"] = {key: value for key, value in bond["state"].items() if key[2] != record["slave"]}
            key = record["what"], record.get("option"), record.get("slave")
            was = bond["state"].get(key)
            broken += was is not None and was != record["from"]
            bond["state"][key] = record["to"]
            if ended is None and heard % 1000 == 0 and os.path.exists(end):
                break
        if ended is None and os.path.exists(end):
            ended = time.monotonic()
    now = Family()
    counted, other = 0, 0
    for bond in now.dump("bond-get"):
        told = bonds.get(bond["ifindex"], {"seq": 0, "state": {}})
        counted += bond["records"] - told["seq"]
        state = told["state"]
        other += state.get(("active", None, None), 0) != bond.get("active", 0)
        other += state.get(("carrier", None, None), 0) != bond["carrier"]
    links = {value: number for number, value in now.enums["link"].items()}
    usable = {value: number for number, value in now.enums["usability"].items()}
    for slave in now.dump("slave-get"):
        state = bonds[slave["bond"]]["state"]
        other += state.get(("link", None, slave["ifindex"]), 2) != links[slave["link"]]
        other += state.get(("usability", None, slave["ifindex"]), 0) != usable[slave["usability"]]
    print(f"{heard} records heard, {lost} times some were lost, {gaps} gaps, {broken} that do not go on from the "
          f"one before, {counted} counted and not heard, {other} otherwise than the state there is", flush=True)


main()
