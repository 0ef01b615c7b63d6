import Synchronization
import ZeroMQ

/// Every hop line heard since it was made (経路の記録), and a bell for who waits for the next.
final class HopLog: Sendable {
    /// Lines kept; later ones are counted only, and a scenario that gets there fails.
    static let limit = 1_000_000

    private struct State {
        var events: [HopEvent] = []
        /// Admissions by place, to complete what is told of the same message later.
        var admissions: [Place: HopEvent] = [:]
        var dropped = 0
    }

    private struct Place: Hashable {
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

    var count: Int { state.withLock { $0.events.count } }
    var dropped: Int { state.withLock { $0.dropped } }
}
