import Messaging

/// 他市町村CS: receives 転出証明書情報, 転入通知 and 戸籍の附票情報, answers 送信依頼 and 取下げ, and sends all of these when asked to.
struct PeerMunicipality: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        var record = world[PeerBook.self].peers[message.party] ?? PeerRecord()
        let code = message.juminhyoCode
        var answers: [Dispatch] = []
        switch message.type {
        case "move-in-notice.deliver":
            record.moveInNotices[code, default: PeerArrival()].note(
                message.payload, date: "becameResidentDate")
            record.countNumbers(in: message, world.people)
        case "family-register-supplement.deliver":
            record.supplements[code, default: PeerArrival()].note(
                message.payload, date: "addressFixedDate")
            record.countNumbers(in: message, world.people)
        case "move-out-certificate.deliver": answers = record.take(message)
        case "move-out-certificate.request":
            record.countNumbers(in: message, world.people)
            answers = [try answer(message, of: &record, in: world)]
        case "move-out-certificate.withdraw": answers = [record.withdraw(message)]
        case "move-out-certificate.reply", "move-out-certificate.withdraw.ack":
            record.noteReply(message.payload)
        default: throw .typeUnexpected
        }
        world[PeerBook.self].peers[message.party] = record
        return answers
    }

    /// A 送信依頼 (B3-03※): the certificate of somebody who has notified 転出 there, or why there is none.
    ///
    /// What comes after the thirty days of the first one is good for thirty days from today [INF; AMB-11].
    private func answer(
        _ message: Incoming, of record: inout PeerRecord, in world: OutsideWorld
    ) throws(PartyRefusal) -> Dispatch {
        let code = message.juminhyoCode
        record.requestsReceived[code, default: 0] += 1
        guard let sent = record.sent[code], !sent.withdrawn else {
            return Self.refusal(
                of: message,
                world.people.person(juminhyoCode: code) == nil
                    ? "person-unknown" : "move-out-not-committed")
        }
        let letters = try PeerLetters(message.party, in: world)
        let today = message.now.day
        let lastDay = ThirtyDayRule(plannedDate: sent.plannedDate).lastDay
        record.sent[code]?.count += 1
        let certificate = letters.certificate(
            [sent.mover], to: letters.city, mode: "requested", planned: sent.plannedDate,
            expiry: lastDay >= today ? lastDay : today.adding(days: 30),
            group: "\(sent.groupID)-R\(record.requestsReceived[code] ?? 1)", size: 1)
        guard message.envelope.topic.major == 1 else {
            return .answer(
                to: message, "move-out-certificate.deliver/v2", step: "B3-01", certificate)
        }
        return .answer(
            to: message, "move-out-certificate.deliver/v1", step: "B3-01",
            certificate.without([
                "deliveryMode", "plannedMoveOutDate", "expiryDate", "groupId", "groupSize",
            ]))
    }

    static func refusal(of request: Incoming, _ code: String) -> Dispatch {
        var reply: [String: JSONValue] = [
            "inReplyTo": "request", "result": "refused", "code": .string(code),
        ]
        reply["applicationReference"] = request.payload["applicationReference"]
        return .answer(to: request, "move-out-certificate.reply/v1", step: "B3-03", .object(reply))
    }

    func refuse(
        _ message: Incoming, code: String, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "move-out-certificate.request": return [Self.refusal(of: message, code)]
        case "move-out-certificate.deliver":
            return [PeerRecord.refusal(of: message, code)]
        case "move-out-certificate.withdraw":
            return [PeerRecord.acknowledgement(of: message, code: code)]
        default: throw PartyRefusal(code: code)
        }
    }

    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        var acts = PeerActs(
            letters: try PeerLetters(party, in: world), arguments: arguments, now: now,
            record: world[PeerBook.self].peers[party] ?? PeerRecord())
        let sent = try acts.carryOut(verb, in: &world)
        world[PeerBook.self].peers[party] = acts.record
        return sent
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let record = world[PeerBook.self].peers[party] ?? PeerRecord()
        let code = person?.juminhyoCode
        func count<Value>(_ values: [String: Value], _ number: (Value) -> Int) -> JSONValue {
            .integer(
                code.map { values[$0].map(number) ?? 0 }
                    ?? values.values.reduce(0) { $0 + number($1) })
        }
        var facts: [String: JSONValue] = [
            "moveInNotices": count(record.moveInNotices, \.count),
            "supplements": count(record.supplements, \.count),
            "certificates": count(record.certificates, \.count),
            "certificatesSent": count(record.sent, \.count),
            "requestsReceived": count(record.requestsReceived) { $0 },
            "requestsSent": count(record.requestsSent) { $0 },
            "numbersWhereNone": .integer(record.numbersWhereNone),
            "repliesAccepted": .integer(record.repliesAccepted),
            "repliesRefused": .integer(record.repliesRefused),
            "lastReplyCode": record.lastReplyCode.map(JSONValue.string) ?? .null,
            "misdirected": .integer(record.misdirected),
        ]
        guard let person, let code else { return facts }
        let held = record.certificates[code]
        facts["certificate"] = .string(held?.state.rawValue ?? "none")
        facts["certificateExpiry"] = held?.expiryDate.map(JSONValue.string) ?? .null
        facts["groupSize"] = held.map { .integer($0.groupSize) } ?? .null
        for (name, arrival) in [
            ("supplement", record.supplements[code]), ("notice", record.moveInNotices[code]),
        ] {
            facts["\(name)Municipality"] = arrival?.municipality.map(JSONValue.string) ?? .null
            facts["\(name)Date"] = arrival?.date.map(JSONValue.string) ?? .null
            facts["\(name)AddressIsNew"] = .bool(
                arrival?.address != nil
                    && arrival?.address == person.items["newAddress"]?.string)
        }
        return facts
    }
}

