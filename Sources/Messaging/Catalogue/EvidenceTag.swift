/// Where a statement of the catalogue comes from (出典の区分).
public enum EvidenceTag: String, Hashable, Sendable, Decodable {
    /// The assessment itself (評価書).
    case seed = "S"
    /// A law.
    case law = "L"
    /// Inferred; may be wrong.
    case inferred = "INF"
    /// Proposed by this project.
    case proposed = "PROP"
}
