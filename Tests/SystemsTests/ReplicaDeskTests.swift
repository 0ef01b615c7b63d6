import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("副本の書出しと消去 (C3, C8)")
struct ReplicaDeskTests {
    let city: City
    let number: String

    init() throws {
        city = try City.before("2025-10-06T10:00:00+09:00")
        number = try city.becomesKnown()
        try city.logIn()
    }

    private func request(
        _ id: String = "EX-1", change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        let key = try #require(SealedContent.publicKey(of: City.mediumKey))
        var fields: JSONFields = [
            "exportId": .text(id), "scope": .text("all"), "limit": .integer(50),
            "purpose": .text("副本照合"), "approver": .text("kanri-03"),
            "mediumId": .text("USB-C-01"), "ledgerEntryId": .text("LE-\(id)"),
            "mediumPublicKey": .text(Base64URL.text(key)),
        ]
        change(&fields)
        return fields
    }

    private func rows(_ reply: JSONFields, key: [UInt8] = City.mediumKey) throws -> [JSONValue] {
        let sealed = SealedContent(
            encapsulatedKey: try #require(
                reply["encapsulatedKey"]?.text.flatMap(Base64URL.bytes)),
            ciphertext: try #require(reply["ciphertext"]?.text.flatMap(Base64URL.bytes)))
        let plain = try sealed.open(
            with: key, for: .replicaExport, reference: reply["exportId"]?.text ?? "")
        let content = try PayloadCoding.decode(JSONFields.self, from: plain)
        guard case .array(let rows)? = content["rows"] else { return [] }
        return rows
    }

