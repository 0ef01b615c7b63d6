/// A step of 別添1, or a derived one (事務の流れの手順).
public struct Step: Hashable, Sendable, Decodable {
    public let id: StepID
    /// As printed: `B3-⑤`.
    public let number: String
    public let group: String
    /// The exact words; `<br>` where the assessment breaks the line.
    public let ja: String
    public let kind: String
    /// The step that is printed with the same words (B2-②③).
    public let sharesTextWith: StepID?
    /// The step that is this one told again in the other part (B1-① is A1-①): a message of either realises both.
    public let sameAs: StepID?
    /// Deadline or timer, in words.
    public let timer: String?
    /// ※特定個人情報を含まない, where it is printed.
    public let mark: String?
    /// A notice the law demands (住基法9条, 19条, 30条の6 …): one left unsent needs a recorded follow-up
    /// (corrections.md 16).
    public let legalNotice: Bool?
    public let messages: [MessageTypeName]
    public let next: [Successor]
    public let basis: String?
    public let tag: EvidenceTag

    /// What follows a step.
    public struct Successor: Hashable, Sendable, Decodable {
        public let step: StepID
        /// Whether the facts of the case decide (corrections 5).
        public let conditional: Bool
        public let when: String?
    }

    /// A group of steps under one heading.
    public struct Group: Hashable, Sendable, Decodable {
        public let id: String
        /// A, B or C.
        public let part: String
        public let ja: String?
        public let note: String?
    }
}
