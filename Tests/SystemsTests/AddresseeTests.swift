import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("団体内統合宛名")
struct AddresseeTests {
    let city: City
    let number: String

    init() throws {
        city = try City.before("2025-10-06T10:00:00+09:00")
        number = try city.becomesKnown()
    }

    @discardableResult
    private func sync(
        _ version: Int64, change: (inout JSONFields) -> Void = { _ in }
    ) throws -> Settlement {
        var fields = try Layouts.example("resident.sync/v2", city.files, number: 1)
        fields["recordVersion"] = .integer(version)
        change(&fields)
        return try city.send(
            City.Injection(
                topic: "resident.sync/v2", from: "residentRegister", to: "integratedAddressee",
                zone: "number-use", fields: fields))
    }

    private func look(
        _ keys: [JSONFields], for department: String? = nil, as source: String = "officeLinkage"
    ) throws -> JSONFields {
        var fields: JSONFields = [
            "lookupId": .text("LK-1"), "purpose": .text("試験"),
            "keys": .array(keys.map { .object($0) }),
        ]
        fields["department"] = department.map { .text($0) }
        try city.send(
            City.Injection(
                topic: "addressee.lookup.request/v1", from: source, to: "integratedAddressee",
                zone: "number-use", fields: fields, correlation: "look-\(city.passed.count)",
                operatorID: "madoguchi-04", terminal: "IT-01",
                expiry: city.clock.now() + .seconds(60)))
        return try #require(city.messages("addressee.lookup.result", to: source).last).fields
    }

    private func rows(_ result: JSONFields) -> [JSONValue] {
        guard case .array(let rows)? = result["rows"] else { return [] }
        return rows
    }

    @Test("R-023: a department that may use 個人番号 sees it, any other gets the same answer without")
    func departments() throws {
        let key: JSONFields = ["addresseeNumber": .text("0000010049")]
        let tax = try look([key], for: "taxSystem")
        #expect(rows(tax).first?["individualNumber"] == .text(City.individualNumber))
        for department in ["businessSystem/3", "businessSystem/34", nil] {
            let result = try look([key], for: department)
            #expect(result["individualNumbersAllowed"] == .flag(false))
            #expect(rows(result).first?["individualNumber"] == nil)
            #expect(rows(result).first?["integratedAddresseeNumber"] == .text(number))
        }
    }

    @Test(
        "R-023: 異動受付支援 and the 中間サーバー接続端末 never see a 個人番号, and speak for nobody else",
        arguments: ["receptionSupport", "intermediateTerminal"])
    func others(source: String) throws {
        let key: JSONFields = ["integratedAddresseeNumber": .text(number)]
        let result = try look([key], as: source)
        #expect(rows(result).first?["addresseeNumber"] == .text("0000010049"))
        #expect(rows(result).first?["individualNumber"] == nil)
        let borrowed = try look([key], for: "taxSystem", as: source)
        #expect(borrowed["code"] == .text("department-not-permitted"))
        #expect(borrowed["rows"] == nil)
    }

    @Test("R-023: who may not see a 個人番号 may not search by one either")
    func numberAsKey() throws {
        let key: JSONFields = ["individualNumber": .text(City.individualNumber)]
        #expect(rows(try look([key], for: "taxSystem")).count == 1)
        let refused = try look([key], for: "businessSystem/3")
        #expect(refused["code"] == .text("number-use-not-authorized"))
        #expect(refused["rows"] == nil)
    }

    @Test("A look-up finds by each number and by name with birth date; what is unknown has no row")
    func keys() throws {
        let name: JSONFields = [
            "nameKanji": .text("佐藤　次郎"),
            "birthDate": .object(["kind": .text("exact"), "date": .text("1990-02-14")]),
        ]
        let result = try look([
            ["addresseeNumber": .text("9999999999")],
            ["integratedAddresseeNumber": .text(number)], name,
        ])
        #expect(rows(result).map { $0["key"]?.integer } == [1, 2])
        #expect(rows(result).allSatisfy { $0["addresseeNumber"] == .text("0000010049") })
    }

