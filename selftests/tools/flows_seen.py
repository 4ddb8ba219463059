#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Sends random flows by a bond, each after `rustbond flow` was asked for it, and looks at the other end
of the cables by which one it comes.

    flows_seen.py COUNT SEED BOND VLAN_DEV NAMESPACE SLAVE:PORT...

A third of the flows goes by VLAN_DEV, a device of VLAN 5 upon the bond. Each that the command was
wrong about is a line, and the last line says how many of each slave there were. The exit status is 1
if any was wrong.
"""

import json
import os
import random
import select
import socket
import struct
import subprocess
import sys

RUSTBOND = "/tools/rustbond"
ETH_P_ALL, PACKET_OUTGOING, VLAN = 3, 4, b"\x81\x00\x00\x05"
PATIENCE = 2

count, seed, bond, vlan_dev, namespace = int(sys.argv[1]), *sys.argv[2:6]
pairs = dict(pair.split(":")[::-1] for pair in sys.argv[6:])
draw = random.Random(seed)


def raw(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((device, 0))
    return sock


def ears():
    """A socket at each port, by the slave at its cable; those are in the other namespace."""
    with open("/proc/self/ns/net", encoding="ascii") as here, \
            open(f"/run/netns/{namespace}", encoding="ascii") as there:
        os.setns(there.fileno(), os.CLONE_NEWNET)
        socks = {}
        for port, slave in pairs.items():
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            sock.bind((port, ETH_P_ALL))
            socks[sock] = slave
        os.setns(here.fileno(), os.CLONE_NEWNET)
    return socks


def ipv4(protocol, data, fragment=0):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 1, fragment, 64, protocol, 0,
                       bytes([10, 0, 0, draw.randrange(256)]), draw.randbytes(4))
    return b"\x08\x00" + head + data


def ipv6(protocol, data):
    head = struct.pack(">IHBB16s16s", 0x60000000, len(data), protocol, 64,
                       b"\x20\x01\x0d\xb8" + draw.randbytes(12), b"\x20\x01\x0d\xb8" + draw.randbytes(12))
    return b"\x86\xdd" + head + data


def ports():
    return struct.pack(">HH", draw.randrange(1, 65536), draw.randrange(1, 65536))


def tcp():
    return ports() + bytes(8) + b"\x50\x10\xff\xff" + bytes(4)


def udp():
    return ports() + b"\x00\x10\x00\x00"


def echo(kind):
    return bytes([kind, 0, 0, 0]) + draw.randbytes(4)


KINDS = [
    lambda: ipv4(17, udp()), lambda: ipv4(6, tcp()), lambda: ipv4(1, echo(8)),
    lambda: ipv6(17, udp()), lambda: ipv6(6, tcp()), lambda: ipv6(58, echo(128)),
    lambda: ipv4(4, ipv4(17, udp())[2:]), lambda: ipv4(47, b"\x00\x00" + ipv4(17, udp())),
    lambda: ipv4(17, udp(), 0x2000), lambda: ipv4(17, udp(), 0x00b9), lambda: ipv4(132, ports()),
    lambda: b"\x88\xb5",
]

listening = ears()
outs = {False: raw(bond), True: raw(vlan_dev)}
command = subprocess.Popen([RUSTBOND, "flow", bond, "--frame", "-", "--json"], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)


def told(frame):
    command.stdin.write(frame.hex() + "\n")
    command.stdin.flush()
    return json.loads(command.stdout.readline())


def seen(token):
    """The slaves by whose cables it comes: one, or after a while none."""
    while True:
        ready, _, _ = select.select(list(listening), [], [], PATIENCE)
        if not ready:
            return None
        for sock in ready:
            try:
                data, address = sock.recvfrom(2048)
            except OSError:
                # Its link was cut: that is told once.
                continue
            if address[2] != PACKET_OUTGOING and data.endswith(token):
                return listening[sock]


wrong, by_slave = 0, {}
for number in range(count):
    tagged = draw.randrange(3) == 0
    token = b"flow" + struct.pack(">I", number)
    macs = bytes([2, *draw.randbytes(5), 2, *draw.randbytes(5)])
    rest = draw.choice(KINDS)()
    tail = bytes(max(0, 60 - len(macs + rest + token))) + token
    answer = told(macs + (VLAN if tagged else b"") + rest + tail)
    outs[tagged].send(macs + rest + tail)
    slave = seen(token)
    by_slave[slave] = by_slave.get(slave, 0) + 1
    if answer["slave"] != slave or answer["fate"] != "one":
        wrong += 1
        print(f"flow {number}: {answer}, and it came by {slave}")
command.stdin.close()
status = command.wait()
print(f"{count} flows, {wrong} wrong:", *(f"{slave} {n}" for slave, n in sorted(by_slave.items(), key=str)))
sys.exit(bool(wrong or status))
