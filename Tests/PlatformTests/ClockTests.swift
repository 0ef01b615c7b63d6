import Messaging
import Platform
import Testing

@Suite("Clocks")
struct ClockTests {
    @Test("A lab clock runs with the system's until somebody moves it, in every process at once")
    func shared() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/clock"
        let mine = try LabClock(path: file, createIfMissing: true)
        let other = try LabClock(path: file, createIfMissing: false)
        let system = SystemClock()

        let before = system.now()
        let between = mine.now()
        #expect(before <= between && between <= system.now())

        other.advance(by: .seconds(30 * 86_400))
        #expect(mine.now() >= before + .seconds(30 * 86_400))

        let chosen = try Instant(rfc3339: "2025-10-01T09:00:00+09:00")
        mine.set(to: chosen)
        let now = other.now()
        #expect(now >= chosen && now < chosen + .seconds(60))
    }

    @Test("A lab clock that is missing is made only where that was asked")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: FileFailure.self) {
            try LabClock(path: directory.path + "/clock", createIfMissing: false)
        }
        #expect(error?.isMissing == true)
    }

    @Test("A file that is no lab clock is refused and left alone")
    func foreignFile() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("clock", "something else")
        #expect(throws: FileFailure.self) { try LabClock(path: file, createIfMissing: true) }
    }

    @Test("A lab clock does not advance backwards")
    func backwards() async {
        await #expect(processExitsWith: .failure) {
            let directory = try TemporaryDirectory()
            let clock = try LabClock(path: directory.path + "/clock", createIfMissing: true)
            clock.advance(by: .seconds(-1))
        }
    }

    @Test("Without a lab section a process gets the system's clock")
    func production() throws {
        let none: LabConfiguration? = nil
        #expect(try none.start() is SystemClock)
        let directory = try TemporaryDirectory()
        let lab: LabConfiguration? = LabConfiguration(clockFile: directory.path + "/clock")
        #expect(try lab.start() is LabClock)
    }
}
