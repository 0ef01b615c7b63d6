import Synchronization
import ZeroMQ

/// Every hop line heard since it was made (経路の記録), and a bell for who waits for the next.
final class HopLog: Sendable {
    /// Lines kept; later ones are counted only, and a scenario that gets there fails.
    static let limit = 1_000_000

    fileprivate struct State {
        var events: [HopEvent] = []
        /// Admissions by place, to complete what is told of the same message later.
        var admissions: [Place: HopEvent] = [:]
        var dropped = 0
        /// Deliveries that have not ended.
        var unended: Set<Delivery> = []
    }

    struct Delivery: Hashable, Sendable {
        let zone: String
        let position: UInt64
        let recipient: String
    }

    fileprivate struct Place: Hashable {
        let zone: String
        let position: UInt64
    }

    private let state = Mutex(State())
    private let bell: WakeDescriptor

    /// `bell` is rung at each new line.
    init(bell: WakeDescriptor) { self.bell = bell }

    func append(_ event: HopEvent) {
        state.withLock { state in
            guard state.events.count < Self.limit else {
                state.dropped += 1
                return
            }
            guard let position = event.position else { return state.events.append(event) }
            let place = Place(zone: event.zone, position: position)
            if event.event == .admitted { state.admissions[place] = event }
            state.note(event, at: position)
            state.events.append(state.admissions[place].map(event.completed) ?? event)
        }
        bell.signal()
    }

    /// Adds those of `lines` that were not heard.
    func complete(with lines: [HopEvent]) {
        let heard = Set(events(from: 0).map(Key.init))
        for line in lines where !heard.contains(Key(line)) { append(line) }
    }

    /// What makes two lines tell of one thing.
    private struct Key: Hashable {
        let event: HopEvent.Kind
        let zone: String
        let position: UInt64?
        let recipient: String?
        let code: String?
        /// A line that does not say what it was about has to be told again.
        let type: String?
        let time: String?

        init(_ line: HopEvent) {
            event = line.event
            zone = line.zone
            position = line.position
            recipient = line.recipient
            code = line.code
            type = line.type
            time = line.position == nil ? line.time : nil
        }
    }

    /// Lines from `index` on.
    func events(from index: Int) -> [HopEvent] {
        state.withLock { Array($0.events.dropFirst(index)) }
    }

    /// Deliveries heard of that have not ended; those of the zone's own hub end at once.
    var unended: Set<Delivery> { state.withLock { $0.unended } }

    var count: Int { state.withLock { $0.events.count } }
    var dropped: Int { state.withLock { $0.dropped } }
}

extension HopLog.State {
    fileprivate mutating func note(_ event: HopEvent, at position: UInt64) {
        let names = (event.recipient ?? "").split(separator: ",").map(String.init)
        for name in names where name != "hub" {
            let delivery = HopLog.Delivery(zone: event.zone, position: position, recipient: name)
            switch event.event {
            case .admitted: unended.insert(delivery)
            case .settled, .expired, .parked: unended.remove(delivery)
            case .delivered, .refused, .converted: break
            }
        }
    }
}
