import Glibc
import Logging
import Messaging
import Platform
import Testing
import ZeroMQ

@Suite("Processes")
struct ProcessTests {
    @Test("An armed kill point ends the process with SIGKILL where it stands, at the count given")
    func killed() async {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            try KillPoint.arm("store.before-commit")
            KillPoint.reach("store.before-commit")
            exit(0)
        }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            try KillPoint.arm("store.before-commit:3")
            for _ in 0..<3 { KillPoint.reach("store.before-commit") }
            exit(0)
        }
    }

    @Test("A kill point unarmed, of another name, or before its count does nothing")
    func notKilled() async {
        await #expect(processExitsWith: .exitCode(7)) {
            KillPoint.reach("store.before-commit")
            try KillPoint.arm("store.before-commit:3")
            KillPoint.reach("store.after-commit")
            for _ in 0..<2 { KillPoint.reach("store.before-commit") }
            exit(7)
        }
    }

    @Test(
        "What names no kill point is refused",
        arguments: ["", ":1", "name:", "name:0", "name:-1", "name:x", "name:1:2", "Name", "a b"])
    func invalidKillPoint(text: String) {
        #expect(throws: InvalidKillPoint.self) { try KillPoint.arm(text) }
    }

    @Test(
        "SIGTERM and SIGINT are requests to stop, with their exit codes",
        arguments: [(SIGTERM, ExitCode.success), (SIGINT, .interrupted)])
    func signals(number: Int32, code: ExitCode) async {
        await #expect(processExitsWith: .exitCode(100 + code.rawValue)) {
            [number = number as Int32] in
            let signals = try ShutdownSignals()
            precondition(signals.requested == nil)
            kill(getpid(), number)
            exit(100 + signals.wait().exitCode.rawValue)
        }
    }

    @Test("A request wakes a poller and runs the callback once")
    func callback() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let signals = try ShutdownSignals()
            let called = try WakeDescriptor()
            try signals.onRequest { request in
                precondition(request == .terminate)
                called.signal()
            }
            kill(getpid(), SIGTERM)
            var poller = Poller()
            let woken = poller.add(signals.wake.fileDescriptor, for: .readable)
            let calling = poller.add(called.fileDescriptor, for: .readable)
            while !(poller.isReadable(woken) && poller.isReadable(calling)) {
                let wait = try poller.wait(milliseconds: 10_000)
                precondition(wait != .timedOut)
                if !poller.isReadable(calling) { poller.set([], for: woken) }
                if poller.isReadable(calling) { poller.set(.readable, for: woken) }
            }
            exit(42)
        }
    }

    @Test("The same signal a second time ends the process at once")
    func secondSignal() async {
        await #expect(processExitsWith: .signal(SIGINT)) {
            let signals = try ShutdownSignals()
            kill(getpid(), SIGINT)
            _ = signals.wait()
            kill(getpid(), SIGINT)
            // Another thread may be the one that takes it: wait for that, with a deadline.
            _ = poll(nil, 0, 10_000)
            exit(0)
        }
    }

    @Test("After CoreDumps.disable the kernel may not dump the process")
    func coreDumps() async {
        await #expect(processExitsWith: .exitCode(42)) {
            try CoreDumps.disable()
            var limit = rlimit()
            _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
            precondition(limit.rlim_cur == 0 && limit.rlim_max == 0)
            precondition(!CoreDumps.arePossible)
            exit(42)
        }
    }

    @Test("A log line is one JSON object with its time, level, code, message and fields")
    func logLine() throws {
        let time = try Instant(rfc3339: "2025-10-06T09:00:00.123+09:00")
        let line = JSONLinesLog.line(
            time: time, level: .warning, message: "送信\"を\\拒否\n\u{7}",
            metadata: ["code": "stale-epoch", "zone": "juki-net", "count": "3"])
        let text = String(decoding: line, as: UTF8.self)
        #expect(
            text
                == #"{"ts":"2025-10-06T09:00:00.123+09:00","level":"warning","code":"stale-epoch","#
                + #""message":"送信\"を\\拒否\n\u0007","fields":{"count":"3","zone":"juki-net"}}"# + "\n"
        )
    }

    @Test("A text longer than a line may be is cut")
    func longText() {
        let line = JSONLinesLog.line(
            time: Instant(nanosecondsSince1970: 0), level: .info,
            message: String(repeating: "長", count: 10_000), metadata: [:])
        #expect(line.count < JSONLinesLog.textLimitBytes + 200)
        #expect(String(decoding: line, as: UTF8.self).hasSuffix("…\"}\n"))
    }

    @Test("A logger writes its lines to the descriptor, its own metadata and the call's together")
    func logger() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("log", "")
        let descriptor = unsafe open(path, O_RDWR | O_APPEND)
        defer { close(descriptor) }
        var logger = Logger(label: "test") { _ in
            JSONLinesLog(level: .info, time: SystemClock(), descriptor: descriptor)
        }
        logger[metadataKey: "zone"] = "lgwan"
        logger.debug("too low")
        logger.info("started", metadata: ["code": "started"])
        let text = String(decoding: try SecretFile.read(path), as: UTF8.self)
        #expect(text.split(separator: "\n").count == 1)
        #expect(
            text.hasSuffix(
                #""level":"info","code":"started","message":"started","fields":{"zone":"lgwan"}}"#
                    + "\n"))
    }
}
