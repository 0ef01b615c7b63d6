import Messaging
import Participant

/// What a test changes about the messages of one act (電文の加工), after the party has made them right.
///
/// `times: 2` sends each twice, `order: reversed` the last first, `only: [0]` some of them, `version: 9` another major, `set` and
/// `remove` change the content at RFC 6901 pointers, `expiry` and `step` the envelope: so that any kind of
/// wrong message can be made out of a right one.
struct Alterations {
    private let times: Int
    private let isReversed: Bool
    private let only: [Int]?
    private let version: Int?
    private let set: [String: JSONValue]
    private let remove: [String]
    private let expiry: Instant?
    private let step: StepID?

    /// Messages one act may send.
    static let messageLimit = 1_000

    init(_ arguments: JSONValue) throws(PartyRefusal) {
        times = arguments["times"]?.integer ?? 1
        isReversed = arguments["order"]?.string == "reversed"
        only = arguments["only"]?.array?.compactMap(\.integer)
        version = arguments["version"]?.integer
        set = arguments["set"]?.object ?? [:]
        remove = (arguments["remove"]?.array ?? []).compactMap(\.string)
        do throws(InvalidIdentifier) {
            expiry = try arguments["expiry"]?.string.map {
                (text) throws(InvalidIdentifier) in try Instant(rfc3339: text)
            }
            step = try arguments["step"]?.string.map {
                (text) throws(InvalidIdentifier) in try StepID(text)
            }
        } catch {
            throw PartyRefusal(code: "argument-invalid")
        }
        guard (1...100).contains(times) else { throw PartyRefusal(code: "argument-invalid") }
    }

    func apply(to dispatches: [Dispatch]) throws(PartyRefusal) -> [Dispatch] {
        var found: [Dispatch] = []
        for (index, dispatch) in dispatches.enumerated() where only?.contains(index) ?? true {
            found.append(try change(dispatch))
        }
        guard found.count * times <= Self.messageLimit else {
            throw PartyRefusal(code: "too-many-messages")
        }
        if isReversed { found.reverse() }
        return found.flatMap { Array(repeating: $0, count: times) }
    }

    private func change(_ dispatch: Dispatch) throws(PartyRefusal) -> Dispatch {
        var message = dispatch.message
        if let version {
            guard let topic = try? Topic("\(message.topic.type)/v\(version)") else {
                throw PartyRefusal(code: "argument-invalid")
            }
            message.topic = topic
        }
        if let expiry { message.expiry = expiry }
        if let step { message.step = step }
        if !set.isEmpty || !remove.isEmpty {
            guard var payload = try? JSONValue(parsing: message.payload) else {
                throw PartyRefusal(code: "payload-unreadable")
            }
            for pointer in remove where !payload.remove(at: pointer) {
                throw PartyRefusal(code: "pointer-leads-nowhere")
            }
            for (pointer, value) in set.sorted(by: { $0.key < $1.key })
            where !payload.set(value, at: pointer) {
                throw PartyRefusal(code: "pointer-leads-nowhere")
            }
            message.payload = payload.encoded
        }
        return Dispatch(sender: dispatch.sender, zone: dispatch.zone, message: message)
    }
}
