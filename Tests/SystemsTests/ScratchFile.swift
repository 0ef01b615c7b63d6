import Foundation

/// What stands in a database's files, byte by byte.
enum ScratchFile {
    static func bytes(_ path: String) throws -> Data {
        guard FileManager.default.fileExists(atPath: path) else { return Data() }
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    static func contains(_ bytes: Data, _ text: String) -> Bool {
        bytes.range(of: Data(text.utf8)) != nil
    }
}
