# SPDX-License-Identifier: GPL-2.0
#
# Sends the first frames of so many flows, and says by which devices they left.
#
#	flows.py COUNT BOND SLAVE,SLAVE... WRAP... : a line each: WRAP, then how many frames each
#	slave sent.
#
# WRAP names what stands between the addresses and IPv4 (UDP; all flows between the same MACs):
# plain; vlan, svlan: one tag; qinq: 802.1ad and 802.1Q; vlans: two of 802.1Q; three; pppoe;
# vlan-pppoe. With a device and a colon before, as br0.7:plain, they are sent there.

import struct
import sys

sys.path.append(f"{sys.path[0]}/../lib")

import frames

TAG, SERVICE, SESSION = b"\x81\0\0\x05", b"\x88\xa8\0\x07", b"\x88\x64\x11\0\0\x09\0\x1e\0\x21"
WRAPS = {
    "plain": b"", "vlan": TAG, "svlan": SERVICE, "qinq": SERVICE + TAG, "vlans": TAG + TAG,
    "three": SERVICE + SERVICE + TAG, "pppoe": SESSION, "vlan-pppoe": TAG + SESSION,
}


def flow(wrap, number):
    """The frame of a flow: another address and another port each."""
    data = struct.pack(">HHHH", 1024 + 7 * number, 53, 8, 0)
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 17, 0,
                       bytes([10, 0, 0, 1]), bytes([10, 1, number // 251, number % 251]))
    kind = b"" if wrap.endswith("pppoe") else b"\x08\0"
    frame = bytes.fromhex("020000000b01020000000b02") + WRAPS[wrap] + kind + head + data
    return frame.ljust(60, b"\0")


def sent(slave):
    with open(f"/sys/class/net/{slave}/statistics/tx_packets", encoding="ascii") as file:
        return int(file.read())


count, bond, slaves = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(",")
for word in sys.argv[4:]:
    dev, _, wrap = word.rpartition(":")
    sender = frames.Sender(dev or bond)
    before = [sent(slave) for slave in slaves]
    for number in range(count):
        sender.send(flow(wrap, number), 0)
    print(word, *(sent(slave) - old for slave, old in zip(slaves, before)))
