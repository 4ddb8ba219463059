# SPDX-License-Identifier: GPL-2.0
#
# Frames for tests of the transmit hash: of every kind that a policy looks into, and some that
# lie about what they are. All come from one seed, so that a run can be repeated.

import random
import socket
import struct

ETH_IP, ETH_IPV6, ETH_ARP, ETH_VLAN, ETH_QINQ, ETH_TEB, ETH_TIPC = (
    0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8, 0x6558, 0x88CA)
ICMP, IPIP, TCP, UDP, IPV6, ROUTING, FRAGMENT, GRE, ESP, AH, ICMPV6, DESTINATION, SCTP, UDPLITE = (
    1, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 60, 132, 136)


def macs(r):
    # Unicast, so that no receiver minds; all other bits are free.
    return bytes([2]) + r.randbytes(5) + bytes([2]) + r.randbytes(5)


def ports(r):
    return struct.pack(">HH", r.randrange(65536), r.randrange(65536))


def address6(r):
    return bytes([0x20, 1]) + r.randbytes(14)


def layer4(r, depth):
    """A protocol number and what stands behind the IP header."""
    kind = r.randrange(13 if depth else 10)
    if kind < 2:
        return TCP, ports(r) + r.randbytes(8) + bytes([0x50, 2]) + r.randbytes(6)
    if kind < 4:
        return UDP, ports(r) + struct.pack(">HH", 16, 0) + r.randbytes(8)
    if kind == 4:
        return SCTP, ports(r) + r.randbytes(12)
    if kind == 5:
        return r.choice((UDPLITE, 33)), ports(r) + r.randbytes(12)
    if kind == 6:
        return ESP, r.randbytes(24)
    if kind == 7:
        return AH, bytes([TCP, 4, 0, 0]) + r.randbytes(20) + ports(r) + r.randbytes(16)
    if kind == 8:
        return r.randrange(256), r.randbytes(24)
    if kind == 9:
        return ICMP, icmp(r, r.choice((0, 8, 13, 14, r.randrange(256))), depth)
    return tunnel(r, depth)


def icmp(r, kind, depth):
    head = bytes([kind, r.randrange(6), 0, 0]) + r.choice((bytes(4), r.randbytes(4)))
    if kind in (3, 4, 5, 11, 12):
        return head + ip4(r, 0)
    return head + r.randbytes(r.randrange(24))


def icmp6(r, depth):
    kind = r.choice((1, 2, 3, 4, 128, 129, 135, 136, r.randrange(256)))
    head = bytes([kind, 0, 0, 0]) + r.choice((bytes(4), r.randbytes(4)))
    if kind in (1, 2, 3, 4):
        return head + ip6(r, 0)
    return head + r.randbytes(r.randrange(24))


def tunnel(r, depth):
    kind = r.randrange(6)
    if kind == 0:
        return IPIP, ip4(r, depth - 1)
    if kind == 1:
        return IPV6, ip6(r, depth - 1)
    if kind == 2:
        key = r.randbytes(4) if r.random() < 0.5 else b""
        return GRE, struct.pack(">HH", 0x2000 if key else 0, ETH_IP) + key + ip4(r, depth - 1)
    if kind == 3:
        return GRE, struct.pack(">HH", 0, ETH_TEB) + ethernet(r, depth - 1)
    if kind == 4:
        # VXLAN: the port says so.
        vxlan = struct.pack(">II", 0x08000000, r.randrange(1 << 24) << 8) + ethernet(r, depth - 1)
        return UDP, struct.pack(">HHHH", r.randrange(65536), 4789, 8 + len(vxlan), 0) + vxlan
    return GRE, struct.pack(">HHI", 0x3000 | r.randrange(4), r.randrange(65536), r.randrange(1 << 32)) + r.randbytes(40)


def ip4(r, depth):
    proto, data = layer4(r, depth)
    options = r.randbytes(4 * r.choice((0, 0, 0, 0, 1, 10)))
    kind = r.random()
    # More fragments; a later one; do not fragment; the bit that has no meaning.
    frag = (0x2000 if kind < 0.08 else r.randrange(1, 0x1FFF) if kind < 0.16 else
            0x4000 if kind < 0.6 else 0x8000 if kind < 0.62 else 0)
    ihl = 5 + len(options) // 4
    if r.random() < 0.04:
        ihl = r.randrange(16)
    version = 4 if r.random() < 0.98 else r.randrange(16)
    length = 20 + len(options) + len(data) if r.random() < 0.96 else r.randrange(65536)
    head = struct.pack(">BBHHHBBH", version << 4 | ihl, 0, length & 0xFFFF, r.randrange(65536), frag,
                       64, proto, 0)
    return head + r.randbytes(8) + options + data


