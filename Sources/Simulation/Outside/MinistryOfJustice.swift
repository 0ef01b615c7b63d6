import Messaging

/// 法務省 (出入国在留管理庁): sends 法務省通知 (A3-01) and takes 市町村通知 (A3-04).
struct MinistryOfJustice: OutsideParty {
    private static let terminal = OutsideParties.identity("mojTerminal")

    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard message.type == "municipal-notice.sent",
            let file = message.payload["fileNumber"]?.string,
            let notices = message.payload["notices"]?.array
        else { throw .typeUnexpected }
        let errors = world[MojBook.self].take(notices)
        var answer: [String: JSONValue] = [
            "fileNumber": .string(file), "result": errors.isEmpty ? "accepted" : "refused",
            "acceptedCount": .integer(notices.count - errors.count),
        ]
        if !errors.isEmpty { answer["errors"] = .array(errors) }
        return [.answer(to: message, "municipal-notice.result/v1", step: "A3-04", .object(answer))]
    }

    func refuse(
        _ message: Incoming, code: String, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard let file = message.payload["fileNumber"],
            let notices = message.payload["notices"]?.array
        else { throw PartyRefusal(code: code) }
        let errors = notices.compactMap { notice in
            notice["noticeSequence"].map {
                ["noticeSequence": $0, "code": .string(code)] as JSONValue
            }
        }
        return [
            .answer(
                to: message, "municipal-notice.result/v1", step: "A3-04",
                [
                    "fileNumber": file, "result": "refused", "acceptedCount": 0,
                    "errors": .array(errors),
                ])
        ]
    }

    /// `notice` issues a 法務省通知 about a foreign resident: a renewed period and card unless it says otherwise.
    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        guard verb == "notice" else { throw .verbUnknown }
        let person = try world.person(arguments)
        guard let card = world[MojBook.self].cards[person.key] else {
            throw PartyRefusal(code: "not-a-foreign-resident")
        }
        world[MojBook.self].notices += 1
        var notice: [String: JSONValue] = [
            "noticeNumber": .string(
                "MOJ-\(now.day.date8)-" + MediaLedger.digits(world[MojBook.self].notices, 5)),
            "noticeDate": .string(now.day.description),
            "reason": arguments["reason"] ?? "periodRenewal",
            "residenceCardNumber": arguments["residenceCardNumber"] ?? .string(card),
            "nameKanji": arguments["nameKanji"] ?? .string(person.nameKanji),
            "birthDate": ["kind": "exact", "date": person.items["birthDate"] ?? .null],
            "sexCode": .string(person.sex),
        ]
        for name in [
            "newResidenceCardNumber", "foreignLegalNameKanji", "nationalityCode",
            "nationalityName", "residenceStatusCode", "residenceStatusName",
            "article30_45Category", "periodOfStay", "periodOfStayExpiry",
        ] {
            if let value = arguments[name] { notice[name] = value }
        }
        if let new = arguments["newResidenceCardNumber"]?.string {
            world[MojBook.self].cards[person.key] = new
        }
        return [
            try Dispatch.begin(
                party, "moj-notice.received/v1", to: Self.terminal, step: "A3-01", arguments,
                .object(notice))
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[MojBook.self]
        guard let person else {
            return [
                "notices": .integer(book.notices),
                "municipalNotices": .integer(book.received.count),
                "refused": .integer(book.refused), "chronological": .bool(book.isChronological),
            ]
        }
        let received = book.received.filter { $0.person == person.key }
        return [
            "municipalNotices": .integer(received.count),
            "lastChangeKind": (received.last?.kind).map(JSONValue.string) ?? .null,
        ]
    }
}

/// What 法務省 keeps.
struct MojBook: PartyState {
    struct Received: Hashable, Sendable {
        let person: String?
        let kind: String
        let at: Instant?
    }

    /// 在留カード等番号 as it stands, by person.
    var cards: [String: String] = [:]
    /// 法務省通知 sent.
    var notices = 0
    private(set) var received: [Received] = []
    private(set) var refused = 0

    /// 市町村通知 remembered.
    private static let limit = 100_000

    init(people: People) {
        for person in people.byKey.values {
            cards[person.key] = person.items["residenceCardNumber"]?.string
        }
    }

    /// Takes the notices of one file whose card is known, and lists the others by their number in it.
    mutating func take(_ notices: [JSONValue]) -> [JSONValue] {
        var errors: [JSONValue] = []
        for notice in notices {
            let card = notice["residenceCardNumber"]?.string
            let person = cards.first { $0.value == card }?.key
            guard card == nil || person != nil else {
                refused += 1
                errors.append([
                    "noticeSequence": notice["noticeSequence"] ?? 1,
                    "code": "residence-card-unknown",
                ])
                continue
            }
            guard received.count < Self.limit else { continue }
            received.append(
                Received(
                    person: person, kind: notice["changeKind"]?.string ?? "",
                    at: notice["changedAt"]?.string.flatMap { try? Instant(rfc3339: $0) }))
        }
        return errors
    }

    /// Whether everything came in the order of what happened.
    var isChronological: Bool {
        let times = received.compactMap(\.at)
        return zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
    }
}
