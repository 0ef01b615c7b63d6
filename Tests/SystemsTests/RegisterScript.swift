import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

/// The acts at the counter that change the register, one each (窓口の異動の手順).
extension City {
    /// 鈴木 三郎 and his wife, residents; their numbers are those of the fixtures P05 and P02.
    static let head = "0000010057"
    static let headCode = "88888001055"
    static let wife = "0000010022"
    static let wifeCode = "88888001020"

    static func subject(_ addresseeNumber: String) -> JSONFields {
        ["addresseeNumber": .text(addresseeNumber)]
    }

    static func code(_ juminhyoCode: String) -> JSONFields {
        ["juminhyoCode": .text(juminhyoCode)]
    }

    static func day(_ iso: String) -> JSONValue {
        .object(["kind": .text("exact"), "date": .text(iso)])
    }

    /// A city with two residents who live together; the time is 2025-10-06.
    static func inhabited(_ change: (inout JSONFields) -> Void = { _ in }) throws -> City {
        let city = try City.before("2025-10-06T09:00:00+09:00")
        let head = try city.row {
            $0["juminhyoCode"] = .text(headCode)
            $0["individualNumber"] = .text("999999001057")
            $0["addresseeNumber"] = .text(Self.head)
            $0["householdNumber"] = .text("0000000124")
            $0["registeredDomicileMunicipalityCode"] = .text("082015")
            $0["removalCategory"] = .text("none")
            change(&$0)
        }
        let wife = try city.mate {
            $0["householdNumber"] = .text("0000000124")
            $0["registeredDomicileMunicipalityCode"] = .text("082015")
        }
        try #require(try city.imports([head, wife])["result"] == .text("accepted"))
        city.forgetPassed()
        return city
    }

    /// A1-01.
    func accepts(
        _ reception: String, _ type: String, of people: [String] = [], hasCard: Bool = false,
        moveDate: String = "2025-10-04", change: (inout JSONFields) -> Void = { _ in }
    ) throws {
        let subjects = people.map { number in
            JSONValue.object([
                "addresseeNumber": .text(number), "nameKanji": .text("届出　人"),
                "hasIndividualNumberCard": .flag(hasCard),
            ])
        }
        let somebody = JSONValue.object([
            "nameKanji": .text("届出　人"), "hasIndividualNumberCard": .flag(false),
        ])
        var fields: JSONFields = [
            "receptionNumber": .text(reception), "notificationType": .text(type),
            "channel": .text("counter"), "notifier": .object(["kind": .text("self")]),
            "subjects": .array(subjects.isEmpty ? [somebody] : subjects),
            "moveDate": .text(moveDate), "notifiedDate": .text("2025-10-06"),
            "identityEvidence": .array([
                .object(["kind": .text("drivingLicence"), "checked": .flag(true)])
            ]),
        ]
        change(&fields)
        try send(
            Injection(
                topic: "notification.accepted/v2", from: "registerTerminal",
                to: "residentRegister", zone: "number-use", fields: fields, correlation: reception,
                step: "A1-01"))
    }

    /// 仮更新; the reply.
    func enters(
        _ reason: String, _ reception: String, _ subject: JSONFields, _ input: JSONFields = [:],
        by operatorID: String = "nyuryoku-01", change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        var fields: JSONFields = [
            "receptionNumber": .text(reception), "moveReason": .text(reason),
            "subject": .object(subject), "counterInput": .object(input),
        ]
        change(&fields)
        return try ask(
            "register.change.draft.request/v1", fields, answeredBy: "register.change.reply",
            by: operatorID, correlation: reception)
    }

    /// 本更新; nil when accepted, else the code.
    func approves(
        _ draft: JSONFields, _ reception: String, verification: String? = nil
    ) throws -> String? {
        let number = try #require(draft["draftNumber"], "\(draft)")
        var fields: JSONFields = ["draftNumber": number]
        fields["verificationReference"] = verification.map { .text($0) }
        let before = messages("register.change.reply").count
        try send(
            Injection(
                topic: "register.change.commit.request/v1", from: "registerTerminal",
                to: "residentRegister", zone: "number-use", fields: fields,
                correlation: reception, operatorID: "kakunin-02", terminal: "RT-02"))
        guard messages("register.change.reply").count > before else { return "no-answer-yet" }
        return messages("register.change.reply").last?.fields["code"]?.text
    }

