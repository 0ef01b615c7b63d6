import DequeModule

/// What is on its way to one session (配信中の控え): delivery sequences to messages.
///
/// Sequences are consecutive within a session, from 1; an acknowledgement of one that was never sent,
/// or was answered before, changes nothing.
package struct FlightLedger: Sendable {
    package enum Cargo: Hashable, Sendable {
        case window(Int32)
        case held(UInt64)
        case answered
    }

    package struct Flight: Sendable {
        package var cargo: Cargo
        package var bytes: Int
        /// Monotonic, in nanoseconds: a jump of the clock cuts nobody off.
        package var sentAt: UInt64
    }

    private var flights: Deque<Flight> = []
    private var base: UInt64 = 1
    package private(set) var inFlight = 0

    package init() {}

    package var nextSequence: UInt64 { base + UInt64(flights.count) }

    /// The oldest sequence that may still be answered.
    package var firstOpen: UInt64 { base }

    /// Records a delivery; returns its sequence.
    package mutating func depart(_ cargo: Cargo, bytes: Int, at now: UInt64) -> UInt64 {
        flights.append(Flight(cargo: cargo, bytes: bytes, sentAt: now))
        inFlight += 1
        return base + UInt64(flights.count) - 1
    }

    /// The answer to a delivery came; nil where it is unknown or answered already.
    package mutating func land(_ sequence: UInt64) -> Flight? {
        guard sequence >= base, sequence < nextSequence else { return nil }
        let index = Int(sequence - base)
        let flight = flights[index]
        guard flight.cargo != .answered else { return nil }
        flights[index].cargo = .answered
        inFlight -= 1
        while let first = flights.first, first.cargo == .answered {
            flights.removeFirst()
            base += 1
        }
        return flight
    }

    package mutating func progress(_ sequence: UInt64, at now: UInt64) {
        guard sequence >= base, sequence < nextSequence else { return }
        flights[Int(sequence - base)].sentAt = now
    }

    /// When the oldest unanswered delivery was sent, or last heard of.
    package var oldestSentAt: UInt64? { flights.first { $0.cargo != .answered }?.sentAt }

    /// Ends the session; gives back what was not answered, in order.
    package mutating func end() -> [Cargo] {
        let open = flights.map(\.cargo).filter { $0 != .answered }
        flights.removeAll()
        base = 1
        inFlight = 0
        return open
    }
}
