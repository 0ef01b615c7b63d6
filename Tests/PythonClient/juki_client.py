"""A JukiHub participant in about sixty lines (pyzmq), written from Schemas/wire-protocol.md alone."""
import json, struct, time
import zmq

(HELLO, WELCOME, PUB, PUBACK, PUBNAK, SUBSCRIBE, CREDIT, DELIVER, ACK, NAK, TERM, PROGRESS, PING, PONG, REQUEST, REPLY,
 BYE, FAULT) = range(1, 19)
CONTROL = struct.Struct(">BBHIQII")  # version, verb, flags, epoch, sequence, count, reserved

def pack(verb, epoch, sequence, *records):
    body = b"".join(struct.pack(">I", len(record)) + record for record in records)
    return [CONTROL.pack(1, verb, 0, epoch, sequence, len(records), 0), body]

def unpack(control, body):
    _, verb, _, epoch, sequence, _, _ = CONTROL.unpack(control)
    records = []
    while body:
        length = 4 + struct.unpack_from(">I", body)[0]
        records, body = records + [body[4:length]], body[length:]
    return verb, epoch, sequence, records

class JukiClient:
    """`unanswered` is the outbox; `handle(position, envelope, payload)` receives; call `turn` again and again."""

    def __init__(self, configuration, incarnation, handle):
        self.configuration, self.incarnation, self.handle, self.socket = configuration, incarnation, handle, None
        self.next, self.known, self.unanswered, self.seen, self.refused = 1, 0, {}, set(), []
        self.connect()

    def connect(self):
        if self.socket:
            self.socket.close(0)
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        for option, key in (("serverkey", "hubPublicKey"), ("publickey", "publicKey"), ("secretkey", "secretKey")):
            setattr(self.socket, "curve_" + option, self.configuration[key].encode())
        self.socket.connect(self.configuration["endpoint"])
        self.epoch, self.sent, self.credit, self.heard = 0, 0, 0, time.monotonic()
        self.send(HELLO, 0, json.dumps({
            "participant": self.configuration["participant"], "incarnation": f"{self.incarnation:016x}",
            "journalIncarnation": None, "knownSequence": self.known, "catalogue": None, "software": "juki_client.py"}).encode())

    def send(self, verb, sequence, *records):
        self.socket.send_multipart(pack(verb, self.epoch, sequence, *records))

    def publish(self, attributes, payload):
        """Numbers a message and keeps it until it is answered; `attributes` are those no rule decides."""
        source = self.configuration["participant"]
        envelope = json.dumps({"specversion": "1.0", "id": f"{source}~{self.incarnation:016x}~{self.next}", "source": source,
                               "type": attributes["dataschema"].partition("/")[0], **attributes}).encode()
        self.unanswered[self.next] = struct.pack(">I", len(envelope)) + envelope + json.dumps(payload).encode()
        self.next += 1

    def turn(self, milliseconds=50):
        for number in sorted(n for n in self.unanswered if n > self.sent)[:self.credit]:
            self.send(PUB, number, self.unanswered[number])
            self.sent, self.credit = number, self.credit - 1
        if self.socket.poll(milliseconds):
            self.take(*unpack(*self.socket.recv_multipart()))
        elif time.monotonic() - self.heard > 4:
            self.connect()  # nobody there, or no longer: a new session, and everything unanswered again
        elif self.epoch:
            self.send(PING, 0)

    def take(self, verb, epoch, sequence, records):
        self.heard = time.monotonic()
        if verb == WELCOME:
            self.epoch, self.credit = epoch, json.loads(records[0])["publishCreditMessages"]
            self.send(SUBSCRIBE, 0, struct.pack(">IQ", 256, 1 << 24))
        elif verb in (PUBACK, PUBNAK):
            for record in records[verb == PUBACK:]:  # a PUBACK's record 0 is the evidence anchor
                number = struct.unpack_from(">Q", record)[0]
                self.known = max(self.known, number if self.unanswered.pop(number, None) else 0)
                if verb == PUBNAK:
                    self.refused.append((number, json.loads(record[8:])))
        elif verb == CREDIT:
            self.credit += struct.unpack_from(">I", records[0])[0]
        elif verb == DELIVER and len(records) > 1:  # record 0 is the settled floor
            self.deliver(sequence, records[1:])
        elif verb in (FAULT, BYE):
            if json.loads(records[0])["code"] not in ("hello-required", "stopping"):
                raise RuntimeError(json.loads(records[0])["code"])
            self.connect()  # the hub restarted

    def deliver(self, first, records):
        for record in records:
            position, attempt, length = struct.unpack_from(">QII", record)
            if position not in self.seen:  # a real inbox is committed together with the effect, and before the ACK
                self.handle(position, json.loads(record[16:16 + length]), record[16 + length:])
                self.seen.add(position)
        self.send(ACK, 0, struct.pack(">QQ", first, first + len(records) - 1))
        self.send(CREDIT, 0, struct.pack(">IQ", len(records), sum(map(len, records))))
