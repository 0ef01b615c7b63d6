import Messaging

/// 全国サーバ (機構): 本人確認 (B2), 検索 (B4), 照会 (B5), 整合性確認 (B6), the 符号取得要求 it passes on to
/// 情報提供ネットワークシステム (A5-03, L-29), and 空き住民票コード (C11).
struct NationalServer: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "identity.verify.request": return [verify(message, in: &world)]
        case "identity.search.request":
            return [IdentityServer.nation.search(message, in: &world)]
        case "identity.inquiry.request": return [inquire(message, in: &world)]
        case "consistency.check.submit": return IdentityServer.nation.check(message, in: &world)
        case "link-code.acquire.request": return try acquire(message, in: &world)
        default: throw .typeUnexpected
        }
    }

    // MARK: - 本人確認 and 照会

    private func verify(_ message: Incoming, in world: inout OutsideWorld) -> Dispatch {
        let found = Self.match(message.payload, in: world[IdentityBook.self].nation)
        if case .one(let code, _) = found {
            world[IdentityBook.self].verifications[code, default: 0] += 1
        }
        return .answer(
            to: message, "identity.verify.result/v1", step: "B2-04",
            .object(
                found.result(
                    message, reference: world[IdentityBook.self].reference("V", message.now)
                ) {
                    $1.items($0)
                }))
    }

    /// 個人番号 is part of the answer (B5-02): 真正性確認, and the match before 送付先情報 leaves.
    private func inquire(_ message: Incoming, in world: inout OutsideWorld) -> Dispatch {
        let found = Self.match(message.payload, in: world[IdentityBook.self].nation)
        if case .one(let code, _) = found {
            world[IdentityBook.self].inquiries[code, default: 0] += 1
        }
        return .answer(
            to: message, "identity.inquiry.result/v1", step: "B5-02",
            .object(
                found.result(
                    message, reference: world[IdentityBook.self].reference("Q", message.now)
                ) {
                    code, record in
                    var items = record.items(code)
                    items["individualNumber"] =
                        record.individualNumber.map(JSONValue.string) ?? .null
                    return items
                }))
    }

    private enum Match {
        case one(String, IdentityRecord)
        case none(code: String)

        func result(
            _ request: Incoming, reference: JSONValue,
            items: (String, IdentityRecord) -> [String: JSONValue]
        ) -> [String: JSONValue] {
            var result: [String: JSONValue] = [
                "verificationReference": reference,
                "applicationReference": request.payload["applicationReference"] ?? .null,
            ]
            switch self {
            case .one(let code, let record):
                result["matched"] = true
                result["items"] = .object(items(code, record))
            case .none(let code):
                result["matched"] = false
                result["code"] = .string(code)
            }
            return result
        }
    }

    /// Every item asked for must be right, and must mean one person.
    private static func match(_ keys: JSONValue, in nation: [String: IdentityRecord]) -> Match {
        let found = nation.filter { code, record in
            if let wanted = keys["juminhyoCode"]?.string, wanted != code { return false }
            if let wanted = keys["individualNumber"]?.string, wanted != record.individualNumber {
                return false
            }
            if let items = keys["fourItems"] { return record.answers(to: items, exactly: true) }
            return keys["juminhyoCode"] != nil || keys["individualNumber"] != nil
        }
        guard let one = found.first else { return .none(code: "not-found") }
        guard found.count == 1 else { return .none(code: "several-found") }
        guard !one.value.isRemoved else { return .none(code: "removed") }
        return .one(one.key, one.value)
    }

    /// A refused 本人確認 or 照会 has found nobody, with that code.
    func refuse(
        _ message: Incoming, code: String, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        func nobody(_ topic: StaticTopic, _ step: StaticStep, _ letter: String) -> [Dispatch] {
            let reference = world[IdentityBook.self].reference(letter, message.now)
            let result = Match.none(code: code).result(message, reference: reference) { _, _ in [:]
            }
            return [.answer(to: message, topic, step: step, .object(result))]
        }
        switch message.type {
        case "identity.verify.request": return nobody("identity.verify.result/v1", "B2-04", "V")
        case "identity.inquiry.request": return nobody("identity.inquiry.result/v1", "B5-02", "Q")
        case "identity.search.request":
            var result: [String: JSONValue] = ["result": "refused", "code": .string(code)]
            result["applicationReference"] = message.payload["applicationReference"]
            return [.answer(to: message, "identity.search.result/v1", .object(result))]
        default: throw PartyRefusal(code: code)
        }
    }

    // MARK: - 符号 and 住民票コード

    /// 個人番号 → 住民票コード here, then 情報提供ネットワークシステム issues the 符号 in its own zone.
    private func acquire(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard let processing = message.payload["processingNumber"]?.string,
            let number = message.payload["individualNumber"]?.string
        else { throw PartyRefusal(code: "payload-incomplete") }
        guard
            let code = world[IdentityBook.self].nation.first(where: {
                $0.value.individualNumber == number
            })?.key ?? SyntheticNumbers.juminhyoCode(of: number)
        else { throw PartyRefusal(code: "individual-number-unknown") }
        return [InfoNetwork.issue(for: processing, of: code, in: &world)]
    }

    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        guard verb == "replenish" else {
            return try IdentityServer.nation.act(verb, arguments, in: &world)
        }
        return [try CodePool.replenish(arguments, as: party, in: &world, now: now)]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        var facts = IdentityServer.nation.facts(about: person, in: world)
        let book = world[IdentityBook.self]
        func count(_ counts: [String: Int]) -> JSONValue {
            .integer(person.map { counts[$0.juminhyoCode] ?? 0 } ?? counts.values.reduce(0, +))
        }
        facts["verifications"] = count(book.verifications)
        facts["inquiries"] = count(book.inquiries)
        if person == nil {
            facts["searches"] = .integer(book.nationSearches)
            facts["codesIssued"] = .integer(world[CodePool.self].issued)
        }
        return facts
    }
}

