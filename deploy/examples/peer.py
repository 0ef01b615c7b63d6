#!/usr/bin/env python3
"""Another municipality's CS in Python, with a key of its own: sends a 転出証明書情報 and answers what comes for it.

    python3 deploy/examples/peer.py LAB_DIR peerMunicipalCS/14100 yokohama             送って、応答し続ける
    python3 deploy/examples/peer.py LAB_DIR peerMunicipalCS/14100 yokohama --never     送信依頼に応答しない
    python3 deploy/examples/peer.py LAB_DIR peerMunicipalCS/14100 yokohama --twice     二重に応答する

yokohama.key and yokohama.pub come from `jukihub keys new yokohama`; the lab knows them by
`jukihub dev --admit peerMunicipalCS/14100=yokohama.pub`. The content is the layout's own example: an invented person.
The ninety lines that speak the wire protocol are Tests/PythonClient/juki_client.py.
"""
import json, pathlib, secrets, sys, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/PythonClient"))
import juki_client


def example(schemas, topic):
    return json.loads(pathlib.Path(schemas, "messages", topic + ".schema.json").read_text())["examples"][0]


def main(lab, participant, key, manner):
    description = json.loads(pathlib.Path(lab, "lab.json").read_text())
    zone = next(z for z in description["zones"] if z["zone"] == "juki-net")
    text = lambda suffix: pathlib.Path(key + suffix).read_text().strip()
    configuration = {"participant": participant, "endpoint": zone["endpoint"], "hubPublicKey": zone["hubPublicKey"],
                     "publicKey": text(".pub"), "secretKey": text(".key")}
    own = participant.partition("/")[2]
    certificate = example(description["schemas"], "move-out-certificate.deliver/v2")
    certificate |= {"originMunicipalityCode": own, "groupId": f"G-{own}-{secrets.token_hex(4)}"}

    def send(topic, payload, step, correlation, cause=None):
        attributes = {"dataschema": topic, "recipient": "municipalCS", "step": step, "correlationid": correlation,
                      "organisation": description["organisation"],
                      "time": time.strftime("%Y-%m-%dT%H:%M:%S.000+09:00", time.gmtime(time.time() + 9 * 3600))}
        client.publish(attributes | ({"causationid": cause} if cause else {}), payload)

    def take(position, envelope, payload):
        # Never print a payload: it is somebody's personal data.
        print(f"受信 {envelope.get('step', '-')} {envelope['dataschema']}  {len(payload)}B  位置 {position}", flush=True)
        if envelope["type"] != "move-out-certificate.request" or manner == "--never":
            return
        known = json.loads(payload)["juminhyoCode"] == certificate["movers"][0]["juminhyoCode"]
        for _ in range(2 if manner == "--twice" else 1):
            if known:
                send("move-out-certificate.deliver/v2", certificate | {"deliveryMode": "requested"}, "B3-01",
                     envelope["correlationid"], envelope["id"])
            else:
                send("move-out-certificate.reply/v1",
                     {"inReplyTo": "request", "result": "refused", "code": "move-out-not-committed"}, "B3-03",
                     envelope["correlationid"], envelope["id"])

    client = juki_client.JukiClient(configuration, secrets.randbits(63), take)
    print(f"接続 {participant} {zone['endpoint']}", flush=True)
    send("move-out-certificate.deliver/v2", certificate, "B3-01", f"peer-{secrets.token_hex(6)}")
    told = 0
    while True:
        client.turn(200)
        if told == 0 and not client.unanswered:
            print("送信済 転出証明書情報は連携基盤に受け付けられた" if not client.refused else "拒否", flush=True)
            told = 1
        for number, refusal in client.refused:
            print(f"拒否 {number} [{refusal['code']}]", flush=True)
        client.refused.clear()


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    manner = next((a for a in sys.argv[1:] if a.startswith("--")), "")
    if len(arguments) != 3 or manner not in ("", "--never", "--twice"):
        sys.exit(__doc__)
    try:
        main(*arguments, manner)
    except KeyboardInterrupt:
        sys.exit(130)
