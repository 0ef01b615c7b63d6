import Messaging

/// One version of an application as it came to the LGWAN terminal (到着した申請データ), or what is left of it.
struct Arrival: Hashable, Sendable {
    let number: String
    let version: Int
    /// The invented person who applied.
    let person: String?
    /// Read from the ledger after the content was destroyed.
    private var erased: Remainder?

    private struct Remainder: Hashable, Sendable {
        let code: String?
    }

    var isErased: Bool { erased != nil }

    init(number: String, version: Int, person: String?) {
        self.number = number
        self.version = version
        self.person = person
    }

    init(_ message: Incoming, _ people: People) throws(PartyRefusal) {
        let source = message.payload["erased"] ?? message.payload["application"]
        guard let source, let number = source["applicationNumber"]?.string,
            let version = source["version"]?.integer
        else { throw PartyRefusal(code: "payload-incomplete") }
        let applicant = source["applicant"]?["individualNumber"]?.string
        self.init(
            number: number, version: version,
            person: source["person"]?.string
                ?? applicant.flatMap { people.person(individualNumber: $0)?.key })
        if message.payload["erased"] != nil {
            erased = Remainder(code: source["code"]?.string)
        }
    }

    /// Verifies the signature; nil when it holds, else the code.
    func verdict(of message: Incoming, in equipment: ElectronicApplicationEquipment?) -> String? {
        if let erased { return erased.code }
        guard let equipment, let application = message.payload["application"] else {
            return "verification-unavailable"
        }
        do throws(SignatureFault) {
            try equipment.trust.verify(
                application, message.payload["signature"], at: message.now)
            return nil
        } catch {
            return error.rawValue
        }
    }

    /// What the ledger keeps of it once its content is destroyed: nothing of a person.
    func remainder(_ code: String?) -> OutsideEffects.Erasure {
        var left: [String: JSONValue] = [
            "applicationNumber": .string(number), "version": .integer(version),
        ]
        left["person"] = person.map(JSONValue.string)
        left["code"] = code.map(JSONValue.string)
        return OutsideEffects.Erasure(
            left: ["erased": .object(left)], keptArguments: Form.lastingArguments)
    }
}
