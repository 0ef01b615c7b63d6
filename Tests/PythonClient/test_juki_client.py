#!/usr/bin/python3
"""Checks juki_client.py against Schemas/wire-vectors.json and, given configurations, against a running hub.

    test_juki_client.py                                   the vectors only
    test_juki_client.py producer.json consumer.json       the first publishes to the second

A configuration: {"endpoint","hubPublicKey","secretKey","publicKey","participant","catalogue"}; the producer's may add
  "publish": {"attributes": {…without specversion, id, source, type, time}, "payload": {…}, "count": 100}
  "restart": true    print "READY" half way and wait for a line on standard input while somebody restarts the hub
Prints one JSON line at the end; exit code 0 when every message was answered and arrived exactly once.
"""
import json
import pathlib
import secrets
import sys
import threading
import time

import juki_client
from juki_client import JukiClient, pack, unpack

DEADLINE_SECONDS = 60
VECTORS = pathlib.Path(__file__).resolve().parents[2] / "Schemas" / "wire-vectors.json"


def check_vectors():
    file = json.loads(VECTORS.read_text())
    for vector in file["vectors"]:
        frame = [bytes.fromhex(vector["control"]), bytes.fromhex(vector["body"])]
        verb, epoch, sequence, records = unpack(*frame)
        assert verb == getattr(juki_client, vector["verb"]), vector["name"]
        assert (epoch, sequence, len(records)) == (vector["epoch"], vector["sequence"], vector["count"]), vector["name"]
        assert pack(verb, epoch, sequence, *records) == frame, vector["name"]
        for record, meaning in zip(records, vector["records"]):
            if "json" in meaning:
                assert json.loads(record) == meaning["json"], vector["name"]
            if "envelope" in meaning:
                assert record.endswith((meaning["envelope"] + meaning["payload"]).encode()), vector["name"]
    return len(file["vectors"])


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000+09:00", time.gmtime(time.time() + 9 * 3600))


def turn_until(clients, condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the hub did not do its part in time")
        for client in clients:
            client.turn(5)


def check_hub(producer, consumer):
    arrived = []
    publish = producer["publish"]
    count = publish.get("count", 100)
    incarnation = secrets.randbits(63)
    receiver = JukiClient(consumer, secrets.randbits(63), lambda position, envelope, payload: arrived.append(envelope["id"]))
    sender = JukiClient(producer, incarnation, lambda *_: None)
    clients = [receiver, sender]
    mine = [f"{producer['participant']}~{incarnation:016x}~{number + 1}" for number in range(count)]

    def send(amount):
        for _ in range(amount):
            sender.publish({**publish["attributes"], "time": now()}, publish["payload"])

    send(count // 2)
    if producer.get("restart"):
        turn_until(clients, lambda: sender.known > 0)
        restarted = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.readline(), restarted.set()), daemon=True).start()
        print("READY", flush=True)
        turn_until(clients, restarted.is_set)
    send(count - count // 2)
    turn_until(clients, lambda: not sender.unanswered and (sender.refused or set(mine) <= set(arrived)))
    assert not sender.refused, sender.refused[0]
    assert sorted(set(mine) & set(arrived)) == sorted(i for i in arrived if i in set(mine)), "each exactly once"
    return {"published": count, "arrived": len(arrived), "sessions": sender.epoch}


if __name__ == "__main__":
    result = {"vectors": check_vectors()}
    if len(sys.argv) == 3:
        result |= check_hub(*(json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:]))
    print(json.dumps(result))
