/// Why a schema cannot be loaded (様式の不備): which document, where in it, what is wrong.
package struct SchemaLoadError: Error, Hashable, Sendable, CustomStringConvertible {
    package let uri: String
    /// JSON Pointer in the document; empty for the whole.
    package let pointer: String
    package let reason: String

    package init(uri: String, pointer: String, reason: String) {
        self.uri = uri
        self.pointer = pointer
        self.reason = reason
    }

    package var description: String { "\(uri)#\(pointer): \(reason)" }
}
