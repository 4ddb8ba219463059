# SPDX-License-Identifier: GPL-2.0
"""Where ours is otherwise than native bonding, and why: names of options, doors, what the values
are called (any if none is said), native's answer, ours, the reason."""

SAME_VALUE = "set to the value that it has: no error"

WHOLE = "a list with a bad address changes nothing; native has taken those before it"

BETTER = [
    (
        "active_slave",
        "netlink",
        ("no interface",),
        "ENODEV",
        "EACCES",
        "both refuse; ours says that the mode has no active slave",
    ),
    ("primary", "sysfs", ("no name",), "ok", "EINVAL", "a name that no device can have"),
    (
        "primary",
        "netlink",
        ("no interface",),
        "ok",
        "ENODEV",
        "an interface that there is not; native takes it for none",
    ),
    ("arp_ip_target ns_ip6_target", "netlink", (), "EINVAL", "EINVAL", WHOLE),
]

# The same for what native bonding of an older kernel lacks, which comes first: selftests/lib/native.sh.
OLDER = {
    "actor_port_prio": [
        (
            "ad_select",
            "netlink sysfs",
            ("3", "actor_port_prio"),
            "EINVAL",
            "ok",
            "native has no actor_port_prio to select by",
        ),
    ],
    "carrier_only": [
        (
            "use_carrier",
            "netlink sysfs",
            ("0", "off"),
            "ok",
            "EINVAL",
            "native still has a way without carrier",
        ),
    ],
}
