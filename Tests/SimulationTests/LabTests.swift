import Foundation
import Messaging
import Platform
import Simulation
import Testing

@Suite("Labs")
struct LabTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "jukihub-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    private func settings(_ directory: String, executables: String = "/nonexistent") -> LabSettings
    {
        LabSettings(
            directory: directory, schemas: Repository.schemas, people: Repository.peopleFile,
            executables: executables, start: try? Instant(rfc3339: "2025-09-20T10:00:00+09:00"))
    }

    @Test("A new lab has a configuration, a state directory and keys for everybody")
    func creation() throws {
        try withDirectory { root in
            let lab = try Lab.create(settings(root + "/lab"))
            #expect(lab.clock.now().day.iso == "2025-09-20")
            for zone in LabCast.zones {
                let hub = try HubConfiguration.load(
                    lab.directory.configuration(of: LabCast.hubProcess(zone)))
                #expect(hub.zone == zone && hub.lab != nil)
                _ = try SecretFile.readCurveKey(hub.secretKeyFile)
                _ = try SecretFile.readSymmetricKey(hub.laneKeyFile)
                _ = try SecretFile.readSymmetricKey(hub.signingKeyFile)
                let known = hub.participants.map(\.id)
                #expect(
                    known.contains(LabCast.operatorIdentity) && known.contains(LabCast.observer))
                for system in LabCast.systems {
                    #expect(known.contains(system.participant) == system.zones.contains(zone))
                }
            }
            for system in LabCast.systems {
                let configuration = try ProcessConfiguration.load(
                    lab.directory.configuration(of: system.process))
                #expect(configuration.zones.map(\.zone) == system.zones)
                for zone in configuration.zones {
                    _ = try SecretFile.readCurveKey(zone.secretKeyFile)
                }
            }
        }
    }

    @Test("A scenario's wishes stand in the configurations before anybody reads them")
    func adjustments() throws {
        try withDirectory { root in
            var settings = settings(root + "/lab")
            settings.configuration = [
                "municipal-cs": ["someDays": 30],
                "hub-juki-net": [
                    "limits": ["refusalsPerMinute": 3], "hours": ["counterparts": []],
                ],
            ]
            settings.lossy = [try ParticipantID("municipalCS"): ["identity.update.request"]]
            settings.majors = [try ParticipantID("municipalCS"): ["identity.update.request": 1]]
            let lab = try Lab.create(settings)
            let cs = try ProcessConfiguration.load(
                lab.directory.configuration(of: "municipal-cs"))
            #expect(cs.settings == ["someDays": "30"])
            #expect(cs.majors == ["identity.update.request": 1])
            let path = lab.directory.configuration(of: "hub-juki-net")
            let hub = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
                    as? [String: Any])
            #expect((hub["limits"] as? [String: Any])?["refusalsPerMinute"] as? Int == 3)
            #expect((hub["hours"] as? [String: Any])?["counterparts"] != nil)
            let grants = try #require(hub["grantsFile"] as? String)
            #expect(FileManager.default.fileExists(atPath: grants))
            #expect(
                hub["acceptsLossy"] as? [String: [String]]
                    == ["municipalCS": ["identity.update.request"]])
            settings.directory = root + "/other"
            settings.configuration = ["nobody": ["a": 1]]
            #expect(throws: LabFault.self) { try Lab.create(settings) }
        }
    }

    @Test("Nobody but 既存住基, the observer and the operator has a key in two zones")
    func zonesApart() throws {
        try withDirectory { root in
            let lab = try Lab.create(settings(root + "/lab"))
            var zones: [ParticipantID: Int] = [:]
            for zone in LabCast.zones {
                let hub = try HubConfiguration.load(
                    lab.directory.configuration(of: LabCast.hubProcess(zone)))
                for participant in hub.participants { zones[participant.id, default: 0] += 1 }
            }
            let several = zones.filter { $0.value > 1 }.keys.map(\.rawValue).sorted()
            #expect(several == ["labObserver", "operator/lab", "residentRegister"])
        }
    }

    @Test("A lab is not made over another one, nor where its socket's path is too long")
    func refusals() throws {
        try withDirectory { root in
            _ = try Lab.create(settings(root + "/lab"))
            #expect(throws: LabFault.self) { try Lab.create(settings(root + "/lab")) }
            let deep = root + "/" + String(repeating: "d", count: 100)
            #expect(throws: LabFault.self) { try Lab.create(settings(deep)) }
            #expect(try Lab.open(root + "/lab").processes == LabCast.processes)
        }
    }

    @Test("A kill point is armed and disarmed in the configuration")
    func arming() throws {
        try withDirectory { root in
            let lab = try Lab.create(settings(root + "/lab"))
            for process in ["hub-juki-net", "municipal-cs"] {
                let file = lab.directory.configuration(of: process)
                let before = try Data(contentsOf: URL(filePath: file))
                try lab.arm(process, killAt: "journal.before-commit:3")
                let text = try String(contentsOfFile: file, encoding: .utf8)
                #expect(text.contains("journal.before-commit:3"))
                try lab.arm(process, killAt: nil)
                #expect(try Data(contentsOf: URL(filePath: file)) == before)
            }
            #expect(throws: LabFault.self) { try lab.arm("outside", killAt: "x") }
            #expect(throws: (any Error).self) { try lab.arm("nobody", killAt: "x") }
        }
    }

    /// Programs that behave like a lab's processes at their worst.
    private func actors(_ root: String, script: String) throws -> String {
        let directory = root + "/bin"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let names = ["jukihub"] + LabCast.systems.map(\.process)
        for name in names {
            let path = directory + "/" + name
            try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: path)
        }
        return directory
    }

    @Test("Every process is started, restarted and ended, with whatever it has started itself")
    func processes() throws {
        try withDirectory { root in
            let bin = try actors(root, script: "sleep 300 & echo $! >&2; wait")
            let lab = try Lab.create(settings(root + "/lab", executables: bin))
            try lab.start()
            #expect(lab.processes.allSatisfy(lab.isRunning))
            try lab.kill("hub-lgwan")
            #expect(!lab.isRunning("hub-lgwan") && lab.ended == ["hub-lgwan"])
            try lab.start("hub-lgwan")
            #expect(lab.isRunning("hub-lgwan"))
            try lab.stop("municipal-cs")
            #expect(!lab.isRunning("municipal-cs"))
            lab.stop()
            #expect(lab.processes.allSatisfy { !lab.isRunning($0) })
            for process in lab.processes {
                let log = try String(
                    contentsOfFile: lab.directory.log(of: process), encoding: .utf8)
                for child in log.split(separator: "\n") {
                    #expect(isGone(child, within: .seconds(5)))
                }
            }
        }
    }

    /// The signal reaches a whole group, and its members end each in their own time.
    ///
    /// A process that is only waited for has no command line any more.
    private func isGone(_ process: Substring, within limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let line = try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline"))
            if line?.isEmpty ?? true { return true }
            guard ContinuousClock.now < deadline else { return false }
            usleep(5_000)
        }
    }

    @Test("A kept lab starts a killed process again, and says what ended it")
    func restart() throws {
        try withDirectory { root in
            let bin = try actors(root, script: "sleep 300 & wait")
            let lab = try Lab.create(settings(root + "/lab", executables: bin))
            defer { lab.stop() }
            try lab.start()
            var keeper = LabKeeper(lab)
            let start = ContinuousClock.now
            #expect(keeper.look(at: start).isEmpty)
            try lab.kill("municipal-cs")
            #expect(
                keeper.look(at: start) == [
                    .ended(
                        process: "municipal-cs", status: 137, restartIn: .milliseconds(200))
                ])
            #expect(keeper.look(at: start + .milliseconds(199)).isEmpty)
            #expect(!lab.isRunning("municipal-cs"))
            #expect(
                keeper.look(at: start + .milliseconds(200)) == [.restarted(process: "municipal-cs")]
            )
            #expect(lab.isRunning("municipal-cs") && lab.starts(of: "municipal-cs") == 2)
        }
    }

    @Test("Restarts come later and later, at most ten a minute, and soon again after a calm time")
    func restartSchedule() {
        var schedule = RestartSchedule()
        let start = ContinuousClock.now
        var now = start
        var waits: [Duration] = []
        for _ in 0..<11 {
            let wait = schedule.ended(at: now) ?? .zero
            waits.append(wait)
            #expect(schedule.ended(at: now) == nil && !schedule.isDue(at: now))
            now += wait
            #expect(schedule.isDue(at: now))
            schedule.restarted(at: now)
        }
        #expect(
            waits.prefix(6) == [
                .milliseconds(200), .milliseconds(400), .milliseconds(800), .milliseconds(1600),
                .milliseconds(3200), .seconds(5),
            ])
        #expect(waits.prefix(10).allSatisfy { $0 <= .seconds(5) })
        // The eleventh waits until the first is a minute old.
        #expect(now - start == .milliseconds(60_200))
        now += .seconds(30)
        #expect(schedule.ended(at: now) == .milliseconds(200))
    }

    @Test("A process that ends by itself is noticed; one that is not there is refused by name")
    func failures() throws {
        try withDirectory { root in
            let bin = try actors(root, script: "exit 3")
            let lab = try Lab.create(settings(root + "/lab", executables: bin))
            try lab.start("municipal-cs")
            #expect(lab.waitForEnd("municipal-cs", timeout: .seconds(10)))
            #expect(lab.ended == ["municipal-cs"])
            #expect(throws: LabFault.self) { try lab.start("nobody") }
            let missing = try Lab.create(settings(root + "/missing"))
            #expect(throws: LabFault.self) { try missing.start("municipal-cs") }
        }
    }
}
