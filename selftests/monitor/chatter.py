# SPDX-License-Identifier: GPL-2.0
#
# Noise for an ARP monitor, from a host that is nobody's target: broadcasts on a device, 40 a
# second, until it is ended.
#
#	chatter.py DEV arp|udp

import socket
import struct
import sys
import time

dev, kind = sys.argv[1:]
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
sock.bind((dev, 0))
mac, ip = bytes.fromhex("0200000000cc"), bytes([192, 0, 2, 9])
if kind == "arp":
    body = b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + ip + bytes(6) + bytes([192, 0, 2, 10])
else:
    udp = struct.pack("!HHHH", 9, 9, 16, 0) + bytes(8)
    body = b"\x08\x00" + struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + ip + b"\xff" * 4 + udp
frame = (b"\xff" * 6 + mac + body).ljust(60, b"\0")
while True:
    sock.send(frame)
    time.sleep(0.025)
