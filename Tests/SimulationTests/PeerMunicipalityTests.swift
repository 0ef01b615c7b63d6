import Messaging
import Simulation
import Testing

@Suite("Other municipalities")
struct PeerMunicipalityTests {
    private let people: People
    private let theatre: OutsideTheatre
    private let peer = "peerMunicipalCS/08221"

    init() throws {
        people = try Repository.people()
        theatre = try OutsideTheatre(people: people)
    }

    private func person(_ key: String) -> Person { people.byKey[key]! }

    /// A 転出証明書情報 of the lab's city for somebody who is to come to `destination`.
    private func certificate(_ key: String, to destination: String) throws -> [OutsideTheatre.Sent]
    {
        try theatre.deliver(
            "move-out-certificate.deliver/v2", to: peer, from: "municipalCS", step: "A1-08",
            [
                "deliveryMode": "push", "plannedMoveOutDate": "2025-11-01",
                "expiryDate": "2025-12-01", "groupId": "G-1", "groupSize": 1,
                "originMunicipalityCode": "08201",
                "destinationMunicipalityCode": .string(destination),
                "movers": [["juminhyoCode": .string(person(key).juminhyoCode)]],
            ])
    }

    private func withdraw(_ key: String) throws -> JSONValue? {
        try theatre.deliver(
            "move-out-certificate.withdraw/v1", to: peer, from: "municipalCS", step: "A6-02",
            [
                "juminhyoCode": .string(person(key).juminhyoCode), "groupId": "G-1", "groupSize": 1,
                "originMunicipalityCode": "08201", "destinationMunicipalityCode": "08221",
                "withdrawnDate": "2025-10-25", "reason": "moveOutCancelled",
            ]
        ).first?.payload
    }

