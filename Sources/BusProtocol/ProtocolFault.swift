/// The stable codes of protocol faults (規約違反コード); `Schemas/wire-protocol.md`, "Faults".
package enum FaultCode: String, CaseIterable, Sendable {
    case helloRequired = "hello-required"
    case staleEpoch = "stale-epoch"
    case superseded
    case frameMalformed = "frame-malformed"
    case unsupportedVersion = "unsupported-version"
    case unknownVerb = "unknown-verb"
    case tooManyRecords = "too-many-records"
    case creditExceeded = "credit-exceeded"
    case catalogueMismatch = "catalogue-mismatch"
    /// SUBSCRIBE names a version that the catalogue has not.
    case versionUnknown = "version-unknown"
    /// The hub is at a watermark and takes no new messages; everything else goes on (design §5,
    /// Full).
    case hubFull = "hub-full"
    /// The hub holds as many sessions as it may.
    case sessionLimit = "session-limit"
    /// A delivery was not answered in time: its session ends, and it is delivered again.
    case deliveryUnanswered = "delivery-unanswered"
    /// Found by the client itself: the hub has less than it acknowledged.
    case journalRolledBack = "journal-rolled-back"
}

/// A breach of the bus protocol (規約違反): a stable code and one sentence, never a value of the
/// message.
///
/// What a peer sends as FAULT, and what the parsers of this room throw.
package struct ProtocolFault: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// A `FaultCode`, or a code of a newer hub.
    package let code: String
    /// One English sentence for the log.
    package let text: String

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    package init(_ code: FaultCode, _ text: String) {
        self.init(code: code.rawValue, text: text)
    }

    /// The code as this version knows it; nil for a code of a newer hub.
    package var known: FaultCode? { FaultCode(rawValue: code) }

    package var description: String { "\(code): \(text)" }

    static func malformed(_ text: String) -> ProtocolFault {
        ProtocolFault(.frameMalformed, text)
    }
}
