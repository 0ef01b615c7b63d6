internal import BusProtocol
internal import FoundationEssentials
internal import Messaging
internal import Operations
internal import Participant
internal import Platform
internal import Synchronization

/// The operator's line to one hub (運用者の回線): typed questions over REQUEST and REPLY, one at a time.
final class HubLine: Sendable {
    private struct State {
        let session: OperatorSession
        /// A hub that did not answer once is not waited for again.
        var lost: CommandFailure?
    }

    let zone: String
    private let state: Mutex<State>
    private let timeout: Duration

    init(zone: LabContext.Zone, context: LabContext, timeoutSeconds: Double) throws {
        self.zone = zone.access.zone.rawValue
        timeout = .seconds(timeoutSeconds)
        state = Mutex(
            State(
                session: try OperatorSession(
                    participant: context.operatorID, access: zone.access, software: "jukihub")))
    }

    func ask<Answer: Decodable>(
        _ operation: Operation, _ arguments: some Encodable, as type: Answer.Type = Answer.self
    ) throws -> Answer {
        try result(operation, arguments, as: type).get()
    }

    func result<Answer: Decodable>(
        _ operation: Operation, _ arguments: some Encodable, as type: Answer.Type = Answer.self
    ) -> Result<Answer, CommandFailure> {
        do {
            let question = try JSONEncoder().encode(arguments)
            return decode(answer(operation, Array(question)))
        } catch {
            return .failure(Self.explain(error, zone))
        }
    }

    /// Asks with the JSON text of the arguments; the answer's JSON text. Blocks, from any thread.
    func answer(_ operation: Operation, _ question: [UInt8]) -> Result<[UInt8], CommandFailure> {
        state.withLock { state in
            if let lost = state.lost { return .failure(lost) }
            do {
                return .success(
                    try state.session.request(
                        operation.rawValue, arguments: question, timeout: timeout))
            } catch let refusal as OperatorReply.Failure {
                return .failure(
                    CommandFailure(
                        refusal.code, refusal.message, hint: refusal.hint, exit: .failure))
            } catch {
                let failure = Self.explain(error, zone)
                if failure.code == "hub-unreachable" || failure.code == "timed-out" {
                    state.lost = failure
                }
                return .failure(failure)
            }
        }
    }

    func decode<Answer: Decodable>(
        _ answer: Result<[UInt8], CommandFailure>
    ) -> Result<Answer, CommandFailure> {
        answer.flatMap { bytes in
            do { return .success(try JSONDecoder().decode(Answer.self, from: Data(bytes))) } catch {
                return .failure(Self.explain(error, zone))
            }
        }
    }

    private static func explain(_ error: any Error, _ zone: String) -> CommandFailure {
        switch error {
        case let error as OperatorSessionError:
            CommandFailure(
                error.code, "区域 \(zone) のハブが応答しません (the hub of \(zone): \(error.text))",
                hint: "ハブは動いていますか is it running? jukihub dev, または --lab DIR")
        case let error as DecodingError:
            CommandFailure(
                "answer-not-understood", "区域 \(zone) のハブの応答を解釈できません (\(error))",
                hint: "ハブと同じ版の jukihub を使う (use the jukihub of the hub's version)")
        default:
            CommandFailure("line-failed", "区域 \(zone): \(error)", hint: "jukihub check")
        }
    }
}
