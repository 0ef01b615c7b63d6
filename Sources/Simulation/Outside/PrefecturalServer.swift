import Messaging

/// 都道府県サーバ: keeps the updates municipalities send, tells the nation and acknowledges (A1-04); answers 検索 (B4) and
/// 整合性確認 (B6) for its prefecture.
struct PrefecturalServer: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "identity.update.notice": return [keep(message, in: &world)]
        case "identity.search.request":
            return [IdentityServer.prefecture.search(message, in: &world)]
        case "consistency.check.submit":
            return IdentityServer.prefecture.check(message, in: &world)
        default: throw .typeUnexpected
        }
    }

    private func keep(_ message: Incoming, in world: inout OutsideWorld) -> Dispatch {
        let code = message.juminhyoCode
        // 「機構に通知する」 (II(2)5 提供先1): outside the hub.
        for server in [IdentityServer.prefecture, .nation] {
            var record =
                world[IdentityBook.self][keyPath: server.records][code]
                ?? IdentityRecord(message.payload, of: message.municipality)
            record.update(message.payload, of: message.municipality)
            world[IdentityBook.self][keyPath: server.records][code] = record
        }
        return .answer(
            to: message, "identity.update.ack/v1",
            ["juminhyoCode": .string(code), "result": "accepted"])
    }

    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        try IdentityServer.prefecture.act(verb, arguments, in: &world)
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        var facts = IdentityServer.prefecture.facts(about: person, in: world)
        if person == nil {
            facts["searches"] = .integer(world[IdentityBook.self].prefectureSearches)
        }
        return facts
    }
}