/// 空き住民票コード (C11): who is going to be somebody's of the people file, or invented ones with a right check digit.
struct CodePool: PartyState {
    private var batches = 0
    private(set) var issued = 0

    init(people: People) {}

    /// `people: [P03]` gives their codes, in that order; `count` as many new ones.
    static func replenish(
        _ arguments: JSONValue, as party: ParticipantID, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> Dispatch {
        var codes: [JSONValue] = []
        for key in arguments["people"]?.array ?? [] {
            let person = try world.person(["person": key])
            codes.append(.string(person.juminhyoCode))
        }
        let count = arguments["count"]?.integer ?? (codes.isEmpty ? 10 : 0)
        guard (0...1_000).contains(count), (1...1_000).contains(codes.count + count) else {
            throw .argumentInvalid
        }
        for _ in 0..<count {
            world[CodePool.self].issued += 1
            codes.append(.string(Self.code(world[CodePool.self].issued)))
        }
        world[CodePool.self].batches += 1
        let batch =
            arguments["batch"]?.string
            ?? "POOL-\(now.day.date8)-\(1_000 + world[CodePool.self].batches)"
        return try .begin(
            party, "juminhyo-code.pool.replenished/v1",
            to: OutsideParties.identity("municipalCS"), step: "C11", arguments,
            [
                "batchNumber": .string(batch), "issuedDate": .string(now.day.date8),
                "juminhyoCodes": .array(codes),
            ])
    }

    /// 77777 and five digits: nobody of the people file has such a code.
    private static func code(_ serial: Int) -> String {
        let digits = String(serial)
        let ten = "77777" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        let check = JuminhyoCode.Strategy.modulus11.checkDigit(ten.utf8.map { $0 &- 0x30 })
        return ten + String(check)
    }
}
