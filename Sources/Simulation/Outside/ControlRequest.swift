import Messaging
import Participant

/// What the outside may be asked over its control socket (制御要求), one JSON object each.
///
/// `{"operation":"inject",…}` sends a message as one of the parties, `act` lets a party do something by its own
/// logic, `behave` decides how it answers from now on, `state` tells its facts, `received`
/// its newest messages, `outcome` what the hub answered to one it sent, `identifiers` the numbers learned of a person, `refusals` what hubs refused,
/// `parties` who is there, `stop` ends the process. The socket is an ipc path of the lab's own directory.
enum ControlRequest {
    /// A request with a name is carried out once, however often it is asked.
    case inject(Dispatch, request: String?)
    case outcome(party: ParticipantID, id: MessageID)
    case act(verb: String, arguments: JSONValue, party: ParticipantID, request: String?)
    /// Without a conduct everything decided before is taken back.
    case behave(party: ParticipantID, type: String?, Conduct?)
    case state(party: ParticipantID, person: String?)
    case received(party: ParticipantID, type: String?, correlation: String?)
    case identifiers(person: String)
    case refusals
    case parties
    case stop

    init(_ value: JSONValue) throws(ControlFault) {
        switch value["operation"]?.string {
        case "inject": self = .inject(try Self.dispatch(value), request: value["request"]?.string)
        case "outcome":
            self = .outcome(
                party: try Self.identifier(value, "party"), id: try Self.identifier(value, "id"))
        case "act":
            guard let verb = value["do"]?.string else { throw Self.missing("do") }
            self = .act(
                verb: verb, arguments: value["with"] ?? [:],
                party: try Self.identifier(value, "as"),
                request: value["request"]?.string)
        case "behave":
            self = .behave(
                party: try Self.identifier(value, "party"), type: value["on"]?.string,
                value["reset"]?.bool == true ? nil : try Self.conduct(value))
        case "state":
            self = .state(
                party: try Self.identifier(value, "party"), person: value["person"]?.string)
        case "received":
            self = .received(
                party: try Self.identifier(value, "party"), type: value["type"]?.string,
                correlation: value["correlation"]?.string)
        case "identifiers":
            guard let person = value["person"]?.string else { throw Self.missing("person") }
            self = .identifiers(person: person)
        case "refusals": self = .refusals
        case "parties": self = .parties
        case "stop": self = .stop
        default: throw ControlFault(code: "operation-unknown", text: "no such operation")
        }
    }

    private static func dispatch(_ value: JSONValue) throws(ControlFault) -> Dispatch {
        guard let payload = value["payload"] else { throw missing("payload") }
        var recipients: [ParticipantID] = []
        for name in value["to"]?.array ?? [] {
            guard let text = name.string else { throw missing("to") }
            recipients.append(try parsed("to") { () throws(InvalidIdentifier) in try .init(text) })
        }
        guard !recipients.isEmpty else { throw missing("to") }
        let topic: Topic = try identifier(value, "type")
        let correlation: CorrelationID = try identifier(value, "correlation")
        var message = OutgoingMessage(
            topic: topic, recipients: recipients, correlation: correlation,
            payload: payload.encoded)
        message.step = try optional(value, "step")
        message.causation = try optional(value, "causation")
        message.operatorID = try optional(value, "operator")
        message.terminal = try optional(value, "terminal")
        if message.operatorID != nil { message.authFactor = try factor(value) }
        message.businessTask = value["businessTask"]?.string
        message.legalBasis = value["legalBasis"]?.string
        if let text = value["expiry"]?.string {
            message.expiry = try parsed("expiry") { () throws(InvalidIdentifier) in
                try Instant(rfc3339: text)
            }
        }
        let sender: ParticipantID = try identifier(value, "as")
        let zone: ZoneID? = try optional(value, "zone")
        return Dispatch(sender: sender, zone: zone, message: message)
    }

    /// How the operator has shown who they are: by 生体認証 unless it says otherwise, `none` for nothing at all.
    private static func factor(_ value: JSONValue) throws(ControlFault) -> AuthenticationFactor? {
        guard let text = value["factor"]?.string else { return .biometric }
        if text == "none" { return nil }
        guard let factor = AuthenticationFactor(rawValue: text) else {
            throw ControlFault(
                code: "field-invalid", text: "factor: biometric, password, pin or none")
        }
        return factor
    }

    private static func conduct(_ value: JSONValue) throws(ControlFault) -> Conduct {
        guard let text = value["answer"]?.string else { throw missing("answer") }
        guard let manner = Conduct.Manner(rawValue: text) else {
            throw ControlFault(
                code: "field-invalid",
                text: "answer: "
                    + Conduct.Manner.allCases.map(\.rawValue).joined(separator: ", "))
        }
        var conduct = Conduct(manner)
        if let text = value["delay"]?.string {
            guard let delay = DurationText.parse(text) else {
                throw ControlFault(code: "field-invalid", text: "delay: like 500ms, 5s, 10m or 30d")
            }
            conduct.delayMilliseconds = Int(delay / .milliseconds(1))
        } else if manner == .late {
            throw missing("delay")
        }
        if let code = value["code"]?.string { conduct.code = code }
        conduct.times = value["times"]?.integer
        guard conduct.times.map({ $0 > 0 }) ?? true else {
            throw ControlFault(code: "field-invalid", text: "times: at least 1")
        }
        return conduct
    }

    private static func identifier<ID: TextIdentifier>(
        _ value: JSONValue, _ name: String
    ) throws(ControlFault) -> ID {
        guard let found: ID = try optional(value, name) else { throw missing(name) }
        return found
    }

    private static func optional<ID: TextIdentifier>(
        _ value: JSONValue, _ name: String
    ) throws(ControlFault) -> ID? {
        guard let text = value[name]?.string else { return nil }
        return try parsed(name) { () throws(InvalidIdentifier) in try ID(text) }
    }

    private static func parsed<Value>(
        _ name: String, _ body: () throws(InvalidIdentifier) -> Value
    ) throws(ControlFault) -> Value {
        do throws(InvalidIdentifier) {
            return try body()
        } catch {
            throw ControlFault(code: "field-invalid", text: "\(name): \(error.description)")
        }
    }

    private static func missing(_ name: String) -> ControlFault {
        ControlFault(code: "field-missing", text: "\(name) is needed")
    }
}
