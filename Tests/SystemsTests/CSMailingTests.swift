import Foundation
import GRDB
import Messaging
import MunicipalCS
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS: 送付先情報")
struct CSMailingTests {
    let city: City
    private let child = "88888001039"
    private let number = "999999001030"
    private let mailing = "S20251015-000001"

    init() throws {
        city = try City.before("2025-10-15T09:00:00+09:00")
        city.absent = ["residentRegister"]
        city.silent = ["nationalServer", "cardManagement"]
    }

    /// The CS holds everybody of the example and gets the 送付先情報.
    private func extracted(
        from: String = "residentRegister", major: Int = 2,
        change: (inout JSONFields) -> Void = { _ in }
    ) throws -> Settlement {
        let example = try Layouts.example("mailing-address.extracted/v\(major)", city.files)
        for person in Self.persons(example) {
            guard let code = person["juminhyoCode"]?.text,
                try city.fact("identity", of: code) == .text("none")
            else { continue }
            try city.csHolds(code, number: person["individualNumber"]?.text)
        }
        var fields = example
        fields["mailingControlNumber"] = .text(mailing)
        change(&fields)
        return try city.send(
            City.Injection(
                topic: "mailing-address.extracted/v\(major)", from: from, to: "municipalCS",
                zone: "juki-net", fields: fields, correlation: "mail-1", step: "B7-01",
                isLinked: from == "residentRegister"))
    }

    private static func persons(_ fields: JSONFields) -> [JSONFields] {
        guard case .array(let list)? = fields["targetPersons"] else { return [] }
        return list.compactMap { if case .object(let person) = $0 { person } else { nil } }
    }