    @Test("V-10: a certificate of a household is one group with thirty days, right for the layout")
    func household() throws {
        let sent = try theatre.act(
            peer, "sendCertificate", ["people": ["P04", "P05"], "plannedDate": "2026-01-31"])
        let payload = sent.first?.payload
        #expect(sent.count == 1 && sent.first?.step == "B3-01")
        #expect(payload?["expiryDate"] == "2026-03-02")
        #expect(payload?["groupSize"] == 2 && payload?["movers"]?.array?.count == 2)
        #expect(payload?["originMunicipalityCode"] == "08221")
        let mover = payload?["movers"]?.array?.first
        #expect(mover?["plannedMoveOutMunicipalityCode"] == "082015")
        #expect(mover?["hasIndividualNumberCard"] == true)
        #expect(theatre.told["told"]?["groupId"] == payload?["groupId"])
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test("Half a group: one message each, of which only some are sent")
    func half() throws {
        let sent = try theatre.act(
            peer, "sendCertificate",
            ["people": ["P04", "P05"], "separately": true, "only": [0]])
        #expect(sent.count == 1 && sent.first?.payload["groupSize"] == 2)
        #expect(sent.first?.payload["movers"]?.array?.count == 1)
    }

    @Test(
        "R-091: a 送信依頼 gets the certificate again, good for thirty days from now once they are over; else a code"
    )
    func request() throws {
        func ask(_ key: String) throws -> OutsideTheatre.Sent? {
            try theatre.deliver(
                "move-out-certificate.request/v2", to: peer, from: "municipalCS", step: "B3-03",
                [
                    "juminhyoCode": .string(person(key).juminhyoCode),
                    "nameKanji": .string(person(key).nameKanji),
                    "originMunicipalityCode": "08221", "requestReason": "purged",
                    "applicationReference": "R20251105-00001",
                ]
            ).first
        }
        let refusal = try ask("P04")
        #expect(refusal?.topic == "move-out-certificate.reply/v1")
        #expect(refusal?.payload["code"] == "move-out-not-committed")
        #expect(refusal?.payload["applicationReference"] == "R20251105-00001")
        try theatre.act(peer, "sendCertificate", ["person": "P04", "plannedDate": "2025-10-01"])
        let inTime = try ask("P04")
        #expect(inTime?.payload["deliveryMode"] == "requested")
        #expect(inTime?.payload["expiryDate"] == "2025-10-31")
        _ = try theatre.pass(.seconds(30 * 86_400))
        let late = try ask("P04")
        #expect(late?.payload["expiryDate"] == "2025-12-05")
        #expect(late?.payload["groupId"] != inTime?.payload["groupId"])
        #expect(try theatre.facts(of: peer, "P04")["requestsReceived"] == 3)
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test("A certificate may be taken back until its person has come")
    func withdrawal() throws {
        #expect(try withdraw("P05")?["code"] == "certificate-unknown")
        #expect(try certificate("P05", to: "08221").isEmpty)
        #expect(try withdraw("P05")?["result"] == "accepted")
        #expect(try theatre.facts(of: peer, "P05")["certificate"] == "withdrawn")
        #expect(try certificate("P05", to: "08221").isEmpty)
        try theatre.act(peer, "consume", ["person": "P05"])
        #expect(try withdraw("P05")?["code"] == "certificate-consumed")
        let facts = try theatre.facts(of: peer, "P05")
        #expect(facts["certificate"] == "consumed" && facts["certificates"] == 2)
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test("A certificate for another municipality goes back")
    func misdirected() throws {
        let answer = try certificate("P05", to: "08220").first
        #expect(answer?.payload["inReplyTo"] == "certificate")
        #expect(answer?.payload["code"] == "destination-mismatch")
        #expect(try theatre.facts(of: peer, "P05")["certificate"] == "none")
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test("C6: a 転入通知 has no 個人番号, ends the certificate, and the nation hears of it")
    func moveInNotice() throws {
        _ = try certificate("P05", to: "08221")
        let notice = try theatre.act(
            peer, "moveInNotice", ["person": "P05", "date": "2025-10-28", "address": "ひたちなか市"]
        ).first
        #expect(notice?.step == "C6" && notice?.payload["previousMunicipalityCode"] == "082015")
        #expect(notice?.payload["becameResidentDate"]?["date"] == "2025-10-28")
        #expect(try theatre.facts(of: peer, "P05")["certificate"] == "consumed")
        #expect(try theatre.facts(of: "nationalServer", "P05")["municipality"] == "08221")
        try theatre.act(peer, "moveInNotice", ["person": "P01", "report": false])
        #expect(try theatre.facts(of: "nationalServer", "P01")["municipality"] == "08201")
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test("A4-03, C7 and the mirror of a withdrawal are right for their layouts")
    func others() throws {
        let supplement = try theatre.act(
            "peerMunicipalCS/13101", "supplement", ["person": "P05", "date": "2025-10-05"]
        ).first
        #expect(supplement?.payload["currentMunicipalityCode"] == "131016")
        #expect(supplement?.payload["registeredDomicileMunicipalityCode"] == "082015")
        let request = try theatre.act(peer, "requestCertificate", ["person": "P05"]).first
        #expect(request?.step == "C7" && request?.payload["destinationMunicipalityCode"] == "08221")
        #expect(throws: OutsideTheatre.Refused(code: "certificate-unknown")) {
            try theatre.act(peer, "withdrawCertificate", ["person": "P04"])
        }
        try theatre.act(peer, "sendCertificate", ["person": "P04"])
        try theatre.act(peer, "withdrawCertificate", ["person": "P04"])
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test("What our city answers is counted by result and code")
    func replies() throws {
        try theatre.deliver(
            "move-out-certificate.reply/v1", to: peer, from: "municipalCS", step: "B3-01",
            ["inReplyTo": "certificate", "result": "refused", "code": "destination-mismatch"])
        let facts = try theatre.facts(of: peer, nil)
        #expect(facts["repliesRefused"] == 1 && facts["lastReplyCode"] == "destination-mismatch")
    }
}
