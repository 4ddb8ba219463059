#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Loads native bonding and ours with the same parameters, good and bad, and compares whether they
load and what a new bond then starts with. Prints KTAP, one point a line of parameters."""

import os
import subprocess
import sys

sys.path.append(f"{sys.path[0]}/../lib")

from optiontable import OPTIONS, OURS

# Parameters, and None, or why ours is otherwise: then it is refused where native is not ("refused")
# or the files named read otherwise.
CASES = [
    ("", None),
    ("mode=1", None),
    ("mode=active-backup miimon=50 updelay=100 downdelay=200", None),
    ("mode=active-backup miimon=100 updelay=250", None),
    ("mode=802.3ad lacp_rate=fast ad_select=bandwidth min_links=2", None),
    ("mode=4", None),
    ("mode=balance-tlb", None),
    ("mode=balance-alb lp_interval=7", None),
    ("mode=7", None),
    ("mode=-1", None),
    ("mode=nonsense", None),
    ("mode=2 xmit_hash_policy=layer3+4", None),
    ("mode=2 xmit_hash_policy=9", None),
    ("mode=0 xmit_hash_policy=nonsense", None),
    ("mode=1 lacp_rate=nonsense", None),
    ("mode=4 lacp_rate=nonsense", None),
    ("mode=4 ad_select=3", None),
    ("ad_select=nonsense", None),
    ("miimon=-1", None),
    ("miimon=100 use_carrier=0", None),
    ("use_carrier=1", None),
    ("num_grat_arp=5", None),
    ("num_unsol_na=7", None),
    ("num_grat_arp=256", None),
    ("num_grat_arp=-1", None),
    ("resend_igmp=9", None),
    ("resend_igmp=256", None),
    ("all_slaves_active=1", None),
    ("all_slaves_active=2", None),
    ("packets_per_slave=8", None),
    ("packets_per_slave=65536", None),
    ("packets_per_slave=0", None),
    ("tx_queues=4", None),
    ("tx_queues=0", None),
    ("tx_queues=256", None),
    ("lp_interval=0", None),
    ("lp_interval=30", None),
    ("min_links=3", None),
    ("arp_interval=100", None),
    ("arp_interval=100 arp_ip_target=192.0.2.1", None),
    ("arp_interval=100 arp_ip_target=192.0.2.1,192.0.2.2", None),
    ("arp_interval=100 arp_ip_target=192.0.2.1,192.0.2.1", None),
    ("arp_interval=100 arp_ip_target=nonsense", None),
    ("arp_interval=100 arp_ip_target=255.255.255.255", None),
    ("arp_interval=-5 arp_ip_target=192.0.2.1", None),
    ("miimon=100 arp_interval=100 arp_ip_target=192.0.2.1", None),
    ("mode=1 arp_interval=100 arp_ip_target=192.0.2.1 arp_validate=all", None),
    ("mode=1 arp_interval=100 arp_ip_target=192.0.2.1 arp_validate=nonsense", None),
    ("mode=1 arp_validate=all", None),
    ("mode=1 arp_interval=100 arp_ip_target=192.0.2.1 arp_all_targets=all", None),
    ("arp_all_targets=nonsense", "native calls it an error, and loads with another value"),
    ("mode=4 arp_interval=100 arp_ip_target=192.0.2.1", None),
    ("mode=1 fail_over_mac=active", None),
    ("mode=1 fail_over_mac=2", None),
    ("mode=0 fail_over_mac=1", None),
    ("fail_over_mac=nonsense", None),
    ("mode=1 primary=eth0 primary_reselect=better", None),
    ("mode=1 primary=eth0 primary_reselect=nonsense", None),
    ("mode=0 primary=eth0 primary_reselect=nonsense", None),
    ("primary_reselect=nonsense", None),
    ("max_bonds=-1", None),
    ("nonsense=1", None),
]

# What native bonding of an older kernel takes or refuses otherwise: selftests/lib/native.sh.
OLDER = {
    "actor_port_prio": {"mode=4 ad_select=3": "native has no actor_port_prio to select by"},
    "carrier_only": {"miimon=100 use_carrier=0": "native still has a way without carrier"},
}

def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def log_lines():
    return run("dmesg").stdout.splitlines()


def load(module, kind, params):
    """Whether it loads, what a new bond then reads, and what it says in the log."""
    before = len(log_lines())
    bonds = () if "max_bonds" in params else ("max_bonds=0",)
    # modprobe is content with parameters that nobody knows; the kernel says so in the log.
    loaded = run("modprobe", module, *bonds, *params.split()).returncode == 0
    found = {}
    if loaded:
        run("ip", "link", "add", "probe", "type", kind)
        folder = "/sys/class/net/probe/bonding"
        for file in sorted(os.listdir(folder)):
            if file not in OURS:
                with open(f"{folder}/{file}") as f:
                    found[file] = f.read()
        queues = os.listdir("/sys/class/net/probe/queues")
        found["tx queues"] = str(len([q for q in queues if q.startswith("tx-")]))
        run("ip", "link", "del", "probe")
        run("modprobe", "-r", module)
    return loaded, found, log_lines()[before:]


def untried():
    """Parameters of options that no case has."""
    tried = {word.split("=")[0] for params, _ in CASES for word in params.split()}
    return {param for option in OPTIONS.values() for param in option["params"]} - tried


def main():
    print("KTAP version 1")
    print(f"1..{len(CASES) + 1}")
    failed = bool(untried())
    print(f"{'not ok' if failed else 'ok'} {len(CASES) + 1} each parameter has a case {sorted(untried()) or ''}".rstrip())
    older = {}
    for what in os.environ.get("NATIVE_LACKS", "").split():
        older.update(OLDER.get(what, {}))
    for at, (params, why) in enumerate(CASES, 1):
        why = older.get(params, why)
        native = load("bonding", "bond", params)
        ours = load("rustbond", "rustbond", params)
        bad = []
        if native[0] != ours[0]:
            bad.append(f"native {'loads' if native[0] else 'refuses'}, ours does not do so")
        elif not ours[0]:
            names = [word.split("=")[0] for word in params.split()]
            if not any(name in line for name in names for line in ours[2] if "rustbond:" in line):
                bad.append("the log does not say why ours refuses: " + "; ".join(ours[2][-3:]))
        for file in sorted(set(native[1]) | set(ours[1])):
            if native[1].get(file) != ours[1].get(file):
                one, other = native[1].get(file), ours[1].get(file)
                bad.append(f"{file}: native {one!r}, ours {other!r}")
        if os.path.isdir("/sys/module/bonding") or os.path.isdir("/sys/module/rustbond"):
            bad.append("it does not unload")
        if why is not None:
            bad = [] if bad else [f"it is as in native, but was said not to be: {why}"]
        failed += bool(bad)
        result = "refused" if not ours[0] else "taken"
        comment = f": better than native: {why}" if why else ""
        print(f"{'not ok' if bad else 'ok'} {at} {params or 'none'}: {result}{comment}", flush=True)
        for line in bad:
            print(f"#   {line}")
    print(f"# Totals: pass:{len(CASES) + 1 - failed} fail:{failed} xfail:0 xpass:0 skip:0 error:0")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
