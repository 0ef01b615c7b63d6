/// Whether a message may go from one family to another (経路の判定).
public enum RouteVerdict: Hashable, Sendable {
    case allowed(RouteRule)
    /// Refused and recorded under this prohibition.
    case forbidden(LinkID)
    /// Default deny.
    case notLinked
}

/// What an allowed way demands of a message (経路の条件).
public final class RouteRule: Hashable, Sendable {
    public let link: LinkID
    /// The steps the message may name.
    public let steps: [StepID]
    public let noIndividualNumber: Bool
    public let needsLegalBasis: Bool
    /// Operator and terminal.
    public let needsOperator: Bool
    /// The legal bases that fit, by id; empty where none is needed.
    public let legalBases: [String]

    init(link: LinkID, message: Link.Message) {
        self.link = link
        steps = message.steps
        noIndividualNumber = message.noIndividualNumber
        needsLegalBasis = message.legalBasis
        needsOperator = message.operator
        legalBases = message.bases ?? []
    }

    /// Whether the step in `bytes[range]` is one of the rule's.
    public func admits(step bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        steps.contains { Self.equal($0.rawValue, bytes, range) }
    }

    /// Whether the legal basis in `bytes[range]` is one of the rule's.
    public func admits(legalBasis bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        legalBases.contains { Self.equal($0, bytes, range) }
    }

    public static func == (left: RouteRule, right: RouteRule) -> Bool {
        left.link == right.link && left.steps == right.steps
            && left.noIndividualNumber == right.noIndividualNumber
            && left.needsLegalBasis == right.needsLegalBasis
            && left.needsOperator == right.needsOperator && left.legalBases == right.legalBases
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(link)
        hasher.combine(steps)
    }

    private static func equal(_ text: String, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let span = text.utf8.span
        guard span.count == range.count else { return false }
        for offset in 0..<span.count where span[offset] != bytes[range.lowerBound + offset] {
            return false
        }
        return true
    }
}
