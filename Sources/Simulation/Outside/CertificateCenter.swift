import Messaging

/// 証明書交付センター: asks 証明書コンビニ交付システム for certificates of people at a shop's machine, outside the hub (L-20).
struct CertificateCenter: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        throw .typeUnexpected
    }

    /// `requestCertificate` tells what would be printed: the version and name of the data the issuer has now, or why
    /// nothing is.
    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        guard verb == "requestCertificate" else { throw .verbUnknown }
        let person = try world.person(arguments)
        guard
            let kind = CertificateBook.Kind(
                rawValue: arguments["certificate"]?.string ?? "resident")
        else { throw .argumentInvalid }
        let answer = world[CertificateBook.self].request(kind, of: person, now: now)
        switch answer {
        case .issued(let record):
            world.told["result"] = "issued"
            world.told["recordVersion"] = record.map { .integer($0.version) } ?? .null
            world.told["nameKanji"] = record?.nameKanji.map(JSONValue.string) ?? .null
            world.told["currentAddress"] = record?.address.map(JSONValue.string) ?? .null
        case .refused(let code):
            world.told["result"] = "refused"
            world.told["code"] = .string(code)
        }
        return []
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let requests = world[CertificateBook.self].requests.filter {
            person == nil || $0.person == person?.key
        }
        let last = requests.last?.answer
        return [
            "requests": .integer(requests.count),
            "issued": .integer(requests.count { $0.answer.isIssued }),
            "lastVersion": (last?.record?.version).map(JSONValue.integer) ?? .null,
            "lastRefusal": (last?.code).map(JSONValue.string) ?? .null,
        ]
    }
}
