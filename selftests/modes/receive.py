# SPDX-License-Identifier: GPL-2.0
#
# Counts what of the frames that come in by some ports a device is given.
#
#	receive.py DEV PORT... : answers each line that comes in, the destinations as "MAC...", by one
#	line: for each port and destination how many of three frames the device got. The ports are in
#	the namespace of the name `peer`.

import os
import socket
import sys
import time

ETH_P_EXPERIMENT = 0x88B5
CLONE_NEWNET = 0x40000000


def bound(dev, protocol):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((dev, protocol))
    return sock


dev, ports = sys.argv[1], sys.argv[2:]
here = os.open("/proc/self/ns/net", os.O_RDONLY)
there = os.open("/run/netns/peer", os.O_RDONLY)
os.setns(there, CLONE_NEWNET)
senders = [bound(port, 0) for port in ports]
os.setns(here, CLONE_NEWNET)

for line in sys.stdin:
    listener = bound(dev, ETH_P_EXPERIMENT)
    listener.setblocking(False)
    counts = []
    for sender in senders:
        for destination in line.split():
            head = bytes.fromhex(destination.replace(":", "")) + bytes.fromhex("020000000a63")
            for _ in range(3):
                sender.send((head + ETH_P_EXPERIMENT.to_bytes(2, "big")).ljust(60, b"\0"))
            time.sleep(0.02)
            count = 0
            while True:
                try:
                    _, source = listener.recvfrom(64)
                except BlockingIOError:
                    break
                # Not what was for another host: that is dropped by all who receive.
                count += source[2] != socket.PACKET_OTHERHOST
            counts.append(str(count))
    listener.close()
    print(" ".join(counts), flush=True)