    @Test(
        "R-052: the export holds each 副本 by 団体内統合宛名番号, without 符号, for a comparison with the original"
    )
    func export() throws {
        let reply = try #require(try city.operate("replica.export.request", request()))
        #expect(reply["count"] == .integer(1))
        #expect(reply["more"] == .flag(false))
        let row = try #require(try rows(reply).first)
        #expect(row["integratedAddresseeNumber"] == .text(number))
        #expect(row["items"]?["currentAddress"] == .text("水戸市見川二丁目999番地の4"))
        #expect(row["linkCode"] == nil)
        #expect(
            city.evidence("media.ledger.recorded").last?.fields["reference"] == .text("LE-EX-1"))
    }

    @Test("R-052: an export comes page by page until nothing is left")
    func pages() throws {
        for index in 2...5 {
            try city.replicaArrives(for: "10000000000000\(index)", version: 1) { _ in }
        }
        var after: String?
        var seen: [String] = []
        for page in 1...3 {
            let reply = try #require(
                try city.operate(
                    "replica.export.request",
                    request { fields in
                        fields["limit"] = .integer(2)
                        fields["after"] = after.map { .text($0) }
                    }))
            seen += try rows(reply).compactMap { $0["integratedAddresseeNumber"]?.text }
            after = seen.last
            #expect(reply["more"] == .flag(page < 3))
        }
        #expect(seen.count == 5 && Set(seen).count == 5)
    }

    @Test(
        "R-067: no export without log-in, somebody else's approval, registered medium, ledger entry and encryption",
        arguments: [
            ("approver", JSONValue?.none, "approval-missing"),
            ("approver", .text("chukan-05"), "approver-is-operator"),
            ("approver", .text("nyuryoku-01"), "approver-not-authorised"),
            ("mediumId", nil, "medium-not-registered"),
            ("mediumId", .text("USB-PRIVATE"), "medium-not-registered"),
            ("ledgerEntryId", nil, "ledger-entry-missing"),
            ("mediumPublicKey", nil, "medium-not-encrypted"),
        ])
    func exportRefused(field: String, value: JSONValue?, code: String) throws {
        let ignored: Set = ["staff_operation"]
        let before = try city.contents(of: "intermediateServer", except: ignored)
        let reply = try #require(
            try city.operate("replica.export.request", request { $0[field] = value }))
        #expect(reply["code"] == .text(code))
        #expect(reply["ciphertext"] == nil)
        #expect(try city.contents(of: "intermediateServer", except: ignored) == before)
    }

    @Test("R-067: an entry of the 管理簿 serves one export")
    func ledgerEntryOnce() throws {
        try city.operate("replica.export.request", request())
        let reply = try city.operate(
            "replica.export.request", request("EX-2") { $0["ledgerEntryId"] = .text("LE-EX-1") })
        #expect(reply?["code"] == .text("ledger-entry-used"))
    }

    @Test("R-065, R-066: nobody exports without a session, and nobody but an officer")
    func exportByOthers() throws {
        let absent = try city.operate("replica.export.request", request(), by: "kanri-03")
        #expect(absent?["code"] == .text("session-missing"))
        try city.logIn("kakunin-02")
        let other = try city.operate("replica.export.request", request(), by: "kakunin-02")
        #expect(other?["code"] == .text("operator-not-authorised"))
    }

    @Test("R-067, R-085: what is written on a medium opens with the medium's key alone")
    func exportEncrypted() throws {
        let reply = try #require(try city.operate("replica.export.request", request()))
        #expect(throws: SealedContent.Failure.self) {
            try rows(reply, key: City.requesterKey)
        }
    }

    private func purge(
        _ id: String, cause: String = "retentionExpired", all: Bool = false,
        by operatorID: String = "chukan-05"
    ) throws -> JSONFields? {
        var fields: JSONFields = [
            "purgeId": .text(id), "cause": .text(cause), "reason": .text("保管期限の経過"),
        ]
        if all {
            fields["allExpired"] = .flag(true)
        } else {
            fields["integratedAddresseeNumber"] = .text(number)
        }
        return try city.operate("replica.purge.request", fields, by: operatorID)
    }

    private func movesOut(_ day: String) throws {
        try city.updateReplica(version: 2) { fields in
            fields["removalCategory"] = .text("movedOut")
            fields["removalMoveDate"] = .object(["kind": .text("exact"), "date": .text(day)])
        }
    }

    @Test(
        "R-099: 保管期限切れ is erased by the owner's own operation, not before the period ends, and by no clock"
    )
    func purgeExpired() throws {
        try movesOut("2025-10-28")
        #expect(try purge("PG-1")?["code"] == .text("retention-not-expired"))
        try city.clock.set("2030-10-27T10:00:00+09:00")
        try city.logIn()
        #expect(try purge("PG-2")?["code"] == .text("retention-not-expired"))
        #expect(try purge("PG-3", all: true)?["count"] == .integer(0))
        try city.clock.set("2030-10-28T10:00:00+09:00")
        try city.tick()
        #expect(try city.facts("intermediateServer")["replicas"] == .integer(1))
        try city.logIn()
        #expect(try purge("PG-4", all: true)?["count"] == .integer(1))
        #expect(try city.facts("intermediateServer")["replicas"] == .integer(0))
    }

    @Test(
        "R-099: a resident's 副本 never counts as expired; one registered in error may be erased at once"
    )
    func purgeError() throws {
        try city.clock.set("2060-10-06T10:00:00+09:00")
        try city.logIn()
        #expect(try purge("PG-1")?["code"] == .text("retention-not-expired"))
        #expect(try purge("PG-2", all: true)?["count"] == .integer(0))
        #expect(
            try purge("PG-3", cause: "registeredInError", all: true)?["code"]
                == .text("cause-not-for-all"))
        #expect(try purge("PG-4", cause: "registeredInError")?["count"] == .integer(1))
        #expect(try purge("PG-5", cause: "registeredInError")?["code"] == .text("replica-unknown"))
    }

    @Test(
        "R-028, R-099: platform and cloud operators, and any other sender, erase, export and decide nothing",
        arguments: [
            "platformOperator/p1", "cloudOperator/c1", "infoNetwork", "integratedAddressee",
        ])
    func platform(source: String) throws {
        let before = try city.contents(of: "intermediateServer")
        let purge: JSONFields = [
            "purgeId": .text("PG-1"), "integratedAddresseeNumber": .text(number),
            "cause": .text("registeredInError"), "reason": .text("試験"),
        ]
        for (type, fields) in [
            ("replica.purge.request", purge), ("replica.export.request", try request()),
        ] {
            let settlement = try city.send(
                City.Injection(
                    topic: "\(type)/v1", from: source, to: "intermediateServer",
                    zone: "number-use", fields: fields, operatorID: "chukan-05",
                    terminal: "IX-01", isLinked: false))
            #expect(settlement == .failed(code: "source-not-permitted"))
        }
        #expect(try city.contents(of: "intermediateServer") == before)
    }
}
