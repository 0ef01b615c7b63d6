/// An allowed way from one family to another within a zone (連携経路; L-nn).
public struct Link: Hashable, Sendable, Decodable {
    public let id: LinkID
    public let from: String
    public let to: String
    /// A zone, or `outside` where no hub carries the link.
    public let zone: ZoneID
    public let basis: String
    public let tag: EvidenceTag
    public let types: [Message]
    public let note: String?

    /// A message type on the link and what is demanded of it there.
    public struct Message: Hashable, Sendable, Decodable {
        public let type: MessageTypeName
        /// The steps it may name; at least one unless the message belongs to none.
        public let steps: [StepID]
        /// ※特定個人情報を含まない: no 個人番号 anywhere in the content.
        public let noIndividualNumber: Bool
        /// 提供・移転: the envelope must name a legal basis.
        public let legalBasis: Bool
        /// A person acts: the envelope must name operator and terminal.
        public let `operator`: Bool
        /// The legal bases that fit, by id.
        public let bases: [String]?
        public let note: String?
    }
}
