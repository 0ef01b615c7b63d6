package import Messaging
import ZeroMQ

/// Everything a scenario does to a lab and hears from it (検証環境の操作席). Belongs to one plain thread.
///
/// Waiting is for an event with a deadline: the bell rings at each hop line and each report.
package final class LabSession {
    private let control: ControlClient
    private let observer: StateObserver
    private let taps: TapListener
    private let bell: WakeDescriptor
    let record: HubRecord
    private let lab: Lab
    private var nextReading = ContinuousClock.now
    let hops: HopLog

    /// A report that does not come is asked for again after so long.
    static let questionTimeout = Duration.seconds(5)
    /// How long the outside may take to answer, a restart included.
    package static let answerTimeout = Duration.seconds(15)
    /// How long one request waits before it is put again.
    private static let askMilliseconds = 1_000
    /// Between two readings of a restarted hub's record.
    private static let readingPause = Duration.milliseconds(300)
    /// The longest sleep between two looks at a condition nothing rings the bell for.
    private static let pause = Duration.milliseconds(100)

    package init(_ lab: Lab) throws {
        self.lab = lab
        bell = try WakeDescriptor()
        record = try HubRecord(lab.description)
        hops = HopLog(bell: bell)
        taps = try TapListener(lab.description, into: hops)
        observer = try StateObserver(lab.description, clock: lab.clock, bell: bell)
        control = try ControlClient(endpoint: lab.description.control)
    }

    deinit { close() }

    package func close() {
        taps.close()
        observer.close()
    }

    /// Asks the outside; throws ``ControlFault``, `timeout` where nobody answers within `limit`.
    ///
    /// Until then it asks again: the outside may be starting. An injection has to have a `request` name.
    package func ask(
        _ request: JSONValue, within limit: Duration = LabSession.answerTimeout
    ) throws -> JSONValue {
        let deadline = ContinuousClock.now + limit
        while true {
            do {
                return try control.ask(request, milliseconds: Self.askMilliseconds)
            } catch let fault as ControlFault where fault.code == "timeout" {
                guard ContinuousClock.now < deadline else { throw fault }
            }
        }
    }

    /// Adds to the hops what the taps of restarted hubs have not told; whether every such hub answered.
    ///
    /// Between two readings a while passes unless `now`.
    @discardableResult
    func completeHops(now: Bool = false) -> Bool {
        let restarted = LabCast.zones.filter { lab.starts(of: LabCast.hubProcess($0)) > 1 }
        guard !restarted.isEmpty, now || .now >= nextReading else { return true }
        defer { nextReading = .now + Self.readingPause }
        var isComplete = true
        for zone in restarted {
            do {
                hops.complete(with: try record.lines(of: zone))
            } catch {
                // The hub is still starting; the next reading tells.
                isComplete = false
            }
        }
        return isComplete
    }

    /// Waits until `holds` or `deadline`, looking again at each ring; whether it held.
    func wait(
        until deadline: ContinuousClock.Instant, _ holds: () throws -> Bool
    ) throws -> Bool {
        var poller = Poller()
        _ = poller.add(bell.fileDescriptor, for: .readable)
        while true {
            bell.drain()
            if try holds() { return true }
            let left = deadline - .now
            guard left > .zero else { return false }
            let pause = Int(min(left, Self.pause) / .milliseconds(1)) + 1
            _ = try poller.wait(milliseconds: pause)
        }
    }

    /// Waits until every message that was admitted has ended and nothing has been told for `calm`; whether that was so.
    func settle(calm: Duration, within limit: Duration) throws -> Bool {
        var count = -1
        var since = ContinuousClock.now
        return try wait(until: .now + limit) {
            completeHops()
            if hops.count != count {
                count = hops.count
                since = .now
            }
            return .now - since >= calm && hops.unended.isEmpty
        }
    }

    /// A system's facts about `person`, or nil when it does not answer in time.
    ///
    /// Nil, too, where nobody knows a number that system could know the person by.
    package func facts(
        of system: ParticipantID, about person: Person?, in zone: ZoneID? = nil
    ) throws -> [String: JSONValue]? {
        guard let cast = LabCast.systems.first(where: { $0.participant == system }) else {
            var request: [String: JSONValue] = [
                "operation": "state", "party": .string(system.rawValue),
            ]
            if let person { request["person"] = .string(person.key) }
            return try ask(.object(request))["facts"]?.object
        }
        var subject: JSONValue?
        if let person {
            switch cast.subject {
            case .juminhyoCode:
                subject = ["juminhyoCode": .string(person.juminhyoCode)]
            case .addresseeNumber:
                let known = try ask(["operation": "identifiers", "person": .string(person.key)])
                // Whom no department has heard of is asked for by the number of the people file.
                let number = known["addresseeNumber"] ?? person.items["addresseeNumber"]
                guard let number else { return nil }
                subject = ["addresseeNumber": number]
            case .none: break
            }
        }
        let question = try observer.ask(system, in: zone ?? cast.zones[0], subject: subject)
        var facts: [String: JSONValue]?
        _ = try wait(until: .now + Self.questionTimeout) {
            facts = observer.takeReport(question)
            return facts != nil
        }
        return facts
    }
}