    /// 届出, 仮更新 and 本更新 in one; the draft's number.
    @discardableResult
    func changes(
        _ reason: String, _ reception: String, _ subject: JSONFields, _ input: JSONFields = [:],
        type: String = "other", moveDate: String = "2025-10-04",
        change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        try accepts(reception, type, moveDate: moveDate)
        let draft = try enters(reason, reception, subject, input, change: change)
        #expect(try approves(draft, reception) == nil)
        return draft
    }

    /// 特例転出 of the head to つくば市, planned for 2025-11-01; the draft.
    @discardableResult
    func plansMoveOut(
        _ reception: String = "R20251006-00010", hasCard: Bool = true,
        planned: String = "2025-11-01", to municipality: String = "082201",
        change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        try accepts(reception, "moveOut", of: [Self.head], hasCard: hasCard)
        let draft = try enters(
            "domesticMoveOut", reception, Self.subject(Self.head),
            [
                "plannedMoveOutMunicipalityCode": .text(municipality),
                "plannedMoveOutAddress": .text("つくば市研究学園一丁目999番地の5"),
            ]
        ) {
            $0["plannedMoveOutDate"] = .text(planned)
            change(&$0)
        }
        #expect(try approves(draft, reception) == nil)
        return draft
    }

    /// C6: the 転入地 tells that somebody came.
    func moveInIsNoticed(
        of code: String = headCode, on day: String, at municipality: String = "082201",
        peer: String = "08220", address: String = "つくば市研究学園一丁目999番地の5"
    ) throws {
        var fields = try Layouts.example("move-in-notice.deliver/v1", files)
        fields["juminhyoCode"] = .text(code)
        fields["currentMunicipalityCode"] = .text(municipality)
        fields["currentAddress"] = .text(address)
        fields["becameResidentDate"] = Self.day(day)
        fields["previousMunicipalityCode"] = .text("082015")
        try send(
            Injection(
                topic: "move-in-notice.deliver/v1", from: "peerMunicipalCS/\(peer)",
                to: "municipalCS", zone: "juki-net", fields: fields,
                correlation: "peer-\(positionsPassed)", operatorID: nil, terminal: nil))
    }

    private var positionsPassed: Int { passed.count }

    /// C11.
    func poolHolds(_ codes: String...) throws {
        try send(
            Injection(
                topic: "juminhyo-code.pool.replenished/v1", from: "nationalServer",
                to: "municipalCS", zone: "juki-net",
                fields: [
                    "batchNumber": .text("POOL-\(passed.count)-1"), "issuedDate": .text("20251001"),
                    "juminhyoCodes": .array(codes.map { .text($0) }),
                ], correlation: "pool-\(passed.count)", operatorID: nil, terminal: nil))
    }

    /// A1-07 straight to the register: what it must refuse, the CS would not have let through.
    func numberCame(_ number: String, for code: String) throws {
        try send(
            Injection(
                topic: "individual-number.assigned/v1", from: "municipalCS",
                to: "residentRegister", zone: "juki-net",
                fields: [
                    "juminhyoCode": .text(code), "result": .text("accepted"),
                    "individualNumber": .text(number), "generatedDate": .text("20251007"),
                ], correlation: "number-\(passed.count)", operatorID: nil, terminal: nil))
    }

    func registerFacts(_ code: String) throws -> JSONFields {
        try facts("residentRegister", Self.code(code))
    }

    /// What the register sent since the passed messages were forgotten: `step recipient`, in the order of these.
    func sentByRegister() -> [String] {
        passed.filter {
            $0.envelope.source.rawValue == "residentRegister"
                && !["audit.record", "register.change.reply", "lab.state.report"].contains($0.type)
        }.map { "\($0.step) \($0.recipient)" }.sorted()
    }

    /// A decision at the terminal; nil when accepted, else the code.
    func decides(
        _ id: JSONValue?, _ decision: String, by operatorID: String = "kanri-03"
    ) throws -> String? {
        try ask(
            "manual-case.decide.request/v1",
            [
                "id": id ?? .null, "decision": .text(decision), "reason": .text("確認した"),
            ], answeredBy: "manual-case.reply", by: operatorID)["code"]?.text
    }

    /// The open cases at the terminal.
    func openCases() throws -> [JSONFields] {
        let list = try ask(
            "manual-case.list.request/v1", [:], answeredBy: "manual-case.list.result")
        guard case .array(let cases)? = list["cases"] else { return [] }
        return cases.compactMap { if case .object(let fields) = $0 { fields } else { nil } }
    }
}
