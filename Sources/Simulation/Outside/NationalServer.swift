import Messaging

/// 全国サーバ (機構): 本人確認 (B2), and the 符号取得要求 it passes on to 情報提供ネットワークシステム (A5-03, L-29).
struct NationalServer: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "identity.verify.request": return [verify(message, in: &world)]
        case "link-code.acquire.request": return try acquire(message, in: &world)
        default: throw PartyRefusal(code: "type-unexpected")
        }
    }

    private func verify(_ message: Incoming, in world: inout OutsideWorld) -> Dispatch {
        world[IdentityBook.self].lastVerification += 1
        let digits = String(world[IdentityBook.self].lastVerification)
        let number = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        var result: [String: JSONValue] = [
            "verificationReference": .string("V-\(message.envelope.time.day.date8)-\(number)"),
            "applicationReference": message.payload["applicationReference"] ?? .null,
        ]
        if let person = Self.match(message.payload, in: world),
            let record = world[IdentityBook.self].nation[person.juminhyoCode]
        {
            world[IdentityBook.self].verifications[person.juminhyoCode, default: 0] += 1
            result["matched"] = true
            result["items"] = [
                "juminhyoCode": .string(person.juminhyoCode),
                "nameKanji": .string(person.nameKanji),
                "nameFurigana": .string(person.nameFurigana),
                "birthDate": .string(person.birthDate8), "sex": .string(person.sex),
                "municipalityCode": .string(record.municipality),
                "address": .string(record.address),
            ]
        } else {
            result["matched"] = false
            result["code"] = "not-found"
        }
        return .answer(to: message, "identity.verify.result/v1", step: "B2-04", .object(result))
    }

    private static func match(_ key: JSONValue, in world: OutsideWorld) -> Person? {
        if let code = key["juminhyoCode"]?.string { return world.people.person(juminhyoCode: code) }
        guard let items = key["fourItems"] else { return nil }
        return world.people.byKey.values.first { person in
            items["nameKanji"]?.string == person.nameKanji
                && items["birthDate"]?.string == person.birthDate8
                && items["sex"]?.string == person.sex
                && items["address"]?.string
                    == world[IdentityBook.self].nation[person.juminhyoCode]?.address
        }
    }

    /// 個人番号 → 住民票コード here, then 情報提供ネットワークシステム issues the 符号 in its own zone.
    private func acquire(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard let processing = message.payload["processingNumber"]?.string,
            let number = message.payload["individualNumber"]?.string
        else { throw PartyRefusal(code: "payload-incomplete") }
        guard
            world[IdentityBook.self].nation.values.contains(where: { $0.individualNumber == number }
            )
        else {
            throw PartyRefusal(code: "individual-number-unknown")
        }
        return [InfoNetwork.issue(for: processing, in: &world)]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        var facts = IdentityRecord.facts(about: person, in: world[IdentityBook.self].nation)
        facts["verifications"] = .integer(
            person.map { world[IdentityBook.self].verifications[$0.juminhyoCode] ?? 0 }
                ?? world[IdentityBook.self].verifications.values.reduce(0, +))
        return facts
    }
}
