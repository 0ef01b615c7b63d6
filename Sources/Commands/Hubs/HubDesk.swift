internal import FoundationEssentials
internal import Operations
internal import Platform
internal import Synchronization
internal import ZeroMQ

/// The operator's desk (運用者の窓口): one line to the hub of every zone of a lab.
///
/// Traces and lists are joined here, in the operator's tool, never between hubs (design §2).
struct HubDesk {
    let lines: [HubLine]
    let context: LabContext
    let timeout: Duration

    /// Seconds waited for the hubs of a lab that nobody seems to keep running.
    static let leftLabSeconds = 1.0

    init(_ options: LabOptions) throws {
        let seconds =
            LabLock.isLeft(options.path)
            ? min(options.timeout, Self.leftLabSeconds) : options.timeout
        timeout = .seconds(seconds)
        context = try LabContext.open(options.path)
        lines = try context.zones.map { [context] in
            try HubLine(zone: $0, context: context, timeoutSeconds: seconds)
        }
    }

    /// What one hub said, or why it said nothing.
    struct Reply<Answer> {
        let zone: String
        let result: Result<Answer, CommandFailure>
    }

    /// Asks every hub at the same time; a hub that cannot be reached is a reply too.
    func askAll<Answer: Decodable>(
        _ operation: Operation, _ arguments: some Encodable, as type: Answer.Type = Answer.self
    ) -> [Reply<Answer>] {
        guard let question = try? JSONEncoder().encode(arguments) else {
            return lines.map { Reply(zone: $0.zone, result: $0.result(operation, arguments)) }
        }
        let answers = lines.map { Asking($0, operation, Array(question)) }
        return zip(lines, answers).map { line, asking in
            Reply(zone: line.zone, result: line.decode(asking.wait()))
        }
    }

    /// One hub being asked on a thread of its own, so that a silent hub delays no other's answer.
    private final class Asking: Sendable {
        private final class Box: Sendable {
            let answer = Mutex<Result<[UInt8], CommandFailure>?>(nil)
        }
        private let line: HubLine
        private let operation: Operation
        private let question: [UInt8]
        private let box = Box()
        private let thread: SocketThread?

        init(_ line: HubLine, _ operation: Operation, _ question: [UInt8]) {
            self.line = line
            self.operation = operation
            self.question = question
            // Where no thread is to be had, `wait` asks.
            thread = try? SocketThread(name: "ask-\(line.zone)") { [box] in
                let answer = line.answer(operation, question)
                box.answer.withLock { $0 = answer }
            }
        }

        func wait() -> Result<[UInt8], CommandFailure> {
            thread?.join()
            return box.answer.withLock { $0 } ?? line.answer(operation, question)
        }
    }

    /// Asks every hub and notes on standard error which did not answer. Throws if none did.
    func answers<Answer: Decodable>(
        _ operation: Operation, _ arguments: some Encodable, as type: Answer.Type = Answer.self
    ) throws -> (answers: [(zone: String, answer: Answer)], complete: Bool) {
        var answers: [(zone: String, answer: Answer)] = []
        var failures: [CommandFailure] = []
        for reply in askAll(operation, arguments, as: type) {
            switch reply.result {
            case .success(let answer): answers.append((reply.zone, answer))
            case .failure(let failure):
                failures.append(failure)
                Printer.message("応答なし no answer: \(reply.zone): \(failure.message)")
            }
        }
        if answers.isEmpty, let first = failures.first { throw first }
        return (answers, failures.isEmpty)
    }

    func line(_ zone: String) throws -> HubLine {
        guard let line = lines.first(where: { $0.zone == zone }) else {
            let known = lines.map(\.zone).joined(separator: ", ")
            throw CommandFailure(
                "zone-unknown", "区域 \(zone) はありません (no such zone)", hint: "zones: \(known)",
                exit: .failure)
        }
        return line
    }
}

extension HubDesk {
    /// The answer of whichever hub has what is asked for; a hub that is away outweighs "not here".
    func first<Answer: Decodable>(
        _ operation: Operation, _ arguments: some Encodable, as type: Answer.Type = Answer.self
    ) throws -> Answer {
        var failure: CommandFailure?
        for line in lines {
            switch line.result(operation, arguments, as: type) {
            case .success(let answer): return answer
            case .failure(let reason):
                if failure == nil || reason.exit == .infrastructure { failure = reason }
            }
        }
        throw failure
            ?? CommandFailure("no-hub", "ハブがありません (the lab names no hub)", hint: "jukihub dev")
    }
}
