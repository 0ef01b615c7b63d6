/// The first rule of a schema that a payload breaks (様式違反).
///
/// It names places, never the value found there: it goes to senders, evidence and logs. A member's
/// name that stands in the payload only, and could itself be personal data, is shown as `?`.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    package let keyword: String
    /// The JSON Pointer (RFC 6901) of the offending value in the payload.
    package let instancePointer: String
    /// The JSON Pointer of the keyword in its schema; `uri#pointer` in another document than the
    /// one that was compiled.
    package let schemaPointer: String
    /// The missing member, where the schema itself names it (`required`, `dependentRequired`).
    package let missingMember: String?

    package init(
        keyword: String, instancePointer: String, schemaPointer: String,
        missingMember: String? = nil
    ) {
        self.keyword = keyword
        self.instancePointer = instancePointer
        self.schemaPointer = schemaPointer
        self.missingMember = missingMember
    }

    package var description: String {
        let missing = missingMember.map { " (missing: \($0))" } ?? ""
        return "\(keyword)\(missing) at \"\(instancePointer)\", schema \"\(schemaPointer)\""
    }
}
