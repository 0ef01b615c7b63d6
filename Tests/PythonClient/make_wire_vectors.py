#!/usr/bin/python3
"""Writes Schemas/wire-vectors.json: byte-exact frames of wire version 1, packed with `struct` from wire-protocol.md alone.

Deterministic: run it again and nothing changes. The Swift room BusProtocol and juki_client.py are tested against the file,
so the three agree or a test fails.    usage: make_wire_vectors.py > Schemas/wire-vectors.json
"""
import json
import struct

VERBS = ("HELLO WELCOME PUB PUBACK PUBNAK SUBSCRIBE CREDIT DELIVER ACK NAK TERM PROGRESS PING PONG REQUEST REPLY BYE "
         "FAULT").split()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def control(verb, epoch, sequence, count, version=1, flags=0, reserved=0):
    number = verb if isinstance(verb, int) else VERBS.index(verb) + 1
    return struct.pack(">BBHIQII", version, number, flags, epoch, sequence, count, reserved)


def body(records):
    return b"".join(struct.pack(">I", len(record)) + record for record in records)


def message(record):
    envelope = record["envelope"].encode()
    return struct.pack(">I", len(envelope)) + envelope + record["payload"].encode()


PACK = {
    "floor": lambda r: struct.pack(">Q", r["floor"]),
    "anchor": lambda r: struct.pack(">Q", r["block"]) + bytes.fromhex(r["chainHead"]),
    "PUB": message,
    "PUBACK": lambda r: struct.pack(">QQ", r["sequence"], r["position"]),
    "PUBNAK": lambda r: struct.pack(">Q", r["sequence"]) + canonical(r["reason"]).encode(),
    "SUBSCRIBE": lambda r: struct.pack(">IQ", r["messages"], r["bytes"]),
    "CREDIT": lambda r: struct.pack(">IQ", r["messages"], r["bytes"]),
    "DELIVER": lambda r: struct.pack(">QI", r["position"], r["attempt"]) + message(r),
    "ACK": lambda r: struct.pack(">QQ", r["from"], r["to"]),
    "NAK": lambda r: struct.pack(">QBI", r["deliverySequence"], r["kind"], r["delayMilliseconds"]) + r["code"].encode(),
    "TERM": lambda r: struct.pack(">Q", r["deliverySequence"]) + r["code"].encode(),
    "PROGRESS": lambda r: struct.pack(">Q", r["deliverySequence"]),
}


def vector(name, verb, epoch, sequence, *records):
    packed = []
    for index, record in enumerate(records):
        kind = {("DELIVER", 0): "floor", ("PUBACK", 0): "anchor"}.get((verb, index), verb)
        packed.append(PACK[kind](record) if kind in PACK else canonical(record["json"]).encode())
    return {
        "name": name, "verb": verb, "epoch": epoch, "sequence": sequence, "count": len(records),
        "control": control(verb, epoch, sequence, len(records)).hex(), "body": body(packed).hex(),
        "records": list(records),
    }


def refused(name, code, head, records, tail=b""):
    packed = records if isinstance(records, bytes) else body(records)
    return {"name": name, "code": code, "control": head.hex(), "body": (packed + tail).hex()}


def envelope(sequence, **extra):
    attributes = {
        "specversion": "1.0", "id": f"municipalCS~00000000000000a1~{sequence}", "source": "municipalCS",
        "type": "identity.update.reply", "time": "2025-10-06T09:00:00.000+09:00",
        "dataschema": "identity.update.reply/v1", "recipient": "residentRegister", "step": "A1-04",
        "correlationid": "case-0001", "organisation": "082015",
    }
    return json.dumps({**attributes, **extra}, separators=(",", ":"), ensure_ascii=False)


HELLO = {"participant": "municipalCS", "incarnation": "00000000000000a1", "journalIncarnation": None, "knownSequence": 0,
         "catalogue": None, "software": "municipal-cs 1.0"}
