import Messaging
import ZeroMQ

/// One event for the operators' tap: envelope data only, lossy by design, never a data path.
struct TapEvent {
    var event: String
    var position: UInt64?
    var source: String?
    var recipient: String?
    var code: String?
    var at: Instant
    var bytes: Int
    var latencyMicroseconds: Int?
    /// Places in the content that the event is about, never values.
    var pointers: [String] = []
    /// The envelope's JSON; its attributes may be logged (design §3).
    var envelope: [UInt8]?

    init(event: String, position: UInt64?, source: String?, code: String?, at: Instant, bytes: Int)
    {
        self.event = event
        self.position = position
        self.source = source
        self.code = code
        self.at = at
        self.bytes = bytes
    }
}

/// The operators' window on live traffic (監視用配信): an XPUB socket that stays silent while nobody listens.
struct Tap: ~Copyable {
    private let socket: Socket?
    private let zone: String
    private(set) var listeners = 0
    private(set) var dropped: UInt64 = 0

    /// Without a socket there is no tap.
    init(_ socket: consuming Socket?, zone: ZoneID) {
        self.socket = socket
        self.zone = zone.rawValue
    }

    var hasListeners: Bool { listeners > 0 }

    func addSubscriptions(to poller: inout Poller) -> Poller.Slot? {
        switch socket {
        case .none: nil
        case .some(let socket): poller.add(socket, for: .readable)
        }
    }

    /// Counts who listens: an XPUB receives `1 topic` and `0 topic`.
    mutating func readSubscriptions() throws(ZeroMQError) {
        var message = Message()
        while case .frame = try receive(&message) {
            guard message.bytes.count > 0 else { continue }
            listeners += message.bytes[0] == 1 ? 1 : -1
        }
    }

    private func receive(_ message: inout Message) throws(ZeroMQError) -> Socket.Received {
        switch socket {
        case .none: .wouldBlock
        case .some(let socket): try socket.receive(into: &message)
        }
    }

    mutating func send(_ event: TapEvent) {
        guard hasListeners else { return }
        if !sends(encode(event)) { dropped += 1 }
    }

    private func sends(_ line: [UInt8]) -> Bool {
        do throws(ZeroMQError) {
            switch socket {
            case .none: return false
            case .some(let socket): return try socket.send(line) == .sent
            }
        } catch {
            return false
        }
    }

    private func encode(_ event: TapEvent) -> [UInt8] {
        var text = "{\"event\":\"\(event.event)\",\"zone\":\"\(zone)\""
        var refusalCode: String?
        if let position = event.position { text += ",\"position\":\(position)" }
        if let envelope = event.envelope.flatMap({ try? Envelope(parsing: $0) }) {
            text += ",\"id\":\"\(envelope.id.rawValue)\",\"type\":\"\(envelope.topic.rawValue)\""
            refusalCode = envelope.refusalCode
            if let step = envelope.step { text += ",\"step\":\"\(step.rawValue)\"" }
            let recipients = envelope.recipients.map(\.rawValue).joined(separator: ",")
            text += ",\"recipient\":\"\(recipients)\""
            // What was refused may be wrong in this, too: nobody's number is shown because somebody put it there.
            if event.event != "refused" || NumberScan.hits(in: envelope.correlation.rawValue) == 0 {
                text += ",\"correlation\":\"\(envelope.correlation.rawValue)\""
            }
        } else if let recipient = event.recipient {
            text += ",\"recipient\":\"\(recipient)\""
        }
        if let source = event.source, isPlain(source) { text += ",\"source\":\"\(source)\"" }
        text += ",\"bytes\":\(event.bytes)"
        if let latency = event.latencyMicroseconds { text += ",\"latencyMicroseconds\":\(latency)" }
        if let code = event.code ?? refusalCode, isPlain(code) { text += ",\"code\":\"\(code)\"" }
        let places = event.pointers.filter { isPlain($0) }
        if !places.isEmpty {
            text += ",\"pointers\":[\(places.map { "\"\($0)\"" }.joined(separator: ","))]"
        }
        text += ",\"time\":\"\(event.at.rfc3339)\"}"
        return Array(text.utf8)
    }

    /// Codes and names come from clients: what could break the line is left out.
    private func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}
