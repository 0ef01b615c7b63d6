import Synchronization
import ZeroMQ

/// Every hop line heard since it was made (経路の記録), and a bell for who waits for the next.
final class HopLog: Sendable {
    /// Lines kept; later ones are counted only, and a scenario that gets there fails.
    static let limit = 1_000_000

    private struct State {
        var events: [HopEvent] = []
        var dropped = 0
    }

    private let state = Mutex(State())
    private let bell: WakeDescriptor

    /// `bell` is rung at each new line.
    init(bell: WakeDescriptor) { self.bell = bell }

    func append(_ event: HopEvent) {
        state.withLock { state in
            if state.events.count < Self.limit {
                state.events.append(event)
            } else {
                state.dropped += 1
            }
        }
        bell.signal()
    }

    /// Lines from `index` on.
    func events(from index: Int) -> [HopEvent] {
        state.withLock { Array($0.events.dropFirst(index)) }
    }

    var count: Int { state.withLock { $0.events.count } }
    var dropped: Int { state.withLock { $0.dropped } }
}
