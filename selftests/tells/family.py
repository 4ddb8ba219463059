# SPDX-License-Identifier: GPL-2.0
#
# A small client of the generic netlink family, for tests that ask often: numbers and names come from the
# specification, Documentation/netlink/rustbond.yaml. As a program:
#
#	family.py get|dump COMMAND [ATTR=VALUE]...	prints what comes, as JSON
#	family.py listen SECONDS [ROOM]			prints each record of the group, as JSON, a line each; ROOM: octets
#							that the socket holds

import errno
import json
import os
import socket
import struct
import sys
import time

import yaml

NETLINK_GENERIC, GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 16, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_EXT_ACK, NETLINK_CAP_ACK = 270, 1, 11, 10
NLMSGERR_ATTR_MSG = 1
SPEC = "/rustbond.yaml"


class Refused(OSError):
    """What the family says no to: errno, and why."""


def attrs_of(data):
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4:
            return
        yield kind & 0x3FFF, data[4:size]
        data = data[(size + 3) & ~3:]


def attr(kind, payload):
    head = struct.pack("=HH", len(payload) + 4, kind)
    return head + payload + bytes(-len(payload) % 4)


class Family:
    def __init__(self, room=None):
        with open(SPEC) as file:
            # The one in C, where there is one: all of it takes seconds otherwise.
            spec = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.name = spec["name"]
        self.sets = {one["name"]: one["attributes"] for one in spec["attribute-sets"]}
        self.enums = {one["name"]: {value["value"]: value["name"] for value in one["entries"]}
                      for one in spec["definitions"]}
        self.commands = {one["name"]: (at, one["attribute-set"])
                         for at, one in enumerate(spec["operations"]["list"], 1)}
        self.by_number = {at: of for at, of in self.commands.values()}
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.socket.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, 33, room)  # SO_RCVBUFFORCE
        self.seq = 0
        self.id, self.groups = GENL_ID_CTRL, {}
        name = attr(2, self.name.encode() + b"\0")
        for _, payload in self.exchange(CTRL_CMD_GETFAMILY, name, NLM_F_ACK):
            for kind, data in attrs_of(payload):
                if kind == 1:
                    self.id = struct.unpack("=H", data)[0]
                elif kind == 7:
                    for _, group in attrs_of(data):
                        of = dict(attrs_of(group))
                        self.groups[of[1].rstrip(b"\0").decode()] = struct.unpack("=I", of[2])[0]

    def exchange(self, command, payload, flags):
        """Asks, and yields the command and the attributes of each message that answers."""
        self.seq += 1
        body = struct.pack("=BBH", command, 1, 0) + payload
        head = struct.pack("=IHHII", len(body) + 16, self.id, NLM_F_REQUEST | flags, self.seq, 0)
        self.socket.send(head + body)
        while True:
            data = self.socket.recv(1 << 16)
            while len(data) >= 16:
                size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
                one, data = data[16:size], data[(size + 3) & ~3:]
                if seq != self.seq:
                    continue
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    error = -struct.unpack_from("=i", one)[0]
                    if not error:
                        return
                    told = dict(attrs_of(one[20 if kind == NLMSG_ERROR else 4:]))
                    why = told.get(NLMSGERR_ATTR_MSG, b"").rstrip(b"\0").decode()
                    raise Refused(error, why or os.strerror(error))
                yield one[0], one[4:]

    def read(self, payload, of):
        """Attributes as a dict, by the specification."""
        found = {}
        for number, data in attrs_of(payload):
            spec = self.sets[of][number - 1]
            kind = spec["type"]
            if kind in ("u32", "uint"):
                value = int.from_bytes(data, sys.byteorder)
                if "enum" in spec:
                    value = self.enums[spec["enum"]][value]
            elif kind == "string":
                assert data.endswith(b"\0"), spec
                value = data[:-1].decode()
            elif kind == "nest":
                value = self.read(data, spec["nested-attributes"])
            elif spec.get("display-hint") == "mac":
                value = data.hex(":")
            else:
                value = data.hex()
            found[spec["name"]] = value
        return found

    def request(self, command, wanted):
        number, of = self.commands[command]
        payload = b""
        for name, value in wanted.items():
            at, spec = next((at, one) for at, one in enumerate(self.sets[of], 1) if one["name"] == name)
            if isinstance(value, bytes):
                payload += attr(at, value)
            elif spec["type"] == "uint" and value >= 1 << 32:
                payload += attr(at, struct.pack("=Q", value))
            else:
                payload += attr(at, struct.pack("=I", value))
        return number, of, payload

    def do(self, command, **wanted):
        number, of, payload = self.request(command, wanted)
        replies = [self.read(reply, of) for _, reply in self.exchange(number, payload, NLM_F_ACK)]
        return replies[0]

    def ask_all(self, command, requests):
        """The answers to requests for one that are all sent at once."""
        first, messages = self.seq + 1, []
        for wanted in requests:
            number, of, payload = self.request(command, wanted)
            self.seq += 1
            body = struct.pack("=BBH", number, 1, 0) + payload
            messages.append(struct.pack("=IHHII", len(body) + 16, self.id, NLM_F_REQUEST, self.seq, 0) + body)
        self.socket.send(b"".join(messages))
        answers = []
        while len(answers) < len(messages):
            data = self.socket.recv(1 << 16)
            size, kind, _, seq, _ = struct.unpack_from("=IHHII", data)
            assert kind == self.id and seq == first + len(answers), data
            answers.append(self.read(data[20:size], of))
        return answers

    def dump(self, command, **wanted):
        number, of, payload = self.request(command, wanted)
        return [self.read(reply, of) for _, reply in self.exchange(number, payload, NLM_F_DUMP)]

    def listen(self):
        self.socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups["events"])

    def heard(self, seconds):
        """Yields each record that comes until then; None where some were lost."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                yield None
                continue
            size, kind = struct.unpack_from("=IH", data)
            if kind == self.id:
                yield self.read(data[20:size], self.by_number[data[16]])


def main():
    what, *words = sys.argv[1:]
    if what == "listen":
        family = Family(int(words[1]) if len(words) > 1 else 1 << 24)
        family.listen()
        print("listening", flush=True)
        for record in family.heard(float(words[0])):
            print(json.dumps(record), flush=True)
        return
    wanted = dict(word.split("=", 1) for word in words[1:])
    wanted = {name: bytes.fromhex(value) if name == "frame" else int(value) for name, value in wanted.items()}
    try:
        ask = {"get": Family.do, "dump": Family.dump}[what]
        print(json.dumps(ask(Family(), words[0], **wanted)))
    except Refused as error:
        # Of two names of one number, the one that the kernel uses.
        name = errno.errorcode[error.errno].replace("ENOTSUP", "EOPNOTSUPP")
        print(name, error.strerror)
        sys.exit(1)


if __name__ == "__main__":
    main()
