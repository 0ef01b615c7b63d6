import Messaging
import Participant

/// 個人番号生成システム (機構): a number for each 住民票コード that asks (A1-06, A1-07).
///
/// People of the people file get the number they have there, or the next where one is changed; everybody else one that is
/// derived from their code. Every one begins with 9 as the lab's invented people's do, has a right check digit and
/// is given once. 機構 knows it from then on (V-11).
struct IndividualNumberGenerator: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "individual-number.generate.forward": return [generate(message, in: &world)]
        case "individual-number.ack":
            let key = message.payload["result"] == "accepted" ? "accepted" : "refused"
            world[GeneratorBook.self].acknowledged[key, default: 0] += 1
            return []
        default: throw .typeUnexpected
        }
    }

    private func generate(_ message: Incoming, in world: inout OutsideWorld) -> Dispatch {
        let code = message.juminhyoCode
        world[GeneratorBook.self].requests[code] = GeneratorBook.Request(
            correlation: message.envelope.correlation, cause: message.envelope.id)
        let number = Result { () throws(PartyRefusal) in
            try Self.number(for: message.payload, in: &world)
        }
        var payload: [String: JSONValue] = ["juminhyoCode": .string(code)]
        switch number {
        case .success(let number):
            payload["result"] = "accepted"
            payload["individualNumber"] = .string(number)
            payload["generatedDate"] = .string(message.now.day.date8)
        case .failure(let refusal):
            payload["result"] = "refused"
            payload["code"] = .string(refusal.code)
        }
        return .answer(
            to: message, "individual-number.assigned/v1", step: "A1-07", .object(payload))
    }

    /// The same request, by its 要求管理番号, gets the same number again.
    private static func number(
        for request: JSONValue, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> String {
        let code = request["juminhyoCode"]?.string ?? ""
        let control = request["requestControlNumber"]?.string ?? ""
        guard JuminhyoCode.isValid(code) else {
            throw PartyRefusal(code: "juminhyo-code-invalid")
        }
        if let known = world[GeneratorBook.self].numbers["\(code) \(control)"] { return known }
        let current =
            world[GeneratorBook.self].current[code]
            ?? world[IdentityBook.self].nation[code]?.individualNumber
        let isChange = !["birth", "firstResidence"].contains(request["reason"]?.string)
        if isChange {
            guard let current else { throw PartyRefusal(code: "no-number-yet") }
            if let old = request["individualNumber"]?.string, old != current {
                throw PartyRefusal(code: "old-number-different")
            }
        } else if current != nil {
            throw PartyRefusal(code: "number-exists")
        }
        let number = try Self.number(for: code, not: current, in: world)
        world[GeneratorBook.self].numbers["\(code) \(control)"] = number
        world[GeneratorBook.self].current[code] = number
        world[GeneratorBook.self].assigned[code, default: 0] += 1
        world[IdentityBook.self].nation[code]?.individualNumber = number
        return number
    }

    /// The first that is the person's and not the one they have.
    private static func number(
        for code: String, not current: String?, in world: OutsideWorld
    ) throws(PartyRefusal) -> String {
        let taken = Set(world[GeneratorBook.self].numbers.values)
        var candidates: [String] = []
        if let person = world.people.person(juminhyoCode: code) {
            candidates = [person.individualNumber]
            if let next = person.items["nextIndividualNumber"]?.string { candidates.append(next) }
        }
        candidates += (0..<9).map { SyntheticNumber.individual("\(9 - $0)" + code.prefix(10)) }
        for candidate in candidates where candidate != current && !taken.contains(candidate) {
            return candidate
        }
        throw PartyRefusal(code: "numbers-exhausted")
    }

    /// `assign` sends a number nobody has just asked for, or once more, or wrong: `codeOf` another person's 住民票コード,
    /// `numberOf` another person's 個人番号, `badCheckDigit`; in the case of the last request, if there was one.
    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        guard verb == "assign" else { throw .verbUnknown }
        let person = try world.person(arguments)
        let code =
            arguments["codeOf"] == nil
            ? person.juminhyoCode : try world.person(arguments, "codeOf").juminhyoCode
        var number =
            arguments["numberOf"] == nil
            ? world[GeneratorBook.self].current[person.juminhyoCode] ?? person.individualNumber
            : try world.person(arguments, "numberOf").individualNumber
        if arguments["badCheckDigit"]?.bool == true { number = SyntheticNumber.spoiled(number) }
        let dispatch = try Dispatch.begin(
            party, "individual-number.assigned/v1", to: OutsideParties.identity("municipalCS"),
            step: "A1-07", arguments,
            [
                "juminhyoCode": .string(code), "result": "accepted",
                "individualNumber": .string(number), "generatedDate": .string(now.day.date8),
            ])
        guard let request = world[GeneratorBook.self].requests[person.juminhyoCode] else {
            return [dispatch]
        }
        var message = dispatch.message
        message.correlation = request.correlation
        message.causation = request.cause
        return [Dispatch(sender: party, zone: nil, message: message)]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[GeneratorBook.self]
        guard let person else {
            return [
                "assigned": .integer(book.assigned.values.reduce(0, +)),
                "requests": .integer(book.requests.count),
                "acknowledged": .integer(book.acknowledged["accepted"] ?? 0),
                "acknowledgedRefused": .integer(book.acknowledged["refused"] ?? 0),
            ]
        }
        return [
            "assigned": .integer(book.assigned[person.juminhyoCode] ?? 0),
            "requested": .bool(book.requests[person.juminhyoCode] != nil),
        ]
    }
}

/// What 個人番号生成システム keeps.
struct GeneratorBook: PartyState {
    struct Request: Hashable, Sendable {
        let correlation: CorrelationID
        let cause: MessageID
    }

    /// The newest request of each 住民票コード.
    var requests: [String: Request] = [:]
    /// By 住民票コード and 要求管理番号.
    var numbers: [String: String] = [:]
    /// The newest number of each 住民票コード.
    var current: [String: String] = [:]
    /// Numbers generated for each 住民票コード.
    var assigned: [String: Int] = [:]
    /// What municipalities answered (A1-07), by result.
    var acknowledged: [String: Int] = [:]

    init(people: People) {}
}

/// Numbers nobody has (架空の番号).
enum SyntheticNumber {
    /// Eleven digits with their check digit (V-1).
    static func individual(_ eleven: String) -> String {
        for digit in 0...9 where IndividualNumber.isValid(eleven + "\(digit)") {
            return eleven + "\(digit)"
        }
        preconditionFailure("One of ten check digits is right.")
    }

    /// The same digits with another check digit.
    static func spoiled(_ number: String) -> String {
        let last = Int(String(number.suffix(1))) ?? 0
        return number.dropLast() + "\((last + 1) % 10)"
    }
}