extension PeerArrival {
    fileprivate mutating func note(_ payload: JSONValue, date: String) {
        count += 1
        municipality = payload["currentMunicipalityCode"]?.string
        address = payload["currentAddress"]?.string
        self.date = payload[date]?["date"]?.string
    }
}

extension PeerRecord {
    /// A certificate for another municipality is sent back (SC-24); one that comes again is counted.
    fileprivate mutating func take(_ message: Incoming) -> [Dispatch] {
        guard message.payload["destinationMunicipalityCode"]?.string == message.party.instance
        else {
            misdirected += 1
            return [Self.refusal(of: message, "destination-mismatch")]
        }
        let movers = message.payload["movers"]?.array ?? []
        for mover in movers {
            let code = mover["juminhyoCode"]?.string ?? ""
            let known = certificates[code]
            var held = HeldCertificate(
                groupID: message.payload["groupId"]?.string ?? "",
                groupSize: message.payload["groupSize"]?.integer ?? movers.count,
                plannedDate: message.payload["plannedMoveOutDate"]?.string,
                expiryDate: message.payload["expiryDate"]?.string)
            held.count = (known?.count ?? 0) + 1
            if known?.state == .consumed { held.state = .consumed }
            certificates[code] = held
        }
        return []
    }

    static func refusal(of certificate: Incoming, _ code: String) -> Dispatch {
        var reply: [String: JSONValue] = [
            "inReplyTo": "certificate", "result": "refused", "code": .string(code),
        ]
        reply["groupId"] = certificate.payload["groupId"]
        return .answer(
            to: certificate, "move-out-certificate.reply/v1", step: "B3-01", .object(reply))
    }

    /// 取下げ (SC-11, [INF]): possible until the person has come.
    fileprivate mutating func withdraw(_ message: Incoming) -> Dispatch {
        let code = message.juminhyoCode
        switch certificates[code]?.state {
        case nil: return Self.acknowledgement(of: message, code: "certificate-unknown")
        case .consumed: return Self.acknowledgement(of: message, code: "certificate-consumed")
        case .received, .withdrawn:
            certificates[code]?.state = .withdrawn
            return Self.acknowledgement(of: message, code: nil)
        }
    }

    static func acknowledgement(of withdrawal: Incoming, code: String?) -> Dispatch {
        var ack: [String: JSONValue] = [:]
        for name in [
            "juminhyoCode", "groupId", "groupSize", "originMunicipalityCode",
            "destinationMunicipalityCode",
        ] { ack[name] = withdrawal.payload[name] }
        ack["result"] = code == nil ? "accepted" : "refused"
        ack["code"] = code.map(JSONValue.string)
        return .answer(to: withdrawal, "move-out-certificate.withdraw.ack/v1", .object(ack))
    }

    fileprivate mutating func noteReply(_ reply: JSONValue) {
        if reply["result"] == "accepted" {
            repliesAccepted += 1
        } else {
            repliesRefused += 1
            lastReplyCode = reply["code"]?.string
        }
    }

    /// ※特定個人情報を含まない: counts a message that holds anybody's 個人番号 anywhere.
    fileprivate mutating func countNumbers(in message: Incoming, _ people: People) {
        let numbers = people.individualNumbers
        var found = false
        message.payload.forEachScalar { text, _ in
            found = found || numbers.contains { text.contains($0) }
        }
        if found { numbersWhereNone += 1 }
    }
}

extension JSONValue {
    /// The object but for some members.
    fileprivate func without(_ names: Set<String>) -> JSONValue {
        .object((object ?? [:]).filter { !names.contains($0.key) })
    }
}
