internal import FoundationEssentials
internal import Logging
internal import Messaging
internal import Operations
internal import Participant
internal import ParticipantStore
internal import Platform
internal import ZeroMQ

/// One measurement (測定): a hub, a sender, a receiver, from the first message to the last settlement.
struct BenchRun {
    let plan: BenchPlan
    let schemas: String
    let directory: String

    /// Without progress for so long, a measurement is given up.
    static let stallLimit = Duration.seconds(30)

    struct Result: Encodable {
        let plan: BenchPlan
        let figures: BenchTally.Figures
        /// Delivered, acknowledged, and counted as settled by the hub.
        let settledPerSecond: Double
        let hubCPUMicrosecondsPerMessage: Double
        let clientCPUMicrosecondsPerMessage: Double
        let commits: UInt64
        let stages: [StageTimes.Stage]
        let measuredMessages: UInt64
    }

    func run() throws -> Result {
        let hub = try BenchHub(directory: directory, schemas: schemas)
        defer { hub.stop() }
        let line = try hub.line()
        let tally = BenchTally(plan)
        let pace = BenchPace()
        let incarnation = UInt64.random(in: 1...UInt64.max)
        let message = try BenchMessage(
            plan: plan, from: hub.producer, to: hub.consumer, organisation: hub.organisation,
            incarnation: incarnation, time: SystemClock().now())
        let plan = plan
        let directory = directory
        let organisation = hub.organisation
        let (producerID, consumerID, zone) = (hub.producer, hub.consumer, hub.zone)
        let consumer = try client(hub, consumerID, tally) {
            guard plan.durable else {
                return BenchConsumer(message, incarnation: incarnation, tally: tally)
            }
            let store = try Self.store(directory, consumerID, zone, organisation)
            return DurableBenchConsumer(store, message, tally: tally)
        }
        defer { consumer.end() }
        let producer = try client(hub, producerID, tally) {
            guard plan.durable else {
                return BenchProducer(
                    plan, message, incarnation: incarnation, tally: tally, pace: pace)
            }
            let store = try Self.store(directory, producerID, zone, organisation)
            return DurableBenchProducer(
                store, plan, message, to: consumerID, tally: tally, pace: pace)
        }
        defer { producer.end() }
        try waitForSessions(line, [producerID, consumerID])
        return try measure(hub, line, tally, pace)
    }

    // MARK: - The measurement

    private func measure(
        _ hub: BenchHub, _ line: OperatorSession, _ tally: BenchTally, _ pace: BenchPace
    ) throws -> Result {
        pace.start()
        try wait(hub, tally, pace) { tally.isWarm }
        _ = try Self.ask(line, .stages, StageQuery(reset: true), as: StageTimes.self)
        let begun = BenchClock.nanoseconds()
        let ownCPU = BenchClock.processCPU()
        let settledBefore = try settled(line)
        try wait(hub, tally, pace) { tally.isDone }
        var settledNow = try settled(line)
        while settledNow < UInt64(plan.total) {
            Pause.milliseconds(2)
            settledNow = try settled(line)
        }
        let seconds = Double(BenchClock.nanoseconds() - begun) / 1e9
        let clientCPU = BenchClock.processCPU() - ownCPU
        let stages = try Self.ask(line, .stages, StageQuery(reset: false), as: StageTimes.self)
        let measured = max(1, settledNow - settledBefore)
        return Result(
            plan: plan, figures: tally.figures(),
            settledPerSecond: Double(measured) / seconds,
            hubCPUMicrosecondsPerMessage: Double(stages.processCPUNanoseconds) / 1e3
                / Double(measured),
            clientCPUMicrosecondsPerMessage: Double(clientCPU) / 1e3 / Double(measured),
            commits: stages.commits, stages: stages.stages, measuredMessages: measured)
    }

    /// Nudges the sender a thousand times a second, which is what its pace is made of.
    private func wait(
        _ hub: BenchHub, _ tally: BenchTally, _ pace: BenchPace, until holds: () -> Bool
    ) throws {
        var seen = tally.progress
        var since = ContinuousClock.now
        while !holds() {
            if let failure = tally.failure {
                throw CommandFailure(
                    "bench-failed", "測定が止まりました (\(failure))", hint: "jukihub check")
            }
            if let words = hub.lastWords {
                throw CommandFailure(
                    "bench-hub-ended", "測定中に連携基盤が終了しました (the hub ended)\n\(words)",
                    hint: "--keep で記録を残す keeps \(directory)/hub.log")
            }
            if plan.rate > 0 || plan.durable { pace.nudge() }
            Pause.microseconds(plan.rate > 0 ? 500 : 2000)
            if tally.progress != seen {
                seen = tally.progress
                since = .now
            } else if ContinuousClock.now - since > Self.stallLimit {
                throw CommandFailure(
                    "bench-stalled", "測定が進みません (no progress at \(seen) of \(plan.total))",
                    hint: "--keep で記録を残す (keeps \(directory)/hub.log)", exit: .unknown)
            }
        }
    }

    private func settled(_ line: OperatorSession) throws -> UInt64 {
        try Self.ask(line, .status, NoArguments(), as: HubStatus.self).counts.settled
    }

    private func waitForSessions(_ line: OperatorSession, _ identities: [ParticipantID]) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let status = try Self.ask(line, .status, NoArguments(), as: HubStatus.self)
            let live = status.participants.filter { $0.connectedSince != nil }.map(\.participant)
            if identities.allSatisfy({ live.contains($0.rawValue) }) { return }
            Pause.milliseconds(20)
        }
        throw CommandFailure("bench-clients", "測定用の接続ができません (the clients do not connect)", hint: "")
    }

    // MARK: - Clients

    private struct Client {
        let participant: Participant
        let thread: SocketThread

        func end() {
            participant.stop()
            thread.join()
        }
    }

    private func client(
        _ hub: BenchHub, _ identity: ParticipantID, _ tally: BenchTally,
        _ storage: @escaping @Sendable () throws -> any ParticipantStorage
    ) throws -> Client {
        let participant = try Participant(
            configuration: ParticipantConfiguration(
                participant: identity, catalogueDigest: nil, software: "jukihub bench",
                zones: [try hub.access(identity)]),
            storage: storage, clock: SystemClock(),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        let thread = try SocketThread(name: identity.family) {
            do { try participant.run() } catch { tally.fail("\(identity): \(error)") }
        }
        return Client(participant: participant, thread: thread)
    }

    private static func store(
        _ directory: String, _ identity: ParticipantID, _ zone: ZoneID,
        _ organisation: OrganisationCode
    ) throws -> DurableStore {
        try DurableStore(
            path: directory + "/\(identity.family).sqlite", participant: identity,
            organisation: organisation, zones: [zone],
            sealingKey: (0..<32).map { _ in UInt8.random(in: .min ... .max) },
            handler: DurableBenchHandler(), clock: SystemClock())
    }

    private static func ask<Answer: Decodable>(
        _ line: OperatorSession, _ operation: Operation, _ arguments: some Encodable,
        as type: Answer.Type
    ) throws -> Answer {
        let reply = try line.request(
            operation.rawValue, arguments: Array(try JSONEncoder().encode(arguments)),
            timeout: .seconds(30))
        return try JSONDecoder().decode(Answer.self, from: Data(reply))
    }
}
