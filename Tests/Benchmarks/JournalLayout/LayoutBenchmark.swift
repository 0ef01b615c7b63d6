import Crypto
import Foundation

/// Measures how a group commit should be laid out (design §5): one row per message, or one chunk.
///
///     journal-layout-benchmark [directory] [page size] [rounds of each]
///
/// Both layouts seal, write evidence and are settled by the next commit, with `secure_delete`.
@main
struct LayoutBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        let base = arguments.count > 1 ? arguments[1] : NSTemporaryDirectory()
        let pageSize = arguments.count > 2 ? Int(arguments[2]) ?? 8192 : 8192
        let total = arguments.count > 3 ? Int(arguments[3]) ?? 32_768 : 32_768
        print(
            "directory \(base), page \(pageSize), record 1024 B (envelope 384, payload 640), FULL")
        for settles in [false, true] {
            for perCommit in [1, 16, 64, 256] {
                for name in ["rows", "chunk"] {
                    let directory = base + "/jh-layout-\(getpid())"
                    try FileManager.default.createDirectory(
                        atPath: directory, withIntermediateDirectories: true)
                    defer { try? FileManager.default.removeItem(atPath: directory) }
                    let connection = try Connection(
                        path: directory + "/x.sqlite", pageSize: pageSize)
                    let layout: any Layout =
                        name == "rows" ? try RowLayout(connection) : try ChunkLayout(connection)
                    let commits = min(total / perCommit, 4000)
                    let figures = try measure(layout, connection, commits, perCommit, settles)
                    print(line(name, perCommit, settles, commits, figures))
                }
            }
        }
    }

    static func measure(
        _ layout: any Layout, _ connection: Connection, _ commits: Int, _ perCommit: Int,
        _ settles: Bool
    ) throws -> (all: Double, commit: Double) {
        let records = (0..<perCommit).map { index in
            (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
        }
        var position: Int64 = 1
        let clock = ContinuousClock()
        var inCommit = Duration.zero
        let start = clock.now
        for round in 0..<commits {
            try connection.execute("BEGIN IMMEDIATE")
            if settles && round > 0 {
                try layout.settle(first: position - Int64(perCommit), count: perCommit)
            }
            try layout.append(first: position, records: records)
            let before = clock.now
            try connection.execute("COMMIT")
            inCommit += clock.now - before
            position += Int64(perCommit)
            if round % 64 == 63 { try connection.execute("PRAGMA wal_checkpoint(PASSIVE)") }
        }
        return ((clock.now - start) / .microseconds(1), inCommit / .microseconds(1))
    }

    static func line(
        _ name: String, _ perCommit: Int, _ settles: Bool, _ commits: Int,
        _ figures: (all: Double, commit: Double)
    ) -> String {
        let messages = Double(commits * perCommit)
        return String(
            format: "%@ %@ %3d a commit: %7.0f rows/s  %7.2f µs/message (of which COMMIT %7.2f)",
            name.padding(toLength: 6, withPad: " ", startingAt: 0),
            settles ? "append+settle" : "append only  ", perCommit,
            messages / figures.all * 1e6, figures.all / messages, figures.commit / messages)
    }
}
