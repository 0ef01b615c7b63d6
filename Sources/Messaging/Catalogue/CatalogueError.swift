/// What is wrong with the catalogue or a message layout (連携定義の誤り), and where.
public struct CatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Path below `Schemas`, e.g. `catalogue/links.json`.
    public let file: String
    /// JSON Pointer in the file; empty for the whole.
    public let pointer: String
    public let reason: String

    public init(file: String, pointer: String, reason: String) {
        self.file = file
        self.pointer = pointer
        self.reason = reason
    }

    public var description: String { "\(file)#\(pointer): \(reason)" }
}
