import Messaging

/// 証明書コンビニ交付システム: keeps the newest certificate data of each person (A1-13).
struct CertificateIssuance: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard message.type == "certificate-data.update",
            let subject = message.payload["certificateSubjectId"]?.string,
            let version = message.payload["recordVersion"]?.integer
        else { throw PartyRefusal(code: "type-unexpected") }
        let known = world[CertificateBook.self].certificates[subject]
        if version > known?.version ?? 0 {
            world[CertificateBook.self].certificates[subject] = CertificateRecord(
                juminhyoCode: message.payload["juminhyoCode"]?.string ?? known?.juminhyoCode
                    ?? world.people.byName(message.payload)?.juminhyoCode,
                version: version, issuable: message.payload["removed"]?.bool == false)
        }
        return [
            .answer(
                to: message, "certificate-data.ack/v1",
                [
                    "certificateSubjectId": .string(subject), "recordVersion": .integer(version),
                    "result": "accepted",
                ])
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        guard let person else {
            return ["subjects": .integer(world[CertificateBook.self].certificates.count)]
        }
        let records = world[CertificateBook.self].certificates.values.filter {
            $0.juminhyoCode == person.juminhyoCode
        }
        return [
            "issuable": .bool(records.contains(where: \.issuable)),
            "version": .integer(records.map(\.version).max() ?? 0),
            "subjects": .integer(records.count),
        ]
    }
}

/// What 証明書コンビニ交付システム keeps.
struct CertificateBook: PartyState {
    /// By 証明書連携番号.
    var certificates: [String: CertificateRecord] = [:]

    init(people: People) {}
}

/// One person's data for コンビニ交付.
struct CertificateRecord: Hashable, Sendable {
    var juminhyoCode: String?
    var version: Int
    var issuable: Bool
}
