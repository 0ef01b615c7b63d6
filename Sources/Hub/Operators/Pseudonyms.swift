import Messaging

/// What people are shown in place of a person (仮名): stable within a month, unlinkable across months.
///
/// Derived from the lane, which is itself a keyed pseudonym, under a key only this hub has (design §3).
struct Pseudonyms: Sendable {
    private let key: LaneKey

    init(key: [UInt8]) { self.key = LaneKey(key) }

    /// `P-` and eight hexadecimal digits.
    func name(of lane: LaneID, at now: Instant) -> String {
        let month = String(now.day.iso.prefix(7))
        let keyed = key.lane(kind: "pseudonym/\(month)", value: Array(lane.description.utf8))
        return "P-" + keyed.description.prefix(8).uppercased()
    }
}
