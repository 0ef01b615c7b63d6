import Messaging

/// One application form as a resident fills it in (申請フォーム), made from the arguments of `submit`.
struct Form: Sendable {
    let applicant: Person
    let number: String
    let version: Int
    let application: JSONValue
    let standing: SigningAuthority.Standing
    /// What of the arguments may be kept when the application is destroyed: nothing of its content.
    static let lastingArguments: Set<String> = [
        "person", "application", "certificate", "source", "force", "correlation",
    ]

    /// Why it cannot be sent; a stable code.
    let fault: String?

    init(_ arguments: JSONValue, in world: OutsideWorld, now: Instant) throws(PartyRefusal) {
        applicant = try world.person(arguments)
        let book = world[EApplicationBook.self]
        let known = arguments["application"]?.string
        number = known ?? book.nextNumber(on: now.day)
        version = known.flatMap { book.application($0)?.version }.map { $0 + 1 } ?? 1
        guard
            let standing = SigningAuthority.Standing(
                rawValue: arguments["certificate"]?.string ?? "valid")
        else { throw .argumentInvalid }
        self.standing = standing
        var movers: [Person] = []
        for key in arguments["movers"]?.array ?? [.string(applicant.key)] {
            guard let person = key.string.flatMap({ world.people.byKey[$0] }) else {
                throw .personUnknown
            }
            movers.append(person)
        }
        let source = arguments["source"]?.string ?? "card"
        let isForced = arguments["force"]?.bool ?? false
        fault = isForced ? nil : Self.fault(applicant, movers, source)
        var items: [String: JSONValue] = [
            "applicationNumber": .string(number), "version": .integer(version),
            "procedure": arguments["procedure"] ?? "moveOut",
            "submittedAt": .string(now.rfc3339),
            "applicant": Self.applicant(applicant, source: source),
            "movers": .array(movers.map { Self.mover($0, source: source) }),
        ]
        for name in [
            "cancels", "plannedMoveOutDate", "plannedMoveOutMunicipalityCode",
            "plannedMoveOutPostalCode", "plannedMoveOutAddress", "plannedMoveOutAddressAnnex",
            "plannedMoveOutHouseholdHeadName",
        ] {
            items[name] = arguments[name]
        }
        application = .object(items)
    }

    /// the 個人番号 comes from the card's chip; typed by hand it gets no further than the form.
    private static func fault(_ applicant: Person, _ movers: [Person], _ source: String) -> String?
    {
        guard applicant.cardManagementNumber != nil else { return "card-missing" }
        guard source == "card" else { return "individual-number-typed" }
        guard movers.count <= EApplication.moverLimit else { return "too-many-movers" }
        return nil
    }

    private static func applicant(_ person: Person, source: String) -> JSONValue {
        var items = common(person)
        items["individualNumber"] = .string(person.individualNumber)
        items["source"] = .string(source)
        items["currentAddress"] = .string(person.address)
        return .object(items)
    }

    private static func mover(_ person: Person, source: String) -> JSONValue {
        var items = common(person)
        items["relationshipCode"] = person.items["relationship"]
        items["hasIndividualNumberCard"] = .bool(person.cardManagementNumber != nil)
        if person.cardManagementNumber != nil {
            items["individualNumber"] = .string(person.individualNumber)
            items["source"] = .string(source)
        }
        return .object(items)
    }

    private static func common(_ person: Person) -> [String: JSONValue] {
        var items: [String: JSONValue] = [
            "nameKanji": .string(person.nameKanji), "sexCode": .string(person.sex),
            "birthDate": ["kind": "exact", "date": person.items["birthDate"] ?? .null],
        ]
        items["nameKana"] = person.items["nameKana"]
        return items
    }
}