WELCOME = {"zone": "juki-net", "epoch": 7, "journalIncarnation": "00c0ffee00c0ffee", "committedSequence": 41,
           "publishCreditMessages": 1024, "publishCreditBytes": 8388608, "maxMessageBytes": 1048576,
           "catalogue": "ab" * 32, "heartbeatMilliseconds": 1000, "time": "2025-10-06T09:00:00.000+09:00"}
FAULT_TEXT = "a frame came before HELLO"

VECTORS = [
    vector("HELLO of a participant that has never been connected", "HELLO", 0, 0, {"json": HELLO}),
    vector("HELLO of one that comes back", "HELLO", 0, 0, {"json": {
        **HELLO, "journalIncarnation": "00c0ffee00c0ffee", "knownSequence": 41, "catalogue": "ab" * 32}}),
    vector("WELCOME", "WELCOME", 7, 0, {"json": WELCOME}),
    vector("PUB of one message", "PUB", 7, 42, {"envelope": envelope(42), "payload": '{"結果":"受理"}'}),
    vector("PUB of two messages, the second without a payload", "PUB", 7, 43,
           {"envelope": envelope(43), "payload": "{}"}, {"envelope": envelope(44), "payload": ""}),
    vector("PUBACK of two messages", "PUBACK", 7, 0, {"block": 9, "chainHead": "5a" * 32},
           {"sequence": 42, "position": 1001}, {"sequence": 43, "position": 1002}),
    vector("PUBNAK with the place of the fault", "PUBNAK", 7, 0, {"sequence": 44, "reason": {
        "code": "payload-invalid", "text": "the payload does not fit its schema", "pointer": "/氏名/0",
        "hint": "compare with Schemas/messages"}}),
    vector("PUBNAK without a place", "PUBNAK", 7, 0, {"sequence": 45, "reason": {
        "code": "not-linked", "text": "no link allows this", "hint": "see links.json"}}),
    vector("SUBSCRIBE with its first credit", "SUBSCRIBE", 7, 0, {"messages": 256, "bytes": 4194304}),
    vector("CREDIT", "CREDIT", 7, 0, {"messages": 128, "bytes": 65536}),
    vector("DELIVER of two messages", "DELIVER", 7, 1, {"floor": 990},
           {"position": 1003, "attempt": 1, "envelope": envelope(46), "payload": "{}"},
           {"position": 1004, "attempt": 2, "envelope": envelope(47, step="A1-05"), "payload": '{"a":1}'}),
    vector("DELIVER that only raises the settled floor", "DELIVER", 7, 3, {"floor": 18446744073709551615}),
    vector("ACK of two ranges", "ACK", 7, 0, {"from": 1, "to": 40}, {"from": 42, "to": 42}),
    vector("NAK, transient, hub's own delay", "NAK", 7, 0,
           {"deliverySequence": 41, "kind": 0, "delayMilliseconds": 0, "code": "database-busy"}),
    vector("NAK, permanent, and transient with a delay", "NAK", 7, 0,
           {"deliverySequence": 43, "kind": 1, "delayMilliseconds": 0, "code": "handler-error"},
           {"deliverySequence": 44, "kind": 0, "delayMilliseconds": 1500, "code": "waiting.for.pair"}),
    vector("TERM", "TERM", 7, 0, {"deliverySequence": 45, "code": "envelope-malformed"}),
    vector("PROGRESS", "PROGRESS", 7, 0, {"deliverySequence": 46}),
    vector("PING", "PING", 7, 1),
    vector("PONG that answers it", "PONG", 7, 1),
    vector("REQUEST of an operator", "REQUEST", 7, 5, {"json": {
        "operation": "lanes.list", "arguments": {"limit": 10, "state": "parked"}}}),
    vector("REPLY with a result", "REPLY", 7, 5, {"json": {"ok": {"lanes": []}}}),
    vector("REPLY with an error", "REPLY", 7, 6, {"json": {"error": {
        "code": "unknown-operation", "message": "知らない操作です", "hint": "jukihub help"}}}),
    vector("BYE", "BYE", 7, 0, {"json": {"code": "stopping", "text": "the participant stops"}}),
    vector("FAULT outside a session", "FAULT", 0, 0, {"json": {"code": "hello-required", "text": FAULT_TEXT}}),
    vector("Every integer at its largest", "ACK", 4294967295, 18446744073709551615,
           {"from": 18446744073709551614, "to": 18446744073709551615}),
]

