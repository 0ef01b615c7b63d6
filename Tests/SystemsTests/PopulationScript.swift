import GRDB
import JSONSchema
import Messaging
import Participant
import ParticipantStore
import Testing

/// 初期登録 and the acts at the 既存住基端末 that the interfaces' tests share (窓口の操作).
extension City {
    static let resident: JSONFields = ["addresseeNumber": .text("0000010049")]

    /// The layout's example person (0: 佐藤 次郎, 1: NGUYEN VAN A), changed.
    func row(
        _ number: Int = 0, _ change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        let example = try Layouts.example("population.import.request/v1", files, number: number)
        guard case .array(let rows)? = example["residents"], case .object(var row)? = rows.first
        else { throw Refuse("no-example") }
        change(&row)
        return row
    }

    /// The wife of the first example person.
    func mate(_ change: (inout JSONFields) -> Void = { _ in }) throws -> JSONFields {
        try row {
            $0["juminhyoCode"] = .text("88888001020")
            $0["individualNumber"] = .text("999999001022")
            $0["addresseeNumber"] = .text("0000010022")
            $0["nameKanji"] = .text("佐藤　花子")
            $0["nameKana"] = .text("サトウ　ハナコ")
            $0["sexCode"] = .text("2")
            $0["birthDate"] = .object(["kind": .text("exact"), "date": .text("1992-09-23")])
            $0["relationshipCode"] = .text("妻")
            change(&$0)
        }
    }

    /// One household of an 初期登録; the reply.
    @discardableResult
    func imports(_ rows: [JSONFields], isLinked: Bool = true) throws -> JSONFields {
        try send(
            Injection(
                topic: "population.import.request/v1", from: "registerTerminal",
                to: "residentRegister", zone: "number-use",
                fields: [
                    "batchId": .text("init-2025"), "residents": .array(rows.map { .object($0) }),
                ], correlation: "import-\(passed.count)", isLinked: isLinked))
        return try #require(messages("population.import.reply").last).fields
    }

    /// A command of the 既存住基端末; the fields of its reply.
    @discardableResult
    func ask(
        _ topic: String, _ fields: JSONFields, answeredBy reply: String,
        by operatorID: String? = "nyuryoku-01", correlation: String? = nil
    ) throws -> JSONFields {
        try send(
            Injection(
                topic: topic, from: "registerTerminal", to: "residentRegister",
                zone: "number-use", fields: fields,
                correlation: correlation ?? "desk-\(passed.count)", operatorID: operatorID))
        return try #require(messages(reply).last).fields
    }

    /// A2-01: a 住民票の写し of the first example person.
    func issue(_ change: (inout JSONFields) -> Void = { _ in }) throws -> JSONFields {
        var fields = try Layouts.example("certificate.issue.request/v1", files)
        change(&fields)
        return try ask(
            "certificate.issue.request/v1", fields, answeredBy: "certificate.issued",
            by: "madoguchi-04")
    }

    /// The printed text of an item, of everybody on the certificate.
    static func printed(_ item: String, in issued: JSONFields) -> [String] {
        guard case .array(let persons)? = issued["persons"] else { return [] }
        return persons.flatMap { person -> [String] in
            guard case .array(let lines)? = person["lines"] else { return [] }
            return lines.filter { $0["item"] == .text(item) }.compactMap { $0["text"]?.text }
        }
    }

    /// A1-01 and 仮更新 of a 転居, of the first example person unless said otherwise; the draft's number.
    func draftsAddressChange(
        to address: String, of addressee: String = "0000010049",
        reception: String = "R20251006-00077"
    ) throws -> String {
        try drafts(
            "addressChange", of: addressee, reception: reception,
            input: [
                "currentAddress": .text(address),
                "addressFixedDate": .object([
                    "kind": .text("exact"), "date": .text("2025-10-04"),
                ]),
                "addressFixedNotifiedDate": .text("2025-10-06"),
            ])
    }

    /// A1-01 and 仮更新 of somebody who lives here; the draft's number.
    func drafts(
        _ reason: String, of addressee: String, reception: String, input: JSONFields,
        more: JSONFields = [:]
    ) throws -> String {
        try send(
            Injection(
                topic: "notification.accepted/v2", from: "registerTerminal",
                to: "residentRegister", zone: "number-use",
                fields: [
                    "receptionNumber": .text(reception),
                    "notificationType": .text(Self.notification(of: reason)),
                    "channel": .text("counter"),
                    "notifier": .object(["kind": .text("self")]),
                    "subjects": .array([
                        .object([
                            "addresseeNumber": .text(addressee), "nameKanji": .text("佐藤　次郎"),
                            "hasIndividualNumberCard": .flag(true),
                        ])
                    ]),
                    "moveDate": .text("2025-10-04"), "notifiedDate": .text("2025-10-06"),
                    "identityEvidence": .array([
                        .object(["kind": .text("individualNumberCard"), "checked": .flag(true)])
                    ]),
                ], correlation: reception, step: "A1-01"))
        let fields: JSONFields = [
            "receptionNumber": .text(reception), "moveReason": .text(reason),
            "subject": .object(["addresseeNumber": .text(addressee)]),
            "counterInput": .object(input),
        ]
        let reply = try ask(
            "register.change.draft.request/v1", fields.merging(more) { $1 },
            answeredBy: "register.change.reply", correlation: reception)
        return try #require(reply["draftNumber"]?.text, "\(reply)")
    }

    private static func notification(of reason: String) -> String {
        switch reason {
        case "addressChange": "addressChange"
        case "domesticMoveOut": "moveOut"
        default: "householdChange"
        }
    }

    /// The row of the register's own table.
    func stored(_ juminhyoCode: String) throws -> Row {
        try #require(
            stores["residentRegister"]?.perform {
                try Row.fetchOne(
                    $0.database, sql: "SELECT * FROM resident WHERE juminhyoCode = ?",
                    arguments: [juminhyoCode])
            })
    }

    /// Whether a body fits its layout, as the hub asks.
    func fits(_ topic: String, _ fields: JSONFields) throws -> Bool {
        guard let index = catalogue.topicIndex(of: try Topic(topic)) else {
            throw Refuse("no-topic")
        }
        let payload = try PayloadCoding.encode(JSONValue.object(fields))
        var checker = Checker()
        return checker.check(payload.span, against: catalogue.topic(index).schema) == .valid
    }
}
