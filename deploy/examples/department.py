#!/usr/bin/env python3
"""A department's system in Python: takes what 庁内連携 sends it, and says when it cannot.

    python3 deploy/examples/department.py LAB_DIR businessSystem/15 kokuho           受信 take everything
    python3 deploy/examples/department.py LAB_DIR businessSystem/15 kokuho --refuse  受信不可 refuse everything (TERM)

kokuho.key and kokuho.pub come from `jukihub keys new kokuho`. The ninety lines that speak the wire protocol are
Tests/PythonClient/juki_client.py; a system of yours keeps its inbox in the transaction of its own database.
"""
import json, pathlib, secrets, struct, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/PythonClient"))
import juki_client


def refuse(client, first, records):
    for number in range(first, first + len(records)):
        client.send(juki_client.TERM, 0, struct.pack(">Q", number) + b"layout-not-understood")


def main(lab, participant, key, refusing):
    zone = next(z for z in json.loads(pathlib.Path(lab, "lab.json").read_text())["zones"] if z["zone"] == "number-use")
    text = lambda suffix: pathlib.Path(key + suffix).read_text().strip()
    configuration = {"participant": participant, "endpoint": zone["endpoint"], "hubPublicKey": zone["hubPublicKey"],
                     "publicKey": text(".pub"), "secretKey": text(".key")}

    def take(position, envelope, payload):
        # Never print a payload: it is somebody's personal data. Here it would go into the department's own tables.
        print(f"受信 {envelope['step']} {envelope['dataschema']} {envelope['source']} → {participant}"
              f"  {len(payload)}B  位置 {position}", flush=True)

    client = juki_client.JukiClient(configuration, secrets.randbits(63), take)
    if refusing:
        client.deliver = lambda first, records: refuse(client, first, records)
    print(f"接続 {participant} {zone['endpoint']}{'  (受信不可を装う refusing)' if refusing else ''}", flush=True)
    while True:
        client.turn(200)


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--refuse"]
    if len(arguments) != 3:
        sys.exit(__doc__)
    try:
        main(*arguments, "--refuse" in sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
