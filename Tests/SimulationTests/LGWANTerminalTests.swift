import Foundation
import Messaging
import Participant
import Simulation
import Testing

@Suite("LGWAN接続端末")
struct LGWANTerminalTests {
    private let theatre: ApplicationTheatre

    init() throws { theatre = try ApplicationTheatre() }

    private func transfer(_ arguments: [String: JSONValue] = [:]) throws
        -> ApplicationTheatre.Sent?
    {
        var members: [String: JSONValue] = [
            "application": "E20251020-00001", "approver": "kanri-03",
        ]
        members.merge(arguments) { $1 }
        return try theatre.act("lgwanTerminal", "transfer", .object(members))
            .first { $0.topic == "e-application.media-transfer/v1" }
    }

    @Test("R-045: what is signed right is kept, told to the applicant, and goes onto the medium")
    func valid() throws {
        let sent = try theatre.submit()
        #expect(sent.map(\.topic).contains("e-application.status.updated/v1"))
        #expect(sent.first?.payload["status"] == "received")
        let facts = try theatre.facts()
        #expect(facts["verified"] == true && facts["applicationsStored"] == 1)
        let transfer = try #require(try transfer())
        let digest = try #require(transfer.payload["digest"]?.string)
        let entry = try #require(transfer.payload["ledgerEntryId"]?.string)
        let file = try #require(
            FileManager.default.contents(atPath: theatre.media + "/\(entry).sealed"))
        #expect(MediumWriter.digest(Array(file)) == digest)
        #expect(file.firstRange(of: Data(theatre.applicant.individualNumber.utf8)) == nil)
        #expect(transfer.payload["approverId"] == "kanri-03")
        #expect(try theatre.facts()["onMedium"] == true)
    }

    @Test(
        "R-045: what is not signed right is returned with its code, kept nowhere, and put on no medium",
        arguments: [
            ("expired", "certificate-expired"), ("revoked", "certificate-revoked"),
            ("otherAuthority", "certificate-untrusted"), ("missing", "signature-missing"),
            ("otherPerson", "signer-mismatch"), ("notYetValid", "certificate-not-yet-valid"),
        ])
    func refused(certificate: String, code: String) throws {
        let sent = try theatre.submit(["certificate": .string(certificate)])
        let status = sent.first { $0.topic == "e-application.status.updated/v1" }
        #expect(status?.payload["status"] == "returned")
        #expect(status?.payload["code"] == .string(code))
        #expect(try theatre.facts()["rejectedBy"] == .string(code))
        #expect(try theatre.facts()["applicationsStored"] == 0)
        #expect(try transfer() == nil)
        #expect(theatre.told["code"] == .string(code))
        #expect(try theatre.files().isEmpty)
        #expect(try !theatre.anyFile(holds: theatre.applicant.individualNumber))
    }

    @Test("R-045: a document changed on its way is returned as changed")
    func tampered() throws {
        try theatre.submit(["set": ["/application/plannedMoveOutDate": "2025-12-01"]])
        #expect(try theatre.facts()["rejectedBy"] == "signature-invalid")
    }

    @Test("R-046: a number typed by hand gets no further than the form")
    func typed() throws {
        let fault = try #require(throws: ControlFault.self) {
            try theatre.submit(["source": "manual"])
        }
        #expect(fault.code == "individual-number-typed")
        #expect(try theatre.facts(of: "eApplication")["applications"] == 0)
    }

    @Test("R-047: after a second application only the newest version goes on, with a hint to it")
    func versions() throws {
        try theatre.submit()
        let sent = try theatre.submit(["application": "E20251020-00001"])
        let statuses = sent.filter { $0.topic == "e-application.status.updated/v1" }
        #expect(
            Set(statuses.compactMap { $0.payload["status"]?.string }) == ["received", "superseded"])
        #expect(try theatre.facts()["superseded"] == 1)
        #expect(try transfer(["version": 1]) == nil)
        #expect(theatre.told["code"] == "version-superseded")
        #expect(theatre.told["newestVersion"] == 2)
        #expect(try transfer() != nil)
    }

    @Test("R-047: the same version is stored once, another one under the same number is returned")
    func duplicates() throws {
        let first = try theatre.act(
            "eApplication", "submit",
            ["person": "P05", "plannedMoveOutDate": "2025-11-01", "times": 2])
        #expect(first.count == 2)
        for message in first {
            try theatre.deliver(message.raw.envelope, message.raw.payload, to: "lgwanTerminal")
        }
        #expect(try theatre.facts()["downloaded"] == 1)
        #expect(try theatre.facts()["applicationsStored"] == 1)
    }

    @Test(
        "R-064, R-067, R-098: a transfer that breaks a rule changes nothing and is recorded",
        arguments: [
            (["medium": "USB-99"], "medium-unregistered"), (["approver": ""], "approval-missing"),
            (["approver": "denshi-06"], "approver-is-operator"),
            (["encrypted": false], "medium-unencrypted"), (["purpose": ""], "purpose-missing"),
            (["operator": "denshi-99"], "operator-unknown"),
            (["password": "x"], "password-wrong"), (["terminal": "RT-01"], "terminal-unregistered"),
        ] as [([String: JSONValue], String)])
    func broken(arguments: [String: JSONValue], code: String) throws {
        try theatre.submit()
        #expect(try transfer(arguments) == nil)
        #expect(theatre.told["code"] == .string(code))
        #expect(try theatre.files().isEmpty)
        let facts = try theatre.facts(nil)
        #expect(facts["lastRefusal"] == .string(code) && facts["ledgerEntries"] == 0)
        #expect(try theatre.facts()["onMedium"] == false)
    }

    @Test("R-098: a medium is not used again before it has been erased, by the answer or by hand")
    func secondUse() throws {
        try theatre.submit()
        try theatre.submit()
        let first = try #require(try transfer())
        #expect(try transfer(["application": "E20251020-00002"]) == nil)
        #expect(theatre.told["code"] == "medium-not-erased")
        try theatre.act("lgwanTerminal", "erase", ["medium": "USB-01"])
        #expect(try theatre.files().isEmpty)
        #expect(try transfer(["application": "E20251020-00002"]) != nil)
        #expect(first.payload["mediumId"] == "USB-01")
    }

    @Test(
        "R-097, R-098: once the register has it, both copies are gone from every file, with evidence"
    )
    func destroyed() throws {
        try theatre.submit()
        try theatre.submit(["application": "E20251020-00001"])
        #expect(try theatre.anyFile(holds: theatre.applicant.individualNumber))
        let transfer = try #require(try transfer())
        let sent = try theatre.answer(transfer, ["result": "accepted"])
        let purged = sent.first { $0.topic == "e-application.purged/v1" }
        #expect(purged?.payload["purgedCopies"] == 2)
        #expect(purged?.payload["eraseRecordId"] != nil)
        #expect(
            sent.contains {
                $0.topic == "e-application.status.updated/v1"
                    && $0.payload["status"] == "completed"
            })
        #expect(try theatre.files().isEmpty)
        for text in [
            theatre.applicant.individualNumber, theatre.applicant.nameKanji,
            theatre.applicant.address,
        ] {
            #expect(try !theatre.anyFile(holds: text))
        }
        let facts = try theatre.facts()
        #expect(facts["purged"] == true && facts["mediumErased"] == true)
        #expect(facts["imported"] == true && facts["applicationsStored"] == 0)
    }

    @Test("R-097: what was destroyed stays destroyed, and done, over another life of the process")
    func anotherLife() throws {
        try theatre.submit()
        try theatre.submit(["certificate": "revoked", "person": "P02"])
        let transfer = try #require(try transfer())
        try theatre.answer(transfer, ["result": "accepted"])
        let before = try theatre.facts()
        let others = try theatre.facts("P02")
        let all = try theatre.facts(nil)
        try theatre.start()
        #expect(try theatre.facts() == before)
        #expect(try theatre.facts("P02") == others)
        #expect(try theatre.facts(nil) == all)
        #expect(try theatre.files().isEmpty)
        #expect(try !theatre.anyFile(holds: theatre.applicant.individualNumber))
        // Numbers go on behind what was destroyed.
        let next = try theatre.submit()
        #expect(next.first?.payload["applicationNumber"] == "E20251020-00003")
    }

    @Test("R-097: a process that dies before it destroys does it at its next start")
    func interrupted() throws {
        try theatre.submit()
        let transfer = try #require(try transfer())
        let whole = try #require(FileManager.default.contents(atPath: theatre.ledger))
        let entry = try #require(transfer.payload["ledgerEntryId"]?.string)
        let medium = theatre.media + "/\(entry).sealed"
        let file = try #require(FileManager.default.contents(atPath: medium))
        try theatre.answer(transfer, ["result": "accepted"])
        let now = try #require(FileManager.default.contents(atPath: theatre.ledger))
        let last = try #require(now.split(separator: UInt8(ascii: "\n")).last)
        // As it was between writing the line and destroying.
        try (whole + last + [UInt8(ascii: "\n")]).write(to: URL(filePath: theatre.ledger))
        try file.write(to: URL(filePath: medium))
        #expect(try theatre.anyFile(holds: theatre.applicant.individualNumber))
        try theatre.start()
        #expect(try !theatre.anyFile(holds: theatre.applicant.individualNumber))
        #expect(try theatre.files().isEmpty)
        #expect(try theatre.facts()["purged"] == true)
    }

    @Test("A version the register refused as older leaves the newer one for another transfer")
    func olderVersion() throws {
        try theatre.submit()
        try theatre.submit(["application": "E20251020-00001"])
        let older = try #require(try transfer(["version": 1, "force": true]))
        let sent = try theatre.answer(
            older, ["result": "refused", "code": "older-version", "newestVersion": 2])
        #expect(!sent.contains { $0.topic == "e-application.purged/v1" })
        #expect(try theatre.files().isEmpty)
        #expect(try theatre.facts()["purged"] == false)
        #expect(try transfer() != nil)
    }

    @Test("R-067: for a test of the register, a wrong transfer is made as it is asked for")
    func forced() throws {
        try theatre.submit()
        let wrong = try #require(
            try transfer([
                "force": true, "encrypted": false, "medium": "USB-99", "approver": "denshi-06",
            ]))
        #expect(wrong.payload["mediumId"] == "USB-99")
        #expect(wrong.payload["approverId"] == "denshi-06")
        #expect(try theatre.anyFile(holds: "plannedMoveOutDate"))
        let entry = try #require(wrong.payload["ledgerEntryId"]?.string)
        let file = try #require(
            FileManager.default.contents(atPath: theatre.media + "/\(entry).sealed"))
        #expect(try JSONValue(parsing: Array(file))["procedure"] == "moveOut")
    }
}
