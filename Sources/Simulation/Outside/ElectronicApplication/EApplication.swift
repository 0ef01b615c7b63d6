import Messaging

/// サービス検索・電子申請機能: residents apply with their card (A6-01); it hands applications to the LGWAN terminal only (L-23, X-07).
struct EApplication: OutsideParty {
    private static let terminal = OutsideParties.identity("lgwanTerminal")
    /// Movers of one application.
    static let moverLimit = 20

    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard message.type == "e-application.status.updated",
            let number = message.payload["applicationNumber"]?.string,
            let version = message.payload["version"]?.integer,
            let status = message.payload["status"]?.string
        else { throw .typeUnexpected }
        world[EApplicationBook.self].note(
            status, code: message.payload["code"]?.string, of: number, version: version)
        return []
    }

    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        guard verb == "submit" else { throw .verbUnknown }
        let form = try Form(arguments, in: world, now: now)
        if let code = form.fault { throw PartyRefusal(code: code) }
        guard let authority = world[EApplicationBook.self].authority else {
            throw PartyRefusal(code: "authority-missing")
        }
        world[EApplicationBook.self].submit(form.number, form.version, by: form.applicant.key)
        world.told["applicationNumber"] = .string(form.number)
        world.told["version"] = .integer(form.version)
        var payload: [String: JSONValue] = ["application": form.application]
        do {
            payload["signature"] = try authority.sign(
                form.application, as: form.applicant.nameKanji, with: form.standing)
        } catch {
            throw PartyRefusal(code: "signing-failed")
        }
        return [
            try Dispatch.begin(
                party, "e-application.downloaded/v1", to: Self.terminal, step: "A6-01", arguments,
                .object(payload))
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[EApplicationBook.self]
        let applications = book.applications.filter {
            person == nil || $0.person == person?.key
        }
        var facts: [String: JSONValue] = ["applications": .integer(applications.count)]
        if person != nil {
            facts["status"] = .string(applications.last?.status ?? "none")
            facts["statusCode"] = applications.last?.code.map(JSONValue.string) ?? .null
            facts["version"] = .integer(applications.last?.version ?? 0)
        }
        return facts
    }
}

/// What the 電子申請機能 keeps: 受付番号 and how far each has come.
struct EApplicationBook: PartyState {
    struct Application: Hashable, Sendable {
        let number: String
        let person: String
        /// The newest.
        var version: Int
        var status: String
        var code: String?
    }

    /// Signs for the applicants as their cards would; nil where a stage has none.
    var authority: SigningAuthority?
    private(set) var applications: [Application] = []

    init(people: People) {}

    func application(_ number: String) -> Application? {
        applications.first { $0.number == number }
    }

    /// The 受付番号 of the next application.
    func nextNumber(on day: CivilDate) -> String {
        "E\(day.date8)-" + MediaLedger.digits(applications.count + 1, 5)
    }

    mutating func submit(_ number: String, _ version: Int, by person: String) {
        if let index = applications.firstIndex(where: { $0.number == number }) {
            applications[index].version = version
            applications[index].status = "submitted"
            applications[index].code = nil
        } else {
            applications.append(
                Application(number: number, person: person, version: version, status: "submitted"))
        }
    }

    /// Only the newest version's status is the applicant's.
    mutating func note(_ status: String, code: String?, of number: String, version: Int) {
        guard
            let index = applications.firstIndex(where: {
                $0.number == number && $0.version == version
            })
        else { return }
        applications[index].status = status
        applications[index].code = code
    }
}
