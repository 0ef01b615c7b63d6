import Foundation
import Journal
import Messaging

/// Measures the journal's own commit by stage (design §11).
///
///     journal-commit-benchmark [directory] [envelope bytes] [payload bytes]
///
/// Run it on a disk and on /dev/shm: the difference of the two is what fsync costs.
@main
struct CommitBenchmark {
    struct SystemTime: TimeSource {
        func now() -> Instant {
            Instant(nanosecondsSince1970: Int64(Date().timeIntervalSince1970 * 1e9))
        }
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        let base = arguments.count > 1 ? arguments[1] : NSTemporaryDirectory()
        let envelope = arguments.count > 2 ? Int(arguments[2]) ?? 384 : 384
        let payload = arguments.count > 3 ? Int(arguments[3]) ?? 640 : 640
        print("\(base): envelope \(envelope) B, payload \(payload) B; µs a message")
        for settles in [false, true] {
            for perCommit in [1, 16, 64, 256] {
                let directory = "\(base)/jh-commit-\(getpid())"
                defer { try? FileManager.default.removeItem(atPath: directory) }
                let sample = Sample(perCommit: perCommit, envelope: envelope, payload: payload)
                print(try sample.run(directory, settles: settles))
            }
        }
    }
}

/// One configuration of the benchmark.
struct Sample {
    let perCommit: Int
    let envelope: [UInt8]
    let payload: [UInt8]

    init(perCommit: Int, envelope: Int, payload: Int) {
        self.perCommit = perCommit
        self.envelope = (0..<envelope).map { UInt8(truncatingIfNeeded: 32 + $0 % 90) }
        self.payload = (0..<payload).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }

    func run(_ directory: String, settles: Bool) throws -> String {
        let configuration = JournalConfiguration(
            directory: directory + "/data", contentKeysDirectory: directory + "/keys",
            zone: try ZoneID("juki-net"), retentionClasses: ["standard"])
        let journal = try Journal(configuration, clock: CommitBenchmark.SystemTime())
        let sender = try journal.party(named: "sender")
        let receiver = try journal.party(named: "receiver")
        let commits = min(65_536 / perCommit, 4000)
        var batch = CommitBatch()
        var sum = CommitTimings()
        var sequence: UInt64 = 0
        let day = CivilDate(year: 2026, month: 3, day: 31)
        let clock = ContinuousClock()
        var inCommit = Duration.zero
        for round in 0..<commits {
            batch.reset()
            batch.arena.reset()
            for _ in 0..<perCommit {
                sequence += 1
                let record = batch.arena.append(envelope: envelope.span, payload: payload.span)
                batch.messages.append(
                    AppendedMessage(
                        producer: sender, incarnation: 7, sequence: sequence,
                        recipients: .one(receiver), lanes: .one(LaneID(Int64(sequence % 997))),
                        keyClass: 0, expiryDay: day ?? SampleDay.fallback, expiry: nil,
                        tag: ContentTag(high: sequence, low: 0), contentDigest: .zero,
                        record: record, envelopeLength: envelope.count))
            }
            if settles && round > 0 {
                batch.settlements = [
                    SettlementChange(
                        subscription: receiver, floor: journal.lastPosition, settled: [],
                        outcomes: [])
                ]
            }
            let before = clock.now
            let receipt = try journal.commit(batch)
            inCommit += clock.now - before
            sum.seal += receipt.timings.seal
            sum.digest += receipt.timings.digest
            sum.encode += receipt.timings.encode
            sum.sqlite += receipt.timings.sqlite
            sum.commit += receipt.timings.commit
            if round % 16 == 15 { try journal.checkpointIfNeeded() }
        }
        let messages = Double(commits * perCommit)
        func each(_ nanoseconds: UInt64) -> String {
            String(format: "%7.2f", Double(nanoseconds) / 1000 / messages)
        }
        return String(
            format: "%3d a commit%@: %7.2f =", perCommit, settles ? ", settling" : "          ",
            inCommit / .microseconds(1) / messages)
            + " seal\(each(sum.seal)) digest\(each(sum.digest)) encode\(each(sum.encode))"
            + " sqlite\(each(sum.sqlite)) commit\(each(sum.commit))"
    }
}

enum SampleDay {
    static let fallback = Instant(secondsSince1970: 1_800_000_000).day
}