    @Test(
        "R-073: every 情報照会 and 情報提供 leaves a row with operator, time, operation and result, and nobody's number"
    )
    func log() throws {
        _ = try look([["addresseeNumber": .text("0000010049")]], for: "taxSystem")
        _ = try look([["individualNumber": .text(City.individualNumber)]], for: "businessSystem/3")
        let log = try #require(city.stores["integratedAddressee"]).perform { transaction in
            try Row.fetchAll(transaction.database, sql: "SELECT * FROM inquiry_log ORDER BY number")
                .map { row in
                    [
                        row["operation"], row["asker"], row["department"], row["operator"],
                        row["result"], String(row["numbersShown"] as Int),
                    ] as [String]
                }
        }
        #expect(
            log == [
                [
                    "replica", "residentRegister", "residentRegister", "nyuryoku-01", "accepted",
                    "0",
                ],
                ["lookup", "officeLinkage", "taxSystem", "madoguchi-04", "accepted", "1"],
                [
                    "lookup", "officeLinkage", "businessSystem/3", "madoguchi-04",
                    "number-use-not-authorized", "0",
                ],
            ])
        #expect(
            city.evidence("addressee.lookup").map { $0.fields["result"] } == [
                .text("accepted"), .text("refused"),
            ])
        #expect(
            try city.cells(of: "integratedAddressee") { $0.contains(City.individualNumber) } == 1,
            "the pair alone")
        city.clock.time = city.clock.time + .seconds(2_559 * 86_400)
        try city.tick()
        #expect(try city.facts("integratedAddressee")["lookups"] == .integer(0))
    }

    @Test("SC-07: a changed 個人番号 keeps the 団体内統合宛名番号, and A5 is not repeated")
    func numberChange() throws {
        let changed = try sync(2) { fields in
            fields["individualNumber"] = .text("999999002088")
            fields["moveReason"] = .text("individualNumberChangeRequest")
        }
        #expect(changed == .accepted)
        let found = rows(
            try look([["addresseeNumber": .text("0000010049")]], for: "taxSystem")
        ).first
        #expect(found?["integratedAddresseeNumber"] == .text(number))
        #expect(found?["individualNumber"] == .text("999999002088"))
        #expect(city.messages("addressee-pair.register.request").count == 1)
        #expect(try city.facts("intermediateServer")["linkCodeState"] == .text("bound"))
        let old = try look([["individualNumber": .text(City.individualNumber)]], for: "taxSystem")
        #expect(rows(old).isEmpty)
    }

    @Test("SC-17: with a changed 住民票コード the 符号 is acquired anew, under the same 団体内統合宛名番号")
    func codeChange() throws {
        try sync(2) { $0["moveReason"] = .text("juminhyoCodeChangeRequest") }
        let pairs = city.messages("addressee-pair.register.request")
        #expect(pairs.count == 2)
        #expect(pairs.last?.fields["renew"] == .flag(true))
        #expect(pairs.last?.fields["integratedAddresseeNumber"] == .text(number))
        let facts = try city.facts("intermediateServer")
        #expect(facts["boundLinkCodes"] == .integer(1))
        #expect(facts["pendingLinkCodes"] == .integer(0))
    }

    @Test("corrections 8: a 消除 marks the pair with 事由 and 年月日; it stays resolvable")
    func removal() throws {
        try sync(2) { fields in
            fields["moveReason"] = .text("domesticMoveOut")
            fields["removalCategory"] = .text("movedOut")
            fields["removalMoveDate"] = .object([
                "kind": .text("exact"), "date": .text("2025-10-28"),
            ])
        }
        let facts = try city.facts(
            "integratedAddressee", ["addresseeNumber": .text("0000010049")])
        #expect(facts["pair"] == .text("inactive"))
        #expect(facts["removal"] == .text("movedOut"))
        #expect(facts["removedOn"] == .text("2025-10-28"))
        let found = rows(try look([["addresseeNumber": .text("0000010049")]])).first
        #expect(found?["state"] == .text("inactive"))
        #expect(found?["removalMoveDate"]?["date"] == .text("2025-10-28"))
    }

    @Test("R-049: a 個人番号 that is already somebody else's is not taken over")
    func numberOfAnother() throws {
        let before = try city.contents(of: "integratedAddressee")
        let settlement = try sync(1) { $0["addresseeNumber"] = .text("0000010057") }
        #expect(settlement == .failed(code: "individual-number-of-another"))
        #expect(try city.contents(of: "integratedAddressee") == before)
    }
}