def ip6(r, depth):
    proto, data = (ICMPV6, icmp6(r, depth)) if r.random() < 0.25 else layer4(r, depth)
    kind = r.random()
    if kind < 0.08:
        data = bytes([proto, 0]) + struct.pack(">HI", r.choice((1, 8, 800 << 3)), 7) + data
        proto = FRAGMENT
    elif kind < 0.16:
        data = bytes([proto, 0, 1, 4, 0, 0, 0, 0]) + data
        proto = r.choice((0, DESTINATION, ROUTING))
    flow = r.randrange(1 << 20) if r.random() < 0.3 else 0
    length = len(data) if r.random() < 0.96 else r.randrange(65536)
    return struct.pack(">IHBB", 6 << 28 | flow, length & 0xFFFF, proto, 64) + address6(r) + address6(r) + data


def ethernet(r, depth=0):
    kind = r.random()
    if kind < 0.45:
        proto, data = ETH_IP, ip4(r, depth)
    elif kind < 0.8:
        proto, data = ETH_IPV6, ip6(r, depth)
    elif kind < 0.88:
        # What it says is not what it is.
        proto, data = r.choice((ETH_IP, ETH_IPV6, ETH_ARP, 0x8847, ETH_TIPC, 0x8863)), r.randbytes(60)
        if proto == ETH_TIPC:
            # No keep-alive message: the flow dissector draws lots for those.
            data = bytes([data[0] & 0xF1]) + data[1:]
    else:
        proto, data = r.randrange(65536), r.randbytes(r.randrange(64))
        if proto == ETH_TIPC:
            proto = ETH_ARP
    for _ in range(r.choice((0, 0, 0, 0, 1, 2))):
        data = struct.pack(">HH", r.randrange(65536), proto) + data
        proto = r.choice((ETH_VLAN, ETH_VLAN, ETH_QINQ))
    return macs(r) + struct.pack(">H", proto) + data


def frame(r):
    """A frame, one in six cut short."""
    whole = ethernet(r, 2)
    if r.random() < 0.17:
        whole = whole[:r.randrange(14, len(whole) + 1)]
    return whole[:1400]


def frames(seed, count):
    r = random.Random(seed)
    seen = set()
    while len(seen) < count:
        one = frame(r)
        # What is caught is known by its addresses.
        if one[:12] not in seen:
            seen.add(one[:12])
            yield one


class Sender:
    """Sends whole frames on a device."""

    def __init__(self, dev):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.bind((dev, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)

    def send(self, data, _head):
        self.socket.send(data)


class PartSender(Sender):
    """Sends frames of which only the first `head` bytes lie together, as a bond may get them."""

    # The kernel splits nothing below a page.
    MIN = 4200
    SOL_PACKET, PACKET_VNET_HDR = 263, 15

    def __init__(self, dev):
        super().__init__(dev)
        self.socket.setsockopt(self.SOL_PACKET, self.PACKET_VNET_HDR, 1)

    def send(self, data, head):
        header = struct.pack("=BBHHHH", 0, 0, head, 0, 0, 0)
        self.socket.send(header + data.ljust(self.MIN, b"\0"))


class Catcher:
    """Tells on which of some devices frames have left, by their addresses; or come in."""

    def __init__(self, devs, coming=False):
        self.sockets = []
        self.coming = coming
        for dev in devs:
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
            s.setblocking(False)
            s.bind((dev, 3))  # ETH_P_ALL
            self.sockets.append((dev, s))

    def caught(self):
        """A dict: the frame's addresses, and the devices that it was seen on."""
        left = {}
        for dev, s in self.sockets:
            while True:
                try:
                    data, source = s.recvfrom(12)
                except BlockingIOError:
                    break
                if (source[2] == socket.PACKET_OUTGOING) != self.coming:
                    left.setdefault(data, []).append(dev)
        return left
