"""A JukiHub participant in Python (pyzmq), written from Schemas/wire-protocol.md alone; readable before fast."""
import json, struct, time
import zmq

(HELLO, WELCOME, PUB, PUBACK, PUBNAK, SUBSCRIBE, CREDIT, DELIVER, ACK, NAK, TERM, PROGRESS, PING, PONG, REQUEST, REPLY,
 BYE, FAULT) = range(1, 19)
CONTROL = struct.Struct(">BBHIQII")  # version, verb, flags, epoch, sequence, count, reserved


def pack(verb, epoch, sequence, *records):
    body = b"".join(struct.pack(">I", len(record)) + record for record in records)
    return [CONTROL.pack(1, verb, 0, epoch, sequence, len(records), 0), body]


def unpack(control, body):
    version, verb, flags, epoch, sequence, count, reserved = CONTROL.unpack(control)
    records, at = [], 0
    while at < len(body):
        (length,) = struct.unpack_from(">I", body, at)
        records.append(body[at + 4:at + 4 + length])
        at += 4 + length
    if (version, flags, reserved, len(records), at) != (1, 0, 0, count, len(body)):
        raise ValueError("frame-malformed")
    return verb, epoch, sequence, records


class JukiClient:
    """`unanswered` is the outbox; `handle(position, envelope, payload)` receives; call `turn` again and again."""

    def __init__(self, configuration, incarnation, handle, window=256):
        self.configuration, self.incarnation, self.handle, self.window = configuration, incarnation, handle, window
        self.next, self.known, self.unanswered, self.seen, self.refused, self.socket = 1, 0, {}, set(), [], None
        self.connect()

    def connect(self):
        if self.socket:
            self.socket.close(0)
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        for option, key in (("serverkey", "hubPublicKey"), ("publickey", "publicKey"), ("secretkey", "secretKey")):
            setattr(self.socket, "curve_" + option, self.configuration[key].encode())
        self.socket.linger = 0
        self.socket.connect(self.configuration["endpoint"])
        self.greet()

    def greet(self):
        self.epoch = self.sent = self.credit = self.settled = self.settled_bytes = 0
        self.heard = self.pinged = time.monotonic()
        self.heartbeat = 1.0
        hello = {"participant": self.configuration["participant"], "incarnation": f"{self.incarnation:016x}",
                 "journalIncarnation": None, "knownSequence": self.known,
                 "catalogue": self.configuration.get("catalogue"), "software": "juki_client.py"}
        self.send(HELLO, 0, json.dumps(hello).encode())

    def send(self, verb, sequence, *records):
        self.socket.send_multipart(pack(verb, self.epoch, sequence, *records))

    def publish(self, attributes, payload):
        """Numbers a message and keeps it until it is answered; `attributes` are those no rule decides."""
        source = self.configuration["participant"]
        envelope = {"specversion": "1.0", "id": f"{source}~{self.incarnation:016x}~{self.next}", "source": source,
                    "type": attributes["dataschema"].partition("/")[0], **attributes}
        text = json.dumps(envelope, ensure_ascii=False).encode()
        self.unanswered[self.next] = struct.pack(">I", len(text)) + text + json.dumps(payload).encode()
        self.next += 1

    def turn(self, milliseconds=50):
        for number in sorted(n for n in self.unanswered if n > self.sent)[:self.credit]:
            self.send(PUB, number, self.unanswered[number])
            self.sent, self.credit = number, self.credit - 1
        if self.socket.poll(milliseconds):
            self.take(*unpack(*self.socket.recv_multipart()))
        now = time.monotonic()
        if now - self.heard > 4 * self.heartbeat:
            self.connect()  # nobody there, or no longer: a fresh connection, a fresh session
        elif self.epoch and now - max(self.heard, self.pinged) > self.heartbeat:
            self.pinged = now
            self.send(PING, 0)

    def take(self, verb, epoch, sequence, records):
        if verb in (FAULT, BYE):
            code = json.loads(records[0])["code"]
            if code not in ("hello-required", "stopping"):
                raise RuntimeError(code)
            return self.greet() if self.epoch else None  # a hub that restarted: greet, then everything again
        if verb == WELCOME:
            welcome = json.loads(records[0])
            if welcome["committedSequence"] < self.known:
                raise RuntimeError("journal-rolled-back")
            self.epoch, self.credit = epoch, welcome["publishCreditMessages"]
            self.heartbeat = welcome["heartbeatMilliseconds"] / 1000
            self.send(SUBSCRIBE, 0, struct.pack(">IQ", self.window, self.window << 16))
        elif epoch != self.epoch:
            return
        self.heard = time.monotonic()
        if verb in (PUBACK, PUBNAK):
            for record in records[1 if verb == PUBACK else 0:]:  # a PUBACK's record 0 is the evidence anchor
                number = struct.unpack_from(">Q", record)[0]
                self.unanswered.pop(number, None)
                self.known = max(self.known, number)
                if verb == PUBNAK:
                    self.refused.append((number, json.loads(record[8:])))
        elif verb == CREDIT:
            self.credit += struct.unpack(">IQ", records[0])[0]
        elif verb == DELIVER and len(records) > 1:  # record 0 is the settled floor
            self.deliver(sequence, records[1:])

    def deliver(self, first, records):
        for record in records:
            position, attempt, length = struct.unpack_from(">QII", record)
            if position not in self.seen:  # a real inbox is committed together with the effect, and before the ACK
                self.handle(position, json.loads(record[16:16 + length]), record[16 + length:])
                self.seen.add(position)
        self.send(ACK, 0, struct.pack(">QQ", first, first + len(records) - 1))
        self.settled, self.settled_bytes = self.settled + len(records), self.settled_bytes + sum(map(len, records))
        if self.settled * 2 >= self.window or self.settled_bytes * 2 >= self.window << 16:
            self.send(CREDIT, 0, struct.pack(">IQ", self.settled, self.settled_bytes))
            self.settled = self.settled_bytes = 0
