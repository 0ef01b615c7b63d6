package import BusProtocol
package import Messaging
import ZeroMQ

/// An operator's tool talking to one hub (運用セッション): a greeting, then questions and their answers,
/// one at a time.
///
/// Blocking and simple; used on one thread. A request that times out may have been carried out: it
/// is never sent twice, except where the hub said `hello-required`, which means that it has not
/// looked at it.
package final class OperatorSession {
    /// Bytes of the longest answer.
    package static let replyBytes = 64 << 20

    private let access: ZoneAccess
    private let hello: Hello
    private let context: Context
    private let connection: Connection
    private var writer = FrameWriter(reservingBodyBytes: 1024)
    private var welcome: Welcome?
    private var lastRequest: UInt64 = 0

    /// `catalogueDigest` nil greets without a catalogue: operators' tools need none.
    package init(
        participant: ParticipantID, access: ZoneAccess, catalogueDigest: String? = nil,
        software: String
    ) throws {
        self.access = access
        hello = Hello(
            participant: participant.rawValue, incarnation: 0, journalIncarnation: nil,
            knownSequence: 0, catalogue: catalogueDigest, software: software)
        context = try Context(maxSockets: 4)
        connection = try Connection(access, in: context, frameBytes: Self.replyBytes)
    }

    /// Greets the hub; throws `OperatorSessionError` (`hub-unreachable`, `timed-out`, or the hub's
    /// own fault code).
    @discardableResult
    package func connect(timeout: Duration) throws -> Welcome {
        try greet(until: .now + timeout)
    }

    /// Asks, and returns the answer's JSON text.
    ///
    /// `arguments` is the JSON text of an object. Throws `OperatorReply.Failure` where the hub says
    /// no, and `OperatorSessionError` where it says nothing.
    package func request(
        _ operation: String, arguments: [UInt8], timeout: Duration
    ) throws -> [UInt8] {
        let deadline = ContinuousClock.now + timeout
        let request = OperatorRequest(operation: operation, arguments: arguments).encoded()
        lastRequest += 1
        for _ in 0..<2 {
            let session = try welcome ?? greet(until: deadline)
            writer.write(.request, epoch: session.epoch, sequence: lastRequest, record: request)
            try sendWritten(until: deadline)
            switch try awaitReply(session.epoch, until: deadline) {
            case .answered(.ok(let result)): return result
            case .answered(.error(let failure)): throw failure
            case .notGreeted: welcome = nil
            }
        }
        throw OperatorSessionError(
            code: FaultCode.helloRequired.rawValue, text: "the hub keeps no session with this tool")
    }

    private enum Answer {
        case answered(OperatorReply)
        case notGreeted
    }

    private func greet(until deadline: ContinuousClock.Instant) throws -> Welcome {
        writer.write(.hello, epoch: 0, sequence: 0, record: WireJSON.encode(hello))
        try sendWritten(until: deadline)
        while true {
            let frame = try receive(until: deadline)
            let body = frame.body.span
            switch frame.control.verb {
            case .welcome:
                let welcome = try Welcome(
                    parsing: body, at: BodyReader.single(frame.control, body: body))
                guard welcome.zone == access.zone.rawValue else {
                    throw OperatorSessionError(
                        code: "wrong-zone", text: "this hub serves another zone")
                }
                self.welcome = welcome
                return welcome
            case .fault:
                let fault = try ProtocolFault(
                    parsing: body, at: BodyReader.single(frame.control, body: body))
                guard fault.known != .helloRequired else { continue }
                throw OperatorSessionError(code: fault.code, text: fault.text)
            case .bye:
                let farewell = try Farewell(
                    parsing: body, at: BodyReader.single(frame.control, body: body))
                guard farewell.code != FaultCode.superseded.rawValue else { continue }
                throw OperatorSessionError(code: farewell.code, text: farewell.text)
            case .hello, .pub, .puback, .pubnak, .subscribe, .credit, .deliver, .ack, .nak, .term,
                .progress, .ping, .pong, .request, .reply:
                continue
            }
        }
    }

    private func awaitReply(
        _ epoch: UInt32, until deadline: ContinuousClock.Instant
    ) throws -> Answer {
        while true {
            let frame = try receive(until: deadline)
            let body = frame.body.span
            guard frame.control.epoch == epoch || frame.control.epoch == 0 else { continue }
            switch frame.control.verb {
            case .reply where frame.control.sequence == lastRequest:
                return .answered(
                    try OperatorReply(
                        parsing: body, at: BodyReader.single(frame.control, body: body)))
            case .fault:
                let fault = try ProtocolFault(
                    parsing: body, at: BodyReader.single(frame.control, body: body))
                guard fault.known != .helloRequired else { return .notGreeted }
                throw OperatorSessionError(code: fault.code, text: fault.text)
            case .bye:
                let farewell = try Farewell(
                    parsing: body, at: BodyReader.single(frame.control, body: body))
                welcome = nil
                throw OperatorSessionError(code: farewell.code, text: farewell.text)
            case .ping:
                writer.write(.pong, epoch: epoch, sequence: frame.control.sequence)
                try sendWritten(until: deadline)
            case .hello, .welcome, .pub, .puback, .pubnak, .subscribe, .credit, .deliver, .ack,
                .nak, .term, .progress, .pong, .request, .reply:
                continue
            }
        }
    }

    // MARK: - Frames

    private func sendWritten(until deadline: ContinuousClock.Instant) throws {
        while try connection.socket.send(writer.control, more: true) != .sent {
            try wait(for: .writable, until: deadline, otherwise: "hub-unreachable")
        }
        guard try connection.socket.send(writer.body, more: false) == .sent else {
            throw OperatorSessionError(code: "hub-unreachable", text: "the connection broke")
        }
    }

    private func receive(
        until deadline: ContinuousClock.Instant
    ) throws -> (control: ControlFrame, body: [UInt8]) {
        var head = Message()
        var body = Message()
        while try !connection.receiveFrame(head: &head, body: &body) {
            try wait(for: .readable, until: deadline, otherwise: "timed-out")
        }
        return (try ControlFrame(parsing: head.bytes), body.array())
    }

    private func wait(
        for interest: Readiness, until deadline: ContinuousClock.Instant, otherwise code: String
    ) throws {
        var poller = Poller()
        _ = poller.add(connection.socket, for: interest)
        let left = (deadline - ContinuousClock.now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else {
            throw OperatorSessionError(
                code: code, text: "no answer from the hub of \(access.zone) in time")
        }
        _ = try poller.wait(milliseconds: Int(milliseconds))
    }
}

/// Why an operator's tool got no answer (運用セッションの失敗).
package struct OperatorSessionError: Error, Hashable, CustomStringConvertible {
    /// `hub-unreachable`, `timed-out`, `wrong-zone`, or the hub's fault code.
    package let code: String
    package let text: String

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    package var description: String { "\(code): \(text)" }
}
