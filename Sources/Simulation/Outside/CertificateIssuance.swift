import Messaging

/// 証明書コンビニ交付システム: keeps the newest certificate data of each person (A1-13) and makes certificates of it for
/// 証明書交付センター (L-20).
///
/// It knows a person by 証明書連携番号 alone.
struct CertificateIssuance: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard message.type == "certificate-data.update",
            let subject = message.payload["certificateSubjectId"]?.string,
            let version = message.payload["recordVersion"]?.integer
        else { throw .typeUnexpected }
        var answer: [String: JSONValue] = [
            "certificateSubjectId": .string(subject), "recordVersion": .integer(version),
        ]
        if Self.bearsPersonalNumber(subject, world.people) {
            answer["result"] = "refused"
            answer["code"] = "key-bears-personal-number"
        } else {
            let person =
                message.payload["juminhyoCode"]?.string.flatMap {
                    world.people.person(juminhyoCode: $0)
                } ?? world.people.byName(message.payload)
            world[CertificateBook.self].update(subject, version, message.payload, of: person)
            answer["result"] = "accepted"
        }
        return [.answer(to: message, "certificate-data.ack/v1", .object(answer))]
    }

    /// the key is a number of its own, in which nobody's 個人番号 or 住民票コード stands.
    private static func bearsPersonalNumber(_ subject: String, _ people: People) -> Bool {
        people.byKey.values.contains {
            subject.contains($0.individualNumber) || subject.contains($0.juminhyoCode)
        }
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[CertificateBook.self]
        guard let person else {
            return [
                "subjects": .integer(book.certificates.count),
                "requests": .integer(book.requests.count),
                "issued": .integer(book.requests.count { $0.answer.isIssued }),
            ]
        }
        let records = book.records(of: person)
        let newest = records.max { $0.version < $1.version }
        return [
            "issuable": .bool(records.contains(where: \.issuable)),
            "version": .integer(newest?.version ?? 0), "subjects": .integer(records.count),
            "updates": .integer(records.reduce(0) { $0 + $1.updates }),
            "olderUpdates": .integer(records.reduce(0) { $0 + $1.olderUpdates }),
            "removed": .bool(newest.map { !$0.issuable } ?? false),
            "nameIsOwn": .bool(newest?.nameKanji == person.nameKanji),
            "addressIsOwn": .bool(newest?.address == person.address),
            "sealCertificate": .bool(book.has(.seal, of: person.key)),
            "taxCertificate": .bool(book.has(.tax, of: person.key)),
        ]
    }
}

/// What 証明書コンビニ交付システム keeps.
struct CertificateBook: PartyState {
    /// Which certificate a person wants.
    enum Kind: String, Hashable, Sendable {
        case resident, seal, tax
    }

    enum Answer: Hashable, Sendable {
        /// With the data it was made of; other systems' certificates have none here.
        case issued(CertificateRecord?)
        case refused(code: String)

        var isIssued: Bool { code == nil }
        var code: String? { if case .refused(let code) = self { code } else { nil } }
        var record: CertificateRecord? {
            if case .issued(let record) = self { record } else { nil }
        }
    }

    struct Request: Hashable, Sendable {
        let person: String
        let kind: Kind
        let answer: Answer
        let at: Instant
    }

    /// By 証明書連携番号.
    private(set) var certificates: [String: CertificateRecord] = [:]
    private(set) var requests: [Request] = []
    private var others: [Kind: Set<String>] = [:]

    /// Requests remembered.
    private static let requestLimit = 10_000

    init(people: People) {}

    func records(of person: Person) -> [CertificateRecord] {
        certificates.values.filter { $0.person == person.key }
    }

    /// Takes one version; one older than is known changes nothing.
    mutating func update(_ subject: String, _ version: Int, _ items: JSONValue, of person: Person?)
    {
        var record =
            certificates[subject]
            ?? CertificateRecord(person: person?.key, version: 0, issuable: false)
        record.updates += 1
        // The same version comes again when 支援措置 are set or released.
        if version >= record.version {
            record.version = version
            record.person = person?.key ?? record.person
            // 支援措置 stops it as 消除 does.
            record.issuable =
                items["removed"]?.bool == false && items["suspended"]?.bool != true
            record.nameKanji = items["nameKanji"]?.string ?? record.nameKanji
            record.address = items["currentAddress"]?.string ?? record.address
        } else {
            record.olderUpdates += 1
        }
        certificates[subject] = record
    }

    /// Makes a certificate of what is here now, or says why not.
    mutating func request(_ kind: Kind, of person: Person, now: Instant) -> Answer {
        let record = records(of: person).max { $0.version < $1.version }
        let answer: Answer
        switch kind {
        case .resident:
            if let record {
                answer = record.issuable ? .issued(record) : .refused(code: "not-issuable")
            } else {
                answer = .refused(code: "not-known")
            }
        case .seal, .tax:
            answer = has(kind, of: person.key) ? .issued(nil) : .refused(code: "not-known")
        }
        requests.append(Request(person: person.key, kind: kind, answer: answer, at: now))
        if requests.count > Self.requestLimit { requests.removeFirst() }
        return answer
    }

    mutating func provide(_ kind: Kind, of person: String) {
        others[kind, default: []].insert(person)
    }

    mutating func withdraw(_ kind: Kind, of person: String) { others[kind]?.remove(person) }

    func has(_ kind: Kind, of person: String) -> Bool { others[kind]?.contains(person) ?? false }
}

/// One person's data for コンビニ交付.
struct CertificateRecord: Hashable, Sendable {
    /// The invented person it is about.
    var person: String?
    var version: Int
    var issuable: Bool
    var nameKanji: String?
    var address: String?
    var updates = 0
    /// Updates that were older than what was here.
    var olderUpdates = 0
}
