import Messaging

/// What a municipality writes to another one about people of the people file (他市町村CSの電文の内容), each item right (V-9, V-10).
struct PeerLetters {
    let party: ParticipantID
    /// The peer's own code.
    let own: MunicipalityCode
    /// The lab's city.
    let city: MunicipalityCode

    init(_ party: ParticipantID, in world: OutsideWorld) throws(PartyRefusal) {
        self.party = party
        do throws(InvalidIdentifier) {
            own = try MunicipalityCode(party.instance ?? "")
            city = try MunicipalityCode(world.city)
        } catch {
            throw .argumentInvalid
        }
    }

    /// One mover of a 転出証明書情報; `arguments` may name another destination address, card or 転出予定地.
    func mover(
        _ person: Person, to destination: MunicipalityCode, _ arguments: JSONValue
    ) -> [String: JSONValue] {
        let items = person.items
        var mover = common(person)
        mover["individualNumber"] = .string(person.individualNumber)
        mover["relationshipCode"] = items["relationship"] ?? "世帯主"
        mover["registeredDomicileMunicipalityCode"] =
            items["registeredDomicileMunicipalityCode"] ?? .null
        mover["registeredDomicile"] = items["registeredDomicile"] ?? .null
        mover["familyRegisterHeadName"] = items["familyRegisterHeadName"] ?? .null
        mover["currentPostalCode"] = items["postalCode"]
        mover["currentAddress"] = .string(person.address)
        mover["currentAddressAnnex"] = items["addressAnnex"]
        mover["plannedMoveOutMunicipalityCode"] = .string(destination.six)
        mover["plannedMoveOutPostalCode"] =
            arguments["postalCode"] ?? items["newPostalCode"] ?? .null
        mover["plannedMoveOutAddress"] = arguments["address"] ?? items["newAddress"] ?? .null
        mover["formerSurnameKanji"] = items["formerSurnameKanji"]
        mover["formerSurnameKana"] = items["formerSurnameKana"]
        mover["hasIndividualNumberCard"] =
            arguments["hasCard"] ?? .bool(person.cardManagementNumber != nil)
        return mover
    }

    /// 転出証明書情報 v2; v1 has neither dates nor group.
    func certificate(
        _ movers: [JSONValue], to destination: MunicipalityCode, mode: String, planned: CivilDate,
        expiry: CivilDate, group: String, size: Int
    ) -> JSONValue {
        [
            "deliveryMode": .string(mode), "plannedMoveOutDate": .string(planned.iso),
            "expiryDate": .string(expiry.iso), "groupId": .string(group),
            "groupSize": .integer(size), "originMunicipalityCode": .string(own.five),
            "destinationMunicipalityCode": .string(destination.five), "movers": .array(movers),
        ]
    }

    /// 転入通知 to the city the person has left (C6).
    func moveInNotice(_ person: Person, on date: CivilDate, _ arguments: JSONValue) -> JSONValue {
        var notice = common(person)
        notice["currentMunicipalityCode"] = .string(own.six)
        notice["currentPostalCode"] = arguments["postalCode"] ?? person.items["newPostalCode"]
        notice["currentAddress"] =
            arguments["address"] ?? person.items["newAddress"] ?? .string(person.address)
        notice["becameResidentDate"] = ["kind": "exact", "date": .string(date.iso)]
        notice["previousMunicipalityCode"] = .string(city.six)
        notice["previousAddress"] = .string(person.address)
        return .object(notice)
    }

    /// 戸籍の附票情報 to the city of the person's 本籍 (A4-03).
    func supplement(
        _ person: Person, on date: CivilDate, _ arguments: JSONValue
    ) throws(PartyRefusal) -> JSONValue {
        guard let code = person.items["registeredDomicileMunicipalityCode"],
            let domicile = person.items["registeredDomicile"],
            let head = person.items["familyRegisterHeadName"]
        else { throw PartyRefusal(code: "no-registered-domicile") }
        var supplement = common(person)
        supplement["registeredDomicileMunicipalityCode"] = code
        supplement["registeredDomicile"] = domicile
        supplement["familyRegisterHeadName"] = head
        supplement["currentMunicipalityCode"] = .string(own.six)
        supplement["currentPostalCode"] = arguments["postalCode"] ?? person.items["newPostalCode"]
        supplement["currentAddress"] =
            arguments["address"] ?? person.items["newAddress"] ?? .string(person.address)
        supplement["addressFixedDate"] = ["kind": "exact", "date": .string(date.iso)]
        return .object(supplement)
    }

    /// Who the person is; no 個人番号.
    private func common(_ person: Person) -> [String: JSONValue] {
        [
            "juminhyoCode": .string(person.juminhyoCode), "nameKanji": .string(person.nameKanji),
            "nameKana": person.items["nameKana"] ?? .null, "sexCode": .string(person.sex),
            "birthDate": person.items["birthDateFuzzy"]
                ?? ["kind": "exact", "date": person.items["birthDate"] ?? .null],
        ]
    }
}
