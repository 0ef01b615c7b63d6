/// A legal basis that a message may name (法令上の根拠).
public struct LegalBasis: Hashable, Sendable, Decodable {
    public enum Purpose: String, Hashable, Sendable, Decodable {
        /// 利用
        case process
        /// 提供
        case provide
        /// 移転
        case transfer
    }

    public let id: String
    public let ja: String
    public let purpose: Purpose
    public let basis: String
    public let tag: EvidenceTag
    /// The first day on which a message may name it (施行日); nil: always could.
    public let validFrom: CivilDate?
    /// The last day; nil: no end is known.
    public let validTo: CivilDate?

    /// As ``isInForce(on:)``, for the hub's hot path.
    public func isInForce(at now: Instant) -> Bool {
        if let validFrom, now < validFrom.startInstant { return false }
        if let validTo, now >= validTo.adding(days: 1).startInstant { return false }
        return true
    }

    /// Whether a message may name it on that day.
    public func isInForce(on day: CivilDate) -> Bool {
        if let validFrom, day < validFrom { return false }
        if let validTo, day > validTo { return false }
        return true
    }
}
