/// The attributes of an envelope (電文ヘッダー項目) in the order in which they are written.
///
/// CloudEvents 1.0 names and extensions: lower-case letters and digits.
public enum EnvelopeAttribute: UInt8, CaseIterable, Sendable {
    case specversion, id, source, type, time, dataschema, recipient, step, correlationid
    case causationid, `operator`, terminal, businesstask, legalbasis, organisation, expirytime
    case traceparent, authfactor, convertedfrom, refusalcode

    /// As written in JSON.
    public var name: String { EnvelopeAttribute.names[Int(rawValue)] }

    /// Without these there is no envelope.
    public var isRequired: Bool {
        switch self {
        case .specversion, .id, .source, .type, .time, .dataschema, .recipient, .correlationid,
            .organisation:
            true
        case .step, .causationid, .operator, .terminal, .businesstask, .legalbasis, .expirytime,
            .traceparent, .authfactor, .convertedfrom, .refusalcode:
            false
        }
    }

    private static let names = [
        "specversion", "id", "source", "type", "time", "dataschema", "recipient", "step",
        "correlationid", "causationid", "operator", "terminal", "businesstask", "legalbasis",
        "organisation", "expirytime", "traceparent", "authfactor", "convertedfrom",
        "refusalcode",
    ]

    static let nameBytes: [[UInt8]] = names.map { Array($0.utf8) }
}
