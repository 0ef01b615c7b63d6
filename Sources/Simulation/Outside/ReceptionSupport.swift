import Messaging

/// 異動受付支援システム: sends what a resident has prepared to the register (C10), and looks people up at 団体内統合宛名 (L-22).
struct ReceptionSupport: OutsideParty {
    private static let register = OutsideParties.identity("residentRegister")
    private static let addressee = OutsideParties.identity("integratedAddressee")

    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "reception.reply": world[ReceptionBook.self].noteReply(message.payload)
        case "addressee.lookup.result": world[ReceptionBook.self].noteLookup(message.payload)
        default: throw .typeUnexpected
        }
        return []
    }

    /// `change` sends 異動データ (v2; `version: 1` as before 令和7年9月16日), `read` the read request of v1 that v2 no longer has
    /// (AMB-19), `lookup` asks 団体内統合宛名.
    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        switch verb {
        case "change", "read":
            let number = world[ReceptionBook.self].nextNumber(now.day)
            var payload: [String: JSONValue] = [
                "supportNumber": .string(number), "operation": .string(verb),
                "subject": try subject(arguments, in: world),
            ]
            if verb == "change" {
                payload["notificationType"] = arguments["notificationType"] ?? "addressChange"
                payload["moveDate"] = arguments["moveDate"] ?? .string(now.day.description)
                payload["notifiedDate"] = arguments["notifiedDate"] ?? .string(now.day.description)
                payload["counterInput"] = arguments["counterInput"] ?? [:]
            }
            world.told["supportNumber"] = .string(number)
            return [
                try Dispatch.begin(
                    party,
                    verb == "read" ? "reception.change-data/v1" : "reception.change-data/v2",
                    to: Self.register, step: "C10", arguments, .object(payload))
            ]
        case "lookup":
            let keys: JSONValue
            if let given = arguments["keys"] {
                keys = given
            } else {
                keys = .array([try subject(arguments, in: world)])
            }
            let number = world[ReceptionBook.self].nextNumber(now.day)
            return [
                try Dispatch.begin(
                    party, "addressee.lookup.request/v1", to: Self.addressee, step: nil, arguments,
                    [
                        "lookupId": .string(number),
                        "purpose": arguments["purpose"] ?? "異動受付",
                        "keys": keys,
                    ])
            ]
        default: throw .verbUnknown
        }
    }

    /// 宛名番号 where the arguments have it, otherwise name and birth date.
    private func subject(
        _ arguments: JSONValue, in world: OutsideWorld
    ) throws(PartyRefusal) -> JSONValue {
        if let number = arguments["addresseeNumber"] { return ["addresseeNumber": number] }
        let person = try world.person(arguments)
        return [
            "nameKanji": .string(person.nameKanji),
            "birthDate": ["kind": "exact", "date": person.items["birthDate"] ?? .null],
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[ReceptionBook.self]
        return [
            "sent": .integer(book.sent), "accepted": .integer(book.accepted),
            "refused": .integer(book.refused),
            "lastCode": book.lastCode.map(JSONValue.string) ?? .null,
            "drafts": .integer(book.drafts), "lookups": .integer(book.lookups),
            "rowsFound": .integer(book.rowsFound),
            "individualNumbersSeen": .integer(book.individualNumbersSeen),
        ]
    }
}

/// What the 異動受付支援システム keeps: how its requests ended, nothing of the register.
struct ReceptionBook: PartyState {
    private(set) var sent = 0
    private(set) var accepted = 0
    private(set) var refused = 0
    private(set) var drafts = 0
    private(set) var lookups = 0
    private(set) var rowsFound = 0
    /// Rows that showed a 個人番号, which this system may not see.
    private(set) var individualNumbersSeen = 0
    private(set) var lastCode: String?

    init(people: People) {}

    mutating func nextNumber(_ day: CivilDate) -> String {
        sent += 1
        return "S\(day.date8)-" + MediaLedger.digits(sent, 4)
    }

    mutating func noteReply(_ reply: JSONValue) {
        if reply["result"]?.string == "accepted" { accepted += 1 } else { refused += 1 }
        if reply["draftNumber"] != nil { drafts += 1 }
        lastCode = reply["code"]?.string
    }

    mutating func noteLookup(_ result: JSONValue) {
        lookups += 1
        let rows = result["rows"]?.array ?? []
        rowsFound += rows.count
        individualNumbersSeen += rows.count { $0["individualNumber"]?.string != nil }
        lastCode = result["code"]?.string
    }
}
