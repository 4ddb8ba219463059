# SPDX-License-Identifier: GPL-2.0
#
# Sends frames through a bond, and asks which slave each of them takes: the answer has to be the slave that
# it was seen on.
#
#	flow.py SEED COUNT BOND DEV SLAVE...
#
# DEV is the bond, or a VLAN device above it, whose tag then stands in the frame that is asked about. Prints
# PASSED or FAILED, and how many there were.

import sys

sys.path.append(f"{sys.path[0]}/../lib")

import frames
from family import Family

BATCH = 100
TAGS = (b"\x81\0", b"\x88\xa8")


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    bond, dev, *slaves = sys.argv[3:]
    with open(f"/sys/class/net/{bond}/ifindex") as file:
        ifindex = int(file.read())
    tag = b""
    if dev != bond:
        tag = TAGS[0] + int(dev.rsplit(".", 1)[1]).to_bytes(2, "big")
    family = Family(1 << 24)
    sender, catcher = frames.Sender(dev), frames.Catcher(slaves)
    # In the bytes of what a VLAN device sends there is no tag, and its tag is not in the bytes.
    batch = (one for one in frames.frames(seed, 3 * count) if one[12:14] not in TAGS)
    told, wrong, done = {}, [], 0
    while done < count:
        part = [one for one, _ in zip(batch, range(min(BATCH, count - done)))]
        if not part:
            sys.exit("the frames are used up")
        for one in part:
            sender.send(one, 0)
        left = {}
        # balance-tlb and -alb put in the slave's address as the source.
        for addresses, devs in catcher.caught().items():
            left.setdefault(addresses[:6], []).extend(devs)
        heads = [(one[:12] + tag + one[12:])[:256] for one in part]
        answers = family.ask_all("flow-get", [{"bond": ifindex, "frame": head} for head in heads])
        for one, frame, answer in zip(part, heads, answers):
            seen = left.get(one[:6], [])
            if seen != ([answer["ifname"]] if answer["fate"] == "one" else []):
                wrong.append(f"{seen} seen, {answer} told: {frame.hex()}")
            told[answer.get("ifname")] = told.get(answer.get("ifname"), 0) + 1
        done += len(part)
    print(f"{'FAILED' if wrong else 'PASSED'} {done} flows, {dict(sorted(told.items(), key=str))}, "
          f"{len(wrong)} otherwise than told")
    for line in wrong[:5]:
        print(line)


main()
