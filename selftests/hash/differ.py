# SPDX-License-Identifier: GPL-2.0
#
# Sends the same frames through two bonds under every hash policy and compares on which slave
# each leaves.
#
#	differ.py SEED COUNT WAY BOND,SLAVE... BOND,SLAVE...
#
# The slaves of both are given in the same order. WAY is plain; or vlan: on the VLAN devices
# above the bonds, so that the tag travels outside of the bytes; or parted: the bytes do not lie
# together; or xdp: by BOND-in, from where a program redirects them to the bond, which nobody can
# see at the slaves, but at the far ends, which have the same names in the namespace sink.
# Prints a line a policy: PASSED|FAILED POLICY: TEXT. Frames with tags in their bytes are excepted
# where native does not look behind tags: see BEHIND.

import contextlib
import glob
import os
import random
import sys

sys.path.append(f"{sys.path[0]}/../lib")

import frames

BATCH = 100
POLICIES = ("layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4", "vlan+srcmac")
# Where ours may differ: native takes the type of a tag in the bytes for that of the packet, or reads
# the packet from where it is not. Ours looks behind tags and PPPoE under the policies that look at IP.
BEHIND = ("layer2+3", "layer3+4", "encap2+3", "encap3+4")
WRAPPED = (b"\x81\0", b"\x88\xa8", b"\x88\x64")
# No bond lets the tag of a frame with MPLS travel outside of the bytes: the kernel puts it in before, so
# that the policies that look into MPLS see it behind a tag.
MPLS = (b"\x88\x47", b"\x88\x48")
INTO_MPLS = ("encap2+3", "encap3+4")
HEADS = (14, 15, 18, 20, 30, 34, 36, 38, 42, 54, 58, 74)


def policy_is(bond, policy):
    with open(f"/sys/class/net/{bond}/bonding/xmit_hash_policy", "w") as file:
        file.write(policy)


def vlans_of(bond):
    return sorted(path.rsplit("/", 1)[1] for path in glob.glob(f"/sys/class/net/{bond}.*"))


@contextlib.contextmanager
def sight(way):
    """Where what leaves the slaves can be seen."""
    with open("/proc/self/ns/net") as here, open("/run/netns/sink") as sink:
        if way == "xdp":
            os.setns(sink.fileno(), os.CLONE_NEWNET)
        yield
        os.setns(here.fileno(), os.CLONE_NEWNET)


def main():
    seed, count, way = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    bonds = [bond.split(",") for bond in sys.argv[4:6]]
    with sight(way):
        catchers = [frames.Catcher(slaves, way == "xdp") for _, *slaves in bonds]
    place = [{slave: at for at, slave in enumerate(slaves)} for _, *slaves in bonds]
    entrance = {"vlan": vlans_of, "xdp": lambda bond: [f"{bond}-in"]}.get(way, lambda bond: [bond])
    devices = [entrance(bond) for bond, *_ in bonds]
    kind = frames.PartSender if way == "parted" else frames.Sender
    senders = [[kind(dev) for dev in devs] for devs in devices]
    r = random.Random(seed)
    batch = [(data, r.randrange(len(devices[0])), r.choice(HEADS)) for data in frames.frames(seed, count)]
    if way == "xdp":
        # Nobody sees a frame come in that ends in its tag.
        batch = [one for one in batch if one[0][12:14] not in (b"\x81\0", b"\x88\xa8") or len(one[0]) >= 20]
        count = len(batch)

    for policy in POLICIES[:-1] if way == "xdp" else POLICIES:
        for bond, *_ in bonds:
            policy_is(bond, policy)
        spread = [0] * len(place[0])
        wrapped = WRAPPED + MPLS if way == "vlan" and policy in INTO_MPLS else WRAPPED
        differ = lost = excepted = 0
        labelled, labels = 0, sum(one[0][12:14] in MPLS for one in batch)
        told = []
        for begin in range(0, count, BATCH):
            part = batch[begin:begin + BATCH]
            for data, dev, head in part:
                for each in senders:
                    each[dev].send(data, head)
            left = [catcher.caught() for catcher in catchers]
            for data, dev, head in part:
                there, here = ([p[slave] for slave in l.get(data[:12], ())] for l, p in zip(left, place))
                if there != here and policy in BEHIND and data[12:14] in wrapped and len(here) == 1:
                    excepted += 1
                    labelled += data[12:14] in MPLS
                elif there != here:
                    differ += 1
                    told.append(f"{there} there, {here} here: {devices[1][dev]} {head} {data[:120].hex()}")
                elif len(there) != 1:
                    lost += 1
                else:
                    spread[there[0]] += 1
        # All slaves have their part, or the frames show nothing.
        good = not differ and not lost and min(spread) * len(spread) * 3 > count
        # An exception that nothing needs any more is none. Of a frame without a packet the type is
        # that of the first tag, and so is the place: there the dissector finds its way by itself.
        needed = BEHIND[:2] if way == "xdp" else BEHIND
        good = good and (policy not in needed or excepted > 0)
        good = good and (wrapped == WRAPPED or labelled > 0 or labels < 4)
        print(f"{'PASSED' if good else 'FAILED'} {policy}: {count} frames, {spread} a slave, "
              f"{lost} on none or several, {differ} otherwise than native, "
              f"{excepted} with tags otherwise, as it should be", flush=True)
        for line in told[:5]:
            print(line)


main()
