#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""What the tests of LACP need of a far end: reads LACPDUs, plays a partner, sends rubbish.

    lacp.py log DEV SECONDS                     a line for each frame of the Slow Protocols
    lacp.py partner DEV SECONDS [NAME=VALUE]... speaks once a second, as a partner that is set so;
                                                with control=FILE, as the words in FILE say now
    lacp.py ask DEV TIMES                       how soon a partner that has it wrong is told so:
                                                ms on average and at most
    lacp.py send DEV TIMES HEX...                  frames of the Slow Protocols: what follows the
                                                EtherType; TIMES HEX may be repeated
    lacp.py rubbish DEV SEED COUNT              frames of any length and content

Written from IEEE 802.1AX-2014 6.4.2 alone, so that it shares nothing with what is tested.
"""

import socket
import struct
import sys
import time

ETH_P_SLOW = 0x8809
GROUP = bytes.fromhex("0180c2000002")
INFO = ("sys_prio", "system", "key", "port_prio", "port", "state")


def open_on(dev):
    """A socket for the Slow Protocols frames of a device."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_SLOW))
    sock.bind((dev, ETH_P_SLOW))
    index = socket.if_nametoindex(dev)
    # PACKET_ADD_MEMBERSHIP of the group, PACKET_MR_MULTICAST.
    sock.setsockopt(263, 1, struct.pack("=iHH8s", index, 0, 6, GROUP))
    return sock


def info(data):
    """Actor or partner information of an LACPDU."""
    sys_prio, system, key, port_prio, port, state = struct.unpack("!H6sHHHB", data)
    return dict(zip(INFO, (sys_prio, system.hex(":"), key, port_prio, port, state)))


def parse(frame):
    """An LACPDU's fields, those of the partner with partner_ before; None if it is none."""
    pdu = frame[14:]
    if len(pdu) != 110 or pdu[:4] != b"\x01\x01\x01\x14" or pdu[22:24] != b"\x02\x14":
        return None
    if pdu[42:44] != b"\x03\x10" or any(pdu[39:42] + pdu[46:]):
        return None
    fields = {"src": frame[6:12].hex(":"), "dst": frame[:6].hex(":")}
    fields.update(info(pdu[4:19]))
    fields.update(("partner_" + name, value) for name, value in info(pdu[24:39]).items())
    return fields


def received(sock, seconds):
    """The frames that come in."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            frame, address = sock.recvfrom(2048)
        except socket.timeout:
            return
        if address[2] != socket.PACKET_OUTGOING:
            yield frame


def settings(words):
    return dict(word.split("=", 1) for word in words)


def log(dev, seconds):
    for frame in received(open_on(dev), float(seconds)):
        fields = parse(frame)
        if fields is None:
            print(f"other body={frame[14:].hex()}", flush=True)
        else:
            print("lacpdu " + " ".join(f"{n}={v}" for n, v in fields.items()), flush=True)


def emit(fields):
    system = bytes.fromhex(fields["system"].replace(":", ""))
    values = (int(fields[name]) for name in ("sys_prio", "key", "port_prio", "port", "state"))
    sys_prio, key, port_prio, port, state = values
    return struct.pack("!H6sHHHB", sys_prio, system, key, port_prio, port, state)


def partner(dev, seconds, *words):
    """What it says of the other end is what that last said, unless told otherwise."""
    actor = {"sys_prio": 1, "system": "02:00:00:00:0b:01", "key": 7, "port_prio": 1, "port": 1}
    actor.update({"state": 63, "blind": 0, "control": ""}, **settings(words))
    nobody = heard = struct.pack("!H6sHHHB", 0, bytes(6), 0, 0, 0, 0)
    sock = open_on(dev)
    source = sock.getsockname()[4]
    for _ in range(int(seconds)):
        if actor["control"]:
            with open(actor["control"]) as file:
                actor.update(settings(file.read().split()))
        if int(actor["blind"]):
            heard = nobody
        pdu = b"\x01\x01\x01\x14" + emit(actor) + bytes(3)
        pdu += b"\x02\x14" + heard + bytes(3) + b"\x03\x10" + bytes(14) + bytes(52)
        sock.send(GROUP + source + struct.pack("!H", ETH_P_SLOW) + pdu)
        for frame in received(sock, 1):
            fields = parse(frame)
            if fields:
                heard = emit(fields)


def ask(dev, times):
    """A partner that wants LACPDUs slowly, and thinks that it speaks to nobody."""
    actor = struct.pack("!H6sHHHB", 1, b"\x02\0\0\0\x0b\x01", 7, 1, 1, 0x0D)
    pdu = b"\x01\x01\x01\x14" + actor + bytes(3) + b"\x02\x14" + bytes(18)
    pdu += b"\x03\x10" + bytes(14) + bytes(52)
    sock = open_on(dev)
    frame = GROUP + sock.getsockname()[4] + struct.pack("!H", ETH_P_SLOW) + pdu
    taken = []
    for number in range(5 + int(times)):
        # All phases of a tick of 100 ms; and no more than may be answered.
        time.sleep(1.1 + number * 0.037 % 0.1)
        while any(True for _ in received(sock, 0.001)):
            pass
        start = time.monotonic()
        sock.send(frame)
        answered = any(parse(answer) for answer in received(sock, 2))
        # At first it has more to say than that.
        if number >= 5:
            taken.append((time.monotonic() - start) * 1000 if answered else 2000)
    print(round(sum(taken) / len(taken)), round(max(taken)))


def send(dev, *words):
    sock = open_on(dev)
    head = GROUP + sock.getsockname()[4] + struct.pack("!H", ETH_P_SLOW)
    for times, body in zip(words[::2], words[1::2]):
        for _ in range(int(times)):
            sock.send(head + bytes.fromhex(body))


def rubbish(dev, seed, number):
    import random

    rng = random.Random(int(seed))
    sock = open_on(dev)
    head = GROUP + sock.getsockname()[4] + struct.pack("!H", ETH_P_SLOW)
    for _ in range(int(number)):
        body = bytearray(rng.randbytes(rng.choice((0, 1, 2, 3, 46, 109, 110, 111, 128, 1400))))
        start = rng.choice((b"", b"\x01", b"\x02", b"\x01\x01\x01\x14", b"\x02\x01\x01\x10"))
        body[: len(start)] = start
        sock.send(head + body)


VERBS = {"log": log, "partner": partner, "ask": ask, "send": send, "rubbish": rubbish}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])
