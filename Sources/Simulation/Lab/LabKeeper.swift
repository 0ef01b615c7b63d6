/// Keeps a lab complete (検証環境の維持): a process that ended, by a signal or by itself, is started again, so that
/// an operator can practise a restart.
package struct LabKeeper {
    package enum Event: Hashable, Sendable {
        /// `status` as a shell tells it: 128 and the signal's number where a signal ended it.
        case ended(process: String, status: Int32, restartIn: Duration)
        case restarted(process: String)
        case notRestarted(process: String, reason: String, restartIn: Duration)
    }

    private let lab: Lab
    private var schedules: [String: RestartSchedule] = [:]

    package init(_ lab: Lab) { self.lab = lab }

    /// Notes what has ended and starts what is due; what there is to tell.
    package mutating func look(at now: ContinuousClock.Instant) -> [Event] {
        lab.ended.flatMap { process in look(at: now, process) }
    }

    private mutating func look(at now: ContinuousClock.Instant, _ process: String) -> [Event] {
        var schedule = schedules[process] ?? RestartSchedule()
        defer { schedules[process] = schedule }
        if let wait = schedule.ended(at: now) {
            let status = lab.exitStatus(of: process) ?? 0
            return [.ended(process: process, status: status, restartIn: wait)]
        }
        guard schedule.isDue(at: now) else { return [] }
        schedule.restarted(at: now)
        do {
            try lab.start(process)
            return [.restarted(process: process)]
        } catch {
            let wait = schedule.ended(at: now) ?? .zero
            return [.notRestarted(process: process, reason: "\(error)", restartIn: wait)]
        }
    }
}