    /// 機構 answers the CS's questions with what was extracted, changed.
    private func nationAnswers(change: (inout JSONFields) -> Void = { _ in }) throws {
        let sent = try city.last("mailing-address.extracted", to: "municipalCS")
        for question in city.messages("identity.inquiry.request", to: "nationalServer") {
            let person = try #require(
                Self.persons(sent.fields).first {
                    $0["juminhyoCode"] == question.fields["juminhyoCode"]
                })
            var items: JSONFields = [:]
            for name in [
                "juminhyoCode", "nameKanji", "birthDate", "sex", "address", "individualNumber",
            ] { items[name] = person[name] }
            change(&items)
            let known = items
            try city.toCS(
                "identity.inquiry.result/v1", from: "nationalServer", step: "B5-02",
                correlation: question.envelope.correlation.rawValue
            ) {
                $0["applicationReference"] = question.fields["applicationReference"]
                $0["items"] = .object(known)
            }
        }
    }

    private func acknowledged(_ result: String = "accepted") throws {
        try city.toCS("mailing-address.ack/v1", from: "cardManagement", step: "B7-02") {
            $0["mailingControlNumber"] = .text(mailing)
            $0["result"] = .text(result)
            if result == "refused" { $0["code"] = .text("address-unknown") }
        }
    }

    private func rows() throws -> [JSONValue?] {
        [try city.fact("mailings"), try city.fact("mailingAddresses")]
    }

    @Test("R-004: 送付先情報 from anybody but the register is refused and not stored")
    func source() throws {
        #expect(
            try extracted(from: "officeLinkage") == .failed(code: "source-not-permitted"))
        #expect(try rows() == [.integer(0), .integer(0)])
    }

    @Test("All 67 items are stored and go on as they came, 61 of them in v1", arguments: [2, 1])
    func items(major: Int) throws {
        _ = try extracted(major: major) {
            guard major == 1 else { return }
            $0["processedDate"] = .text("20200401")
            $0["printCategory"] = .text("notificationCard")
        }
        try nationAnswers()
        let taken = try city.last("mailing-address.extracted", to: "municipalCS")
        let notified = try city.last("mailing-address.notify", to: "cardManagement")
        #expect(notified.envelope.topic.rawValue == "mailing-address.notify/v\(major)")
        #expect(Self.plain(notified.fields) == Self.plain(taken.fields))
        let columns = try #require(city.stores["municipalCS"]).perform { transaction in
            try ["mailing", "mailing_person"].map { table in
                try transaction.database.columns(in: table).map(\.name)
            }
        }
        let header = try Layouts.fields("mailing-address.extracted/v2", city.files)
        #expect(Set(columns[0]).isSuperset(of: header.filter { $0 != "targetPersons" }))
        #expect(columns[0].prefix(37).count + columns[1].prefix(30).count == 67)
    }

    /// Without nulls: an item left out and an item that is null are the same.
    private static func plain(_ fields: JSONFields) -> JSONFields {
        var plain = fields.filter { $0.value != .null }
        plain["targetPersons"] = .array(
            persons(fields).map { .object($0.filter { $0.value != .null }) })
        return plain
    }

    @Test("R-044: nothing is sent before 機構 has answered, and the prefecture before it")
    func waits() throws {
        city.silent.insert("prefecturalServer")
        _ = try extracted()
        #expect(city.messages("identity.inquiry.request").isEmpty)
        for notice in city.messages("identity.update.notice", to: "prefecturalServer") {
            try city.toCS("identity.update.ack/v1", from: "prefecturalServer", step: "A1-04") {
                $0["juminhyoCode"] = notice.fields["juminhyoCode"]
            }
        }
        #expect(!city.messages("identity.inquiry.request", to: "nationalServer").isEmpty)
        #expect(city.messages("mailing-address.notify").isEmpty)
        try nationAnswers()
        #expect(city.messages("mailing-address.notify").map(\.step) == ["B7-02"])
    }

    @Test(
        "R-044, R-050: what 機構 has otherwise, the 個人番号 too, is held for a person and not sent",
        arguments: ["nameKanji", "address", "birthDate", "sex", "individualNumber"])
    func mismatch(item: String) throws {
        _ = try extracted()
        let other = ["birthDate": "19000101", "sex": "9", "individualNumber": "999999001103"]
        try nationAnswers { $0[item] = .text(other[item] ?? "別") }
        #expect(city.messages("mailing-address.notify").isEmpty)
        #expect(try city.fact("mailingHeld") == .integer(1))
        #expect(try city.fact("manualCase.mailingMismatch") == .integer(1))
        let told = try city.last("mailing-address.result", to: "residentRegister")
        #expect(told.fields["state"] == .text("heldMismatch"))
        #expect(told.fields["code"] == .text("mailing-mismatch"))
        try city.toCS(
            "manual-case.list.request/v1", from: "integratedTerminal", by: "kanri-03"
        ) { $0 = [:] }
        let list = try city.last("manual-case.list.result", to: "integratedTerminal")
        #expect(list.fields["open"] == .integer(1))
        #expect(String(decoding: list.payload, as: UTF8.self).contains(item))
        #expect(!String(decoding: list.payload, as: UTF8.self).contains(number))
    }

    private func decided(_ decision: String) throws -> String? {
        try city.toCS(
            "manual-case.decide.request/v1", from: "integratedTerminal", by: "kanri-03"
        ) {
            $0["id"] = .text("M1")
            $0["decision"] = .text(decision)
        }
        return try city.last("manual-case.reply", to: "integratedTerminal").fields["code"]?.text
    }

    @Test("R-044: a person has it matched again and sent, or erased; any other decision is refused")
    func decisions() throws {
        _ = try extracted()
        try nationAnswers { $0["address"] = .text("別") }
        #expect(try decided("proceed") == "decision-unknown")
        #expect(try city.fact("manualCases") == .integer(1))
        let asked = city.messages("identity.inquiry.request").count
        #expect(try decided("resend") == nil)
        #expect(city.messages("identity.inquiry.request").count > asked)
        try nationAnswers()
        #expect(city.messages("mailing-address.notify").count == 1)
        #expect(try decided("discard") == "case-closed")
    }

    @Test("R-044: a discarded mailing is gone, with evidence")
    func discarded() throws {
        _ = try extracted()
        try nationAnswers { $0["address"] = .text("別") }
        #expect(try decided("discard") == nil)
        #expect(try rows() == [.integer(0), .integer(0)])
        #expect(try city.cells(of: "municipalCS") { $0 == "水戸市" } == 0)
    }

    @Test(
        "R-092, R-102: 一定期間 after the ack all rows of the batch go in one operation, at 00:00 and not a second earlier"
    )
    func retention() throws {
        _ = try extracted()
        try nationAnswers()
        try acknowledged()
        #expect(try city.fact("mailingState", of: child) != .text("none"))
        try city.clock.set("2025-11-13T23:59:59+09:00")
        try city.tick()
        #expect(try rows() != [.integer(0), .integer(0)])
        try city.clock.set("2025-11-14T00:00:00+09:00")
        try city.tick()
        #expect(try rows() == [.integer(0), .integer(0)])
        // not in the database, not in its log.
        for suffix in ["", "-wal"] {
            let bytes = try ScratchFile.bytes(city.path(of: "municipalCS") + suffix)
            #expect(!ScratchFile.contains(bytes, mailing), "\(suffix)")
        }
        let evidence = city.messages("audit.record").filter {
            $0.fields["operation"] == .text("retention.purged")
        }
        #expect(evidence.count == 1)
        #expect(evidence.first?.fields["count"] != nil)
        #expect(evidence.first?.fields["reference"]?.text?.hasPrefix("F3:") == true)
    }

    @Test("R-092: by the policy before 令和2年5月29日 the rows go at the ack", arguments: [true, false])
    func oldPolicy(byDate: Bool) throws {
        if byDate {
            try city.clock.set("2020-05-28T10:00:00+09:00")
        } else {
            city.csSettings.mailingPolicy = .v1
            try city.open("municipalCS")
        }
        _ = try extracted {
            if byDate {
                $0["processedDate"] = .text("20200528")
            }
        }
        try nationAnswers()
        #expect(try rows() != [.integer(0), .integer(0)])
        try acknowledged()
        #expect(try rows() == [.integer(0), .integer(0)])
    }

    @Test("R-094: what has been sent is not changed, by a message or by hand")
    func immutable() throws {
        _ = try extracted()
        try nationAnswers()
        _ = try extracted { $0["mailingName"] = .text("別人") }
        let told = try city.last("mailing-address.result", to: "residentRegister")
        #expect(told.fields["code"] == .text("already-sent"))
        let store = try #require(city.stores["municipalCS"])
        #expect(throws: DatabaseError.self) {
            try store.perform {
                try $0.database.execute(sql: "UPDATE mailing SET mailingName = '別人'")
            }
        }
        #expect(throws: DatabaseError.self) {
            try store.perform {
                try $0.database.execute(sql: "UPDATE mailing_person SET address = '別'")
            }
        }
    }

    @Test("R-100: F3 keeps nothing of the dead, sent or not", arguments: [true, false])
    func death(sent: Bool) throws {
        _ = try extracted()
        if sent {
            try nationAnswers()
            try acknowledged()
        }
        let people = Self.persons(
            try city.last("mailing-address.extracted", to: "municipalCS").fields)
        for person in people {
            let code = try #require(person["juminhyoCode"]?.text)
            try city.identityIsUpdated("death", sequence: 2) {
                $0["juminhyoCode"] = .text(code)
                $0["individualNumber"] = person["individualNumber"]
            }
            #expect(try city.fact("mailingState", of: code) == .text("none"))
        }
        #expect(try rows() == [.integer(0), .integer(0)])
    }

    @Test(
        "A mailing that is not right is refused with its code and not stored",
        arguments: [
            (2, "targetPersonCount", JSONValue.integer(9), "person-count-mismatch"),
            (1, "processedDate", .text("20200525"), "notification-card-abolished"),
            (2, "processedDate", .text("20200524"), "notice-not-yet-introduced"),
        ])
    func refused(major: Int, item: String, value: JSONValue, code: String) throws {
        _ = try extracted(major: major) { $0[item] = value }
        let told = try city.last("mailing-address.result", to: "residentRegister")
        #expect(told.fields["code"] == .text(code))
        #expect(try rows() == [.integer(0), .integer(0)])
    }

    @Test("R-049: 送付先情報 of somebody the CS does not hold is refused")
    func unknown() throws {
        _ = try extracted {
            let persons = Self.persons($0).map {
                JSONValue.object($0.merging(["juminhyoCode": .text("88888001101")]) { $1 })
            }
            $0["targetPersons"] = .array(persons)
        }
        let told = try city.last("mailing-address.result", to: "residentRegister")
        #expect(told.fields["code"] == .text("match-failed"))
    }

    @Test("A question 機構 did not answer is asked again")
    func askedAgain() throws {
        _ = try extracted()
        let asked = city.messages("identity.inquiry.request").count
        try city.clock.set("2025-10-15T09:03:00+09:00")
        try city.tick()
        #expect(city.messages("identity.inquiry.request").count == 2 * asked)
    }

    @Test("What the card management refuses waits for a person, who has it sent again")
    func refusedByCardManagement() throws {
        _ = try extracted()
        try nationAnswers()
        try acknowledged("refused")
        #expect(try city.fact("manualCase.mailingRefused") == .integer(1))
        #expect(try decided("resend") == nil)
        #expect(city.messages("mailing-address.notify").count == 2)
    }
}
