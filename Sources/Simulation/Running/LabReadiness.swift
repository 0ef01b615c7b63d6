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
        // A subscription takes a moment to reach its hub; questions make lines until it has.
        for zone in LabCast.zones {
            while !isHeard(zone, session) {
                try check(lab, deadline, "the tap of \(zone) is not heard")
                guard let asked = LabCast.systems.first(where: { $0.zones.contains(zone) }) else {
                    break
                }
                _ = try session.facts(of: asked.participant, about: nil, in: zone)
            }
        }
    }

    private static func waitForOutside(
        _ lab: Lab, _ session: LabSession, _ deadline: ContinuousClock.Instant
    ) throws {
        while true {
            do {
                _ = try session.ask(["operation": "parties"])
                return
            } catch let fault as ControlFault where fault.code == "timeout" {
                try check(lab, deadline, "the outside does not answer")
            }
        }
    }

    private static func isHeard(_ zone: ZoneID, _ session: LabSession) -> Bool {
        session.hops.events(from: 0).contains { $0.zone == zone.rawValue }
    }

    private static func check(
        _ lab: Lab, _ deadline: ContinuousClock.Instant, _ problem: String
    ) throws {
        if let ended = lab.ended.first {
            throw LabFault(
                "process-ended", "\(ended) has ended; see \(lab.directory.log(of: ended))")
        }
        guard .now < deadline else { throw LabFault("not-ready", problem) }
    }
}
