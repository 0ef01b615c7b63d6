import Messaging

/// 個人番号カード管理システム (機構): moves a card to its new municipality (B3-06), takes 送付先情報 (B7-02) and what becomes of
/// cards (B8-01).
struct CardManagement: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "card.continued-use.request":
            return [
                acknowledge(
                    message, "card.continued-use.ack/v1",
                    world[CardBook.self].continueUse(message.payload))
            ]
        case "card.status.link":
            return [
                acknowledge(
                    message, "card.status.ack/v1", world[CardBook.self].link(message.payload))
            ]
        case "mailing-address.notify":
            let nation = world[IdentityBook.self].nation
            let code = world[CardBook.self].notify(message.payload, nation)
            var ack: [String: JSONValue] = [
                "mailingControlNumber": message.payload["mailingControlNumber"] ?? .null,
                "result": code == nil ? "accepted" : "refused",
            ]
            ack["code"] = code.map(JSONValue.string)
            return [.answer(to: message, "mailing-address.ack/v1", .object(ack))]
        default: throw .typeUnexpected
        }
    }

    private func acknowledge(
        _ message: Incoming, _ topic: StaticTopic, _ refusal: String?
    ) -> Dispatch {
        var ack: [String: JSONValue] = [:]
        for name in ["juminhyoCode", "cardManagementNumber", "status"] {
            ack[name] = message.payload[name]
        }
        ack["result"] = refusal == nil ? "accepted" : "refused"
        ack["code"] = refusal.map(JSONValue.string)
        return .answer(to: message, topic, .object(ack))
    }

    /// What happens to a person's card without the city: `suspend` (一時停止), `extend` (有効期間の延長, `until`), `lapse` (失効).
    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        guard ["suspend", "lapse", "extend"].contains(verb) else { throw .verbUnknown }
        let person = try world.person(arguments)
        guard let number = person.cardManagementNumber,
            var card = world[CardBook.self].cards[number]
        else { throw PartyRefusal(code: "card-unknown") }
        switch verb {
        case "suspend": card.state = .suspended
        case "lapse": card.state = .lapsed
        default:
            guard let text = arguments["until"]?.string else { throw .argumentMissing }
            guard (try? CivilDate(iso: text)) != nil else { throw .argumentInvalid }
            card.validUntil = text
            if card.state == .lapsed { card.state = .valid }
        }
        world[CardBook.self].cards[number] = card
        return []
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[CardBook.self]
        guard let person else {
            return [
                "continuedUses": .integer(book.cards.values.reduce(0) { $0 + $1.continuedUses }),
                "noticeJobs": .integer(book.noticeJobs.values.reduce(0, +)),
                "notices": .integer(book.notices.count),
                "statusLinks": .integer(book.cards.values.reduce(0) { $0 + $1.statusLinks }),
            ]
        }
        var facts: [String: JSONValue] = [
            "noticeJobs": .integer(book.noticeJobs[person.juminhyoCode] ?? 0),
            "lastNoticeKind": book.lastKinds[person.juminhyoCode].map(JSONValue.string) ?? .null,
        ]
        // The newest of the person's cards: a new one may have been issued in the lab.
        let cards = book.cards.filter { $0.value.juminhyoCode == person.juminhyoCode }
        let number =
            cards.keys.contains(person.cardManagementNumber ?? "")
            ? person.cardManagementNumber : cards.keys.max()
        guard let number, let card = cards[number] else {
            facts["hasCard"] = false
            return facts
        }
        facts["hasCard"] = true
        facts["municipality"] = .string(card.municipality)
        facts["continuedUses"] = .integer(card.continuedUses)
        facts["cardState"] = .string(card.state.rawValue)
        facts["statusLinks"] = .integer(card.statusLinks)
        facts["validUntil"] = card.validUntil.map(JSONValue.string) ?? .null
        return facts
    }
}

/// What 個人番号カード管理システム keeps.
struct CardBook: PartyState {
    /// 個人番号カード, by カード管理番号.
    var cards: [String: CardRecord] = [:]
    /// 送付先情報 taken, by 送付先管理番号: what it said.
    var notices: [String: JSONValue] = [:]
    /// 個人番号通知書 to be sent, by 住民票コード.
    var noticeJobs: [String: Int] = [:]
    /// 印刷区分 of the newest, by 住民票コード.
    var lastKinds: [String: String] = [:]

    init(people: People) {
        for person in people.byKey.values {
            guard let number = person.cardManagementNumber else { continue }
            cards[number] = CardRecord(
                juminhyoCode: person.juminhyoCode, municipality: person.municipality)
        }
    }

    /// B3-06; nil when done, else why not.
    fileprivate mutating func continueUse(_ request: JSONValue) -> String? {
        let number = request["cardManagementNumber"]?.string ?? ""
        guard var card = cards[number], card.juminhyoCode == request["juminhyoCode"]?.string else {
            return "card-unknown"
        }
        guard card.state == .valid else { return "card-not-valid" }
        card.municipality = request["municipalityCode"]?.string ?? ""
        card.continuedUses += 1
        cards[number] = card
        return nil
    }

    /// B8-01, CL-8. A card that ended stays ended; a new one becomes known by being issued.
    fileprivate mutating func link(_ request: JSONValue) -> String? {
        let number = request["cardManagementNumber"]?.string ?? ""
        let holder = request["juminhyoCode"]?.string ?? ""
        let status = request["status"]?.string ?? ""
        guard
            var card = cards[number]
                ?? (status == "issued"
                    ? CardRecord(
                        juminhyoCode: holder, municipality: "") : nil),
            card.juminhyoCode == holder
        else { return "card-unknown" }
        switch (status, card.state) {
        case ("issued", .valid), ("issued", .suspended): card.state = .valid
        case ("suspensionLifted", .suspended): card.state = .valid
        case ("abolished", .valid), ("abolished", .suspended), ("abolished", .abolished),
            ("abolished", .lapsed):
            card.state = .abolished
        case ("collected", _): card.state = .collected
        case ("returned", _): card.state = .returned
        default: return "card-state-unfit"
        }
        card.statusLinks += 1
        cards[number] = card
        return nil
    }

    /// B7-02: taken whole or not at all. The same 送付先管理番号 again is the same notice.
    fileprivate mutating func notify(
        _ notice: JSONValue, _ nation: [String: IdentityRecord]
    ) -> String? {
        let control = notice["mailingControlNumber"]?.string ?? ""
        if let known = notices[control] { return known == notice ? nil : "control-number-reused" }
        let persons = notice["targetPersons"]?.array ?? []
        guard notice["targetPersonCount"]?.integer == persons.count else {
            return "person-count-different"
        }
        for person in persons {
            let kept = nation[person["juminhyoCode"]?.string ?? ""]?.individualNumber
            if let kept, kept != person["individualNumber"]?.string {
                return "individual-number-different"
            }
        }
        for person in persons {
            let code = person["juminhyoCode"]?.string ?? ""
            noticeJobs[code, default: 0] += 1
            lastKinds[code] = notice["printCategory"]?.string
        }
        notices[control] = notice
        return nil
    }
}

/// One 個人番号カード as 個人番号カード管理システム has it.
struct CardRecord: Hashable, Sendable {
    enum State: String, Sendable {
        case valid, suspended, lapsed, abolished, collected, returned
    }
    let juminhyoCode: String
    var municipality: String
    var state = State.valid
    var validUntil: String?
    var continuedUses = 0
    var statusLinks = 0
}
