/// The small number under which a journal knows one participant (参加者番号), for good.
///
/// Given out by ``Journal/party(named:)`` in order of first appearance; never reused. Names stay at
/// the edge, so that lanes, settlements and blocks carry four bytes and no text.
package struct PartyNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var description: String { "#\(rawValue)" }
}