ACK_RECORD = struct.pack(">QQ", 1, 1)
REFUSED = [
    refused("a control frame of 23 bytes", "frame-malformed", control("PING", 7, 1, 0)[:-1], []),
    refused("version 2", "unsupported-version", control("PING", 7, 1, 0, version=2), []),
    refused("verb 0", "unknown-verb", control(0, 7, 1, 0), []),
    refused("verb 19", "unknown-verb", control(19, 7, 1, 0), []),
    refused("flags", "frame-malformed", control("PING", 7, 1, 0, flags=1), []),
    refused("reserved", "frame-malformed", control("PING", 7, 1, 0, reserved=1), []),
    refused("a PING with a record", "frame-malformed", control("PING", 7, 1, 1), [b""]),
    refused("an empty PUB", "frame-malformed", control("PUB", 7, 1, 0), []),
    refused("65 records", "too-many-records", control("ACK", 7, 0, 65),
            [struct.pack(">QQ", 2 * n + 1, 2 * n + 1) for n in range(65)]),
    refused("a body that ends early", "frame-malformed", control("ACK", 7, 0, 2), [ACK_RECORD]),
    refused("a record longer than its body", "frame-malformed", control("ACK", 7, 0, 1), b"\xff\xff\xff\xff"),
    refused("bytes after the last record", "frame-malformed", control("ACK", 7, 0, 1), [ACK_RECORD], b"\0"),
    refused("an envelope longer than its record", "frame-malformed", control("PUB", 7, 1, 1), [struct.pack(">I", 9) + b"{}"]),
    refused("a range that falls", "frame-malformed", control("ACK", 7, 0, 1), [struct.pack(">QQ", 2, 1)]),
    refused("a range that starts at 0", "frame-malformed", control("ACK", 7, 0, 1), [struct.pack(">QQ", 0, 1)]),
    refused("ranges that overlap", "frame-malformed", control("ACK", 7, 0, 2),
            [struct.pack(">QQ", 1, 5), struct.pack(">QQ", 5, 6)]),
    refused("a NAK of kind 2", "frame-malformed", control("NAK", 7, 0, 1), [struct.pack(">QBI", 1, 2, 0) + b"x"]),
    refused("a TERM with a code in capitals", "frame-malformed", control("TERM", 7, 0, 1), [struct.pack(">Q", 1) + b"NO"]),
    refused("a HELLO that is no JSON", "frame-malformed", control("HELLO", 0, 0, 1), [b"{"]),
    refused("a HELLO with an incarnation in capitals", "frame-malformed", control("HELLO", 0, 0, 1),
            [canonical({**HELLO, "incarnation": "00000000000000A1"}).encode()]),
    refused("a HELLO of 4,097 bytes", "frame-malformed", control("HELLO", 0, 0, 1),
            [canonical(HELLO).encode().ljust(4097)]),
    refused("a settled floor of 7 bytes", "frame-malformed", control("DELIVER", 7, 1, 1), [b"\0" * 7]),
    refused("an anchor of 39 bytes", "frame-malformed", control("PUBACK", 7, 0, 2), [b"\0" * 39, b"\0" * 16]),
]

print(json.dumps({
    "about": "Byte-exact frames of JukiHub wire version 1; see wire-protocol.md. Made by Tests/PythonClient/make_wire_vectors.py.",
    "vectors": VECTORS, "refused": REFUSED,
}, indent=1, ensure_ascii=False))
