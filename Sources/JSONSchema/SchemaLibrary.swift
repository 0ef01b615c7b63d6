/// The schema documents that may refer to one another (様式庫).
///
/// A document is checked whole when it is added: a keyword that is not implemented, a malformed
/// keyword, or a pattern outside the linear-time subset refuses it. References are resolved by
/// `compile`, within the library only; nothing is ever fetched.
package struct SchemaLibrary: Sendable {
    let captures: [String]
    let limits: CheckLimits
    private(set) var index = SchemaIndex()

    /// - Parameter captures: at most 32 annotation keywords whose values are reported with the
    ///   places they hold for. Other keywords beginning with `x-` are allowed and ignored.
    package init(captures: [String] = [], limits: CheckLimits = .default) {
        precondition(captures.count <= 32, "capture keywords are numbered by the bits of a UInt32")
        self.captures = captures
        self.limits = limits
    }

    /// Adds a document under `uri`, and under its `$id` if it has one.
    package mutating func add(_ text: [UInt8], uri: String) throws(SchemaLoadError) {
        let document = try SchemaDocument(text, uri: uri)
        var grown = index
        try grown.add(document, captures: captures)
        index = grown
    }

    /// Compiles the schema that `uri`, which may have a fragment, names.
    package func compile(_ uri: String) throws(SchemaLoadError) -> CompiledSchema {
        guard let reference = SchemaURI(uri, against: ""), let place = index.find(reference) else {
            throw SchemaLoadError(uri: uri, pointer: "", reason: "no such schema in the library")
        }
        var compiler = SchemaCompiler(index: index, captures: captures, main: place.document)
        let root = try compiler.node(for: place, under: nil)
        return try compiler.finish(root: root, limits: limits)
    }
}
