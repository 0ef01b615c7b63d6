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
}
