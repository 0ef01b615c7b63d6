import Messaging

/// What another municipality does by itself (他市町村CSの動作); `Tests/Scenarios/VERBS.md` says what each takes.
struct PeerActs {
    let letters: PeerLetters
    let arguments: JSONValue
    let now: Instant
    var record: PeerRecord

    private static let municipalCS = OutsideParties.identity("municipalCS")

    mutating func carryOut(
        _ verb: String, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch verb {
        case "sendCertificate": return try sendCertificate(in: &world)
        case "withdrawCertificate": return [try withdrawCertificate(in: world)]
        case "requestCertificate": return [try requestCertificate(in: world)]
        case "moveInNotice": return try moveInNotice(in: &world)
        case "supplement":
            let person = try world.person(arguments)
            return [
                try begin(
                    "family-register-supplement.deliver/v1", "A4-03",
                    letters.supplement(person, on: try date("date"), arguments))
            ]
        case "consume":
            let code = try world.person(arguments).juminhyoCode
            guard record.certificates[code] != nil else {
                throw PartyRefusal(code: "certificate-unknown")
            }
            record.certificates[code]?.state = .consumed
            return []
        default: throw .verbUnknown
        }
    }

    // MARK: - 転出証明書情報

    /// B3-01: one message with every mover, or with `separately` one for each; they are one group all the same.
    private mutating func sendCertificate(
        in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        let people = try people(in: world)
        let planned = try date("plannedDate")
        let destination = try municipality("destination") ?? letters.city
        record.groups += 1
        let group =
            arguments["groupId"]?.string
            ?? "G-\(letters.own.five)-\(now.day.date8)-\(String(record.groups))"
        let size = arguments["groupSize"]?.integer ?? people.count
        var movers: [JSONValue] = []
        for (index, person) in people.enumerated() {
            var mover = letters.mover(person, to: destination, arguments)
            // 転出証明書 of a household that moves together: the first is its head, unless it says so itself.
            if people.count > 1, index == 0, person.items["relationship"] == nil {
                mover["relationshipCode"] = "世帯主"
            }
            movers.append(.object(mover))
            var sent =
                record.sent[person.juminhyoCode]
                ?? SentCertificate(
                    groupID: group, groupSize: size, plannedDate: planned, mover: .object(mover))
            sent.count += 1
            record.sent[person.juminhyoCode] = sent
        }
        let expiry = try optionalDate("expiryDate") ?? ThirtyDayRule(plannedDate: planned).lastDay
        world.told["groupId"] = .string(group)
        let parts =
            arguments["separately"]?.bool == true ? movers.map { [$0] } : [movers]
        var sent: [Dispatch] = []
        for part in parts {
            sent.append(
                try begin(
                    "move-out-certificate.deliver/v2", "B3-01",
                    letters.certificate(
                        part, to: destination, mode: arguments["mode"]?.string ?? "push",
                        planned: planned, expiry: expiry, group: group, size: size)))
        }
        return sent
    }

    /// The mirror of SC-11 [INF]: the 転出 there was cancelled.
    private mutating func withdrawCertificate(
        in world: OutsideWorld
    ) throws(PartyRefusal) -> Dispatch {
        let code = try world.person(arguments).juminhyoCode
        guard let sent = record.sent[code] else { throw PartyRefusal(code: "certificate-unknown") }
        record.sent[code]?.withdrawn = true
        return try begin(
            "move-out-certificate.withdraw/v1", "A6-02",
            [
                "juminhyoCode": .string(code), "groupId": .string(sent.groupID),
                "groupSize": .integer(sent.groupSize),
                "originMunicipalityCode": .string(letters.own.five),
                "destinationMunicipalityCode": .string(letters.city.five),
                "withdrawnDate": .string(now.day.iso),
                "reason": arguments["reason"] ?? "moveOutCancelled",
            ])
    }

    /// C7: the person has come there and no certificate has.
    private mutating func requestCertificate(
        in world: OutsideWorld
    ) throws(PartyRefusal) -> Dispatch {
        let person = try world.person(arguments)
        record.requestsSent[person.juminhyoCode, default: 0] += 1
        return try begin(
            "move-out-certificate.request/v2", "C7",
            [
                "juminhyoCode": .string(person.juminhyoCode),
                "nameKanji": .string(person.nameKanji),
                "originMunicipalityCode": .string(letters.city.five),
                "destinationMunicipalityCode": .string(letters.own.five),
                "requestReason": arguments["reason"] ?? "notReceived",
                "applicationReference": arguments["applicationReference"]
                    ?? .string("R\(now.day.date8)-\(letters.own.five)"),
            ])
    }

    // MARK: - 転入通知

    /// C6, one for each person: they have come. Unless `report: false`, prefecture and nation hear of it too, outside the hub.
    private mutating func moveInNotice(
        in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        let date = try date("date")
        var sent: [Dispatch] = []
        for person in try people(in: world) {
            let notice = letters.moveInNotice(person, on: date, arguments)
            record.certificates[person.juminhyoCode]?.state = .consumed
            sent.append(try begin("move-in-notice.deliver/v1", "C6", notice))
            guard arguments["report"]?.bool != false else { continue }
            report(person, notice, on: date, in: &world)
        }
        return sent
    }

    /// Its own A1-04, to its own prefecture.
    private func report(
        _ person: Person, _ notice: JSONValue, on date: CivilDate, in world: inout OutsideWorld
    ) {
        let update: JSONValue = [
            "nameKanji": .string(person.nameKanji), "birthDate": .string(person.birthDate8),
            "sex": .string(person.sex), "address": notice["currentAddress"] ?? .null,
            "moveReason": "moveIn", "moveDate": .string(date.date8),
        ]
        for server in [IdentityServer.prefecture, .nation] {
            let isHome = server == .nation || letters.own.prefecture == IdentityRecord.prefecture
            guard isHome else {
                // Another prefecture's server has them now; ours only keeps that they left.
                continue
            }
            var record =
                world[IdentityBook.self][keyPath: server.records][person.juminhyoCode]
                ?? IdentityRecord(person)
            record.update(update, of: letters.own.five)
            world[IdentityBook.self][keyPath: server.records][person.juminhyoCode] = record
        }
    }

    // MARK: - Arguments

    private func begin(
        _ topic: StaticTopic, _ step: StaticStep, _ payload: JSONValue
    ) throws(PartyRefusal) -> Dispatch {
        try .begin(letters.party, topic, to: Self.municipalCS, step: step, arguments, payload)
    }

    /// `people: [P01, P02]` or `person: P01`.
    private func people(in world: OutsideWorld) throws(PartyRefusal) -> [Person] {
        guard let keys = arguments["people"]?.array else { return [try world.person(arguments)] }
        var people: [Person] = []
        for key in keys { people.append(try world.person(["person": key])) }
        guard !people.isEmpty, people.count <= 50 else { throw .argumentInvalid }
        return people
    }

    /// Today in the lab where nothing is said.
    private func date(_ name: String) throws(PartyRefusal) -> CivilDate {
        try optionalDate(name) ?? now.day
    }

    private func optionalDate(_ name: String) throws(PartyRefusal) -> CivilDate? {
        guard let text = arguments[name]?.string else { return nil }
        do throws(InvalidIdentifier) { return try CivilDate(iso: text) } catch {
            throw .argumentInvalid
        }
    }

    private func municipality(_ name: String) throws(PartyRefusal) -> MunicipalityCode? {
        guard let text = arguments[name]?.string else { return nil }
        do throws(InvalidIdentifier) { return try MunicipalityCode(text) } catch {
            throw .argumentInvalid
        }
    }
}
