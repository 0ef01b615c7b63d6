/// Something the assessment forbids (接続禁止; X-nn).
public struct Prohibition: Hashable, Sendable, Decodable {
    public enum Enforcement: String, Hashable, Sendable, Decodable {
        /// Refused between the pair, whatever the links say.
        case route
        /// No layout on the pair's links may have such a field; checked at load.
        case fields
        /// The hub compares organisations at admission.
        case organisation
        /// Not a prohibition: simply not linked (corrections 3).
        case notLinked
    }

    public let id: LinkID
    /// Families; `*` is every one.
    public let from: [String]
    public let to: [String]
    /// Whether the reverse is meant as well.
    public let both: Bool?
    public let exceptFrom: [String]?
    /// Only these types; every type where absent.
    public let types: [MessageTypeName]?
    public let exceptTypes: [MessageTypeName]?
    public let fields: [String]?
    public let exceptLinks: [LinkID]?
    public let enforcement: Enforcement
    /// The words of the assessment.
    public let text: String
    public let ref: String
    public let note: String?

    /// Whether the pair and type fall under it.
    public func concerns(from: String, to: String, type: MessageTypeName) -> Bool {
        if let types, !types.contains(type) { return false }
        if let exceptTypes, exceptTypes.contains(type) { return false }
        return concernsPair(from: from, to: to)
    }

    func concernsPair(from: String, to: String) -> Bool {
        holds(from: from, to: to) || (both == true && holds(from: to, to: from))
    }

    private func holds(from: String, to: String) -> Bool {
        if let exceptFrom, exceptFrom.contains(from) { return false }
        return (self.from.contains("*") || self.from.contains(from))
            && (self.to.contains("*") || self.to.contains(to))
    }
}
