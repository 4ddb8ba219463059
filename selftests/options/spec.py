#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Holds the driver's table of options against the kernel's own description of rtnetlink: numbers, names
and payloads of the attributes. Prints KTAP.

    spec.py RT_LINK_YAML
"""

import sys

import yaml

sys.path.append(f"{sys.path[0]}/../lib")

from optiontable import OPTIONS

# What is read of a bond, or of a slave, and never set.
READ = {"ad-info"}
READ_OF_SLAVES = {
    "state", "mii-status", "link-failure-count", "perm-hwaddr", "ad-aggregator-id", "ad-actor-oper-port-state",
    "ad-partner-oper-port-state", "ad-churn-actor-state", "ad-churn-partner-state",
}
# Where the description is wrong or behind: what it makes of it, and what holds.
BEHIND = {
    "IFLA_BOND_SLAVE_PRIO: s32, the kernel's is u32": "NLA_S32 in bond_slave_policy, and negative ones are taken",
    "10, actor_port_prio: the kernel has none": "IFLA_BOND_SLAVE_ACTOR_PORT_PRIO of linux/if_link.h",
}


def payload(attribute):
    """What the table calls it."""
    of = attribute["type"], attribute.get("sub-type"), attribute.get("display-hint")
    nested = {"ipv4": "nested, four octets each", "ipv6": "nested, 16 octets each"}
    if of[0] == "indexed-array":
        return nested[of[2]]
    return "six octets" if of[2] == "mac" else of[0]


def compare(kernel, ours, read):
    """What differs: lines."""
    number = 0
    numbers = {option["attr"]: option for option in ours}
    for attribute in kernel["attributes"]:
        number = attribute.get("value", number + 1)
        if attribute["name"] in read:
            continue
        option = numbers.pop(number, None)
        if option is None:
            yield f"{number}, {attribute['name']}: no option has it"
            continue
        name = (kernel["name-prefix"] + attribute["name"]).replace("-", "_").upper()
        if option["attr_name"] != name:
            yield f"{number}: {option['attr_name']}, the kernel's is {name}"
        if option["width"] != payload(attribute):
            yield f"{name}: {option['width']}, the kernel's is {payload(attribute)}"
    for number, option in numbers.items():
        yield f"{number}, {option['name']}: the kernel has none"


def main():
    with open(sys.argv[1]) as f:
        sets = {s["name"]: s for s in yaml.safe_load(f)["attribute-sets"]}
    ours = [option for option in OPTIONS.values() if option["attr"] is not None]
    sides = (("of a bond", "linkinfo-bond-attrs", False, READ), ("of a slave", "bond-slave-attrs", True, READ_OF_SLAVES))
    print(f"KTAP version 1\n1..{len(sides) + 1}")
    failed, seen = False, set()
    for at, (text, name, of_slave, read) in enumerate(sides, 1):
        differs = list(compare(sets[name], [o for o in ours if o["of_slave"] == of_slave], read))
        wrong = [line for line in differs if line not in BEHIND]
        seen |= set(differs)
        failed |= bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {at} attributes {text}: as {name} of rt-link.yaml")
        for line in wrong:
            print(f"# {line}")
    mended = sorted(set(BEHIND) - seen)
    print(f"{'not ok' if mended else 'ok'} {len(sides) + 1} the description is behind where we know it is {mended or ''}".rstrip())
    sys.exit(failed or bool(mended))


main()
