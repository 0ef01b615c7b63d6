import Messaging

/// 個人番号カード管理システム (機構): moves a card to its new municipality (B3-06).
struct CardManagement: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard message.type == "card.continued-use.request" else {
            throw PartyRefusal(code: "type-unexpected")
        }
        let number = message.payload["cardManagementNumber"]?.string ?? ""
        var answer: [String: JSONValue] = [
            "juminhyoCode": .string(message.juminhyoCode), "cardManagementNumber": .string(number),
        ]
        if var card = world[CardBook.self].cards[number], card.juminhyoCode == message.juminhyoCode
        {
            card.municipality = message.payload["municipalityCode"]?.string ?? ""
            card.continuedUses += 1
            world[CardBook.self].cards[number] = card
            answer["result"] = "accepted"
        } else {
            answer["result"] = "refused"
            answer["code"] = "card-unknown"
        }
        return [.answer(to: message, "card.continued-use.ack/v1", .object(answer))]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        guard let person else {
            return [
                "continuedUses": .integer(
                    world[CardBook.self].cards.values.reduce(0) { $0 + $1.continuedUses })
            ]
        }
        guard let number = person.cardManagementNumber,
            let card = world[CardBook.self].cards[number]
        else {
            return ["hasCard": false]
        }
        return [
            "hasCard": true, "municipality": .string(card.municipality),
            "continuedUses": .integer(card.continuedUses),
        ]
    }
}

/// What 個人番号カード管理システム keeps.
struct CardBook: PartyState {
    /// 個人番号カード, by カード管理番号.
    var cards: [String: CardRecord] = [:]

    init(people: People) {
        for person in people.byKey.values {
            guard let number = person.cardManagementNumber else { continue }
            cards[number] = CardRecord(
                juminhyoCode: person.juminhyoCode, municipality: person.municipality,
                continuedUses: 0)
        }
    }
}

/// One 個人番号カード as 個人番号カード管理システム has it.
struct CardRecord: Hashable, Sendable {
    let juminhyoCode: String
    var municipality: String
    var continuedUses: Int
}
