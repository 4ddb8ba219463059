# SPDX-License-Identifier: GPL-2.0
#
# Frames that lie. Each line that comes in, "SEED COUNT DEV...", sends so many on each device, and
# is answered by how many were sent.
#
# ARP, neighbor discovery, VLAN, LACP and IP, cut short anywhere, with lengths and types that
# are not true, and with single bits turned.

import random
import struct
import sys

sys.path.append(f"{sys.path[0]}/../lib")

import frames

BROADCAST = b"\xff" * 6


def arp(r):
    proto = r.choice((0x0800, 0x86DD, r.randrange(65536)))
    sizes = r.choice(((6, 4), (6, 4), (0, 0), (255, 255), (r.randrange(256), r.randrange(256))))
    host, pinger = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
    head = struct.pack(">HHBBH", r.choice((1, 1, 6, 32)), proto, *sizes, r.choice((1, 2, 2, 8, r.randrange(65536))))
    return BROADCAST + frames.macs(r)[6:] + b"\x08\x06" + head + r.randbytes(6) + r.choice((host, pinger)) + \
        r.randbytes(6) + r.choice((host, pinger)) + r.randbytes(r.randrange(20))


def discovery(r):
    target = bytes([0x20, 1, 0x0D, 0xB8]) + bytes(11) + bytes([r.choice((1, 2))])
    options = b"".join(bytes([r.choice((1, 2, 14)), r.choice((0, 1, 1, 32, 255))]) + r.randbytes(6)
                       for _ in range(r.randrange(4)))
    body = bytes([r.choice((133, 134, 135, 136, 137)), 0]) + r.randbytes(2) + bytes(4) + target + options
    length = r.choice((len(body), 0, 8, 65535))
    ip = struct.pack(">IHBB", 6 << 28, length, r.choice((58, 58, 0, 44)), 255)
    return r.choice((BROADCAST, b"\x33\x33\xff\x00\x00\x02")) + frames.macs(r)[6:] + b"\x86\xdd" + \
        ip + r.choice((target, bytes(16))) + r.choice((target, frames.address6(r))) + body


def slow(r):
    return b"\x01\x80\xc2\x00\x00\x02" + frames.macs(r)[6:] + b"\x88\x09" + \
        bytes([r.choice((1, 1, 2, 3, 10)), r.choice((1, 2, r.randrange(256))), 1, 20]) + r.randbytes(r.randrange(120))


def hostile(r):
    data = r.choice((arp, arp, discovery, discovery, slow, frames.frame))(r)
    for _ in range(r.choice((0, 0, 0, 1, 2))):
        data = data[:12] + struct.pack(">HH", r.choice((0x8100, 0x88A8)), r.randrange(65536)) + data[12:]
    if r.random() < 0.3:
        at = r.randrange(12, len(data))
        data = data[:at] + bytes([data[at] ^ (1 << r.randrange(8))]) + data[at + 1:]
    if r.random() < 0.4:
        data = data[:r.randrange(14, len(data) + 1)]
    return data[:1500]


def send(seed, count, *devs):
    r = random.Random(int(seed))
    senders = [frames.Sender(dev) for dev in devs]
    sent = 0
    for _ in range(int(count)):
        data = hostile(r)
        for sender in senders:
            try:
                sender.send(data, 0)
                sent += 1
            except OSError as error:
                # Too long for the device with its tags; or it has no queue left for now.
                if error.errno not in (90, 105):
                    raise
    return sent


for line in sys.stdin:
    print(send(*line.split()), flush=True)
