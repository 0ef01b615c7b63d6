import Messaging

/// When a lab just started is ready (起動待ち): everybody answers, in every zone, and every tap is heard.
package enum LabReadiness {
    /// Throws ``LabFault`` at the deadline, or as soon as a process has ended.
    package static func wait(
        for lab: Lab, _ session: LabSession, timeout: Duration = .seconds(60)
    ) throws {
        let deadline = ContinuousClock.now + timeout
        try waitForOutside(lab, session, deadline)
        for system in LabCast.systems {
            for zone in system.zones {
                while try session.facts(of: system.participant, about: nil, in: zone) == nil {
                    try check(lab, deadline, "\(system.process) does not answer in \(zone)")
                }
            }
        }
        try waitForTaps(LabCast.zones, after: 0, lab, session, deadline)
    }

    /// The same for one process that has just been started again; others may be stopped meanwhile.
    package static func wait(
        for process: String, of lab: Lab, _ session: LabSession, timeout: Duration = .seconds(60)
    ) throws {
        let deadline = ContinuousClock.now + timeout
        if process == LabCast.outsideProcess {
            return try waitForOutside(lab, session, deadline, only: process)
        }
        let zones = LabCast.zones.filter { LabCast.hubProcess($0) == process }
        try waitForTaps(
            zones, after: session.hops.count, lab, session, deadline, only: process)
        for system in LabCast.systems where system.process == process {
            while try session.facts(of: system.participant, about: nil) == nil {
                try check(lab, deadline, "\(process) does not answer", only: process)
            }
        }
    }

    /// A subscription takes a moment to reach its hub; questions make lines until it has.
    private static func waitForTaps(
        _ zones: [ZoneID], after line: Int, _ lab: Lab, _ session: LabSession,
        _ deadline: ContinuousClock.Instant, only process: String? = nil
    ) throws {
        for zone in zones {
            while !isHeard(zone, after: line, session) {
                try check(
                    lab, deadline, "the tap of \(zone) is not heard", only: process)
                guard let asked = LabCast.systems.first(where: { $0.zones.contains(zone) }) else {
                    break
                }
                _ = try session.facts(of: asked.participant, about: nil, in: zone)
            }
        }
    }

    private static func waitForOutside(
        _ lab: Lab, _ session: LabSession, _ deadline: ContinuousClock.Instant,
        only process: String? = nil
    ) throws {
        while true {
            do {
                _ = try session.ask(["operation": "parties"], within: .seconds(1))
                return
            } catch let fault as ControlFault where fault.code == "timeout" {
                try check(lab, deadline, "the outside does not answer", only: process)
            }
        }
    }

    private static func isHeard(_ zone: ZoneID, after line: Int, _ session: LabSession) -> Bool {
        session.hops.events(from: line).contains { $0.zone == zone.rawValue }
    }

    /// Where one process was started, others may be stopped on purpose.
    private static func check(
        _ lab: Lab, _ deadline: ContinuousClock.Instant, _ problem: String,
        only process: String? = nil
    ) throws {
        if let ended = lab.ended.first(where: { process == nil || $0 == process }) {
            throw LabFault(
                "process-ended", "\(ended) has ended; see \(lab.directory.log(of: ended))")
        }
        guard .now < deadline else { throw LabFault("not-ready", problem) }
    }
}
