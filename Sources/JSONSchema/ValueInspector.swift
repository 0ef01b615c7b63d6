/// Looks into the contents of a valid payload, in the order they stand in (内容の検分).
///
/// It is called for payloads that satisfied their schema only: what a schema says of a value
/// (`captured`) is known for certain then, also behind an `anyOf`.
package protocol ValueInspector: ~Copyable {
    /// One string, its escapes undone.
    /// - Parameters:
    ///   - isKey: whether it is a member's name.
    ///   - captured: bit *k* is set if a schema that held for this very value carries the *k*-th
    ///     capture keyword of the library.
    mutating func string(_ decoded: Span<UInt8>, isKey: Bool, captured: UInt32)
    /// One number as written.
    mutating func number(_ lexeme: Span<UInt8>)
}

/// The inspector that does not look (検分なし).
package struct NoInspector: ValueInspector {
    package init() {}
    package mutating func string(_ decoded: Span<UInt8>, isKey: Bool, captured: UInt32) {}
    package mutating func number(_ lexeme: Span<UInt8>) {}
}
