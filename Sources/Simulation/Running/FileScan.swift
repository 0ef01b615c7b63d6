import Foundation

/// Searches files for bytes that must not be there (ファイル内の検索): as UTF-8 and as UTF-16.
enum FileScan {
    /// Paths of regular files under `roots` that hold any of `texts`.
    static func files(under roots: [String], holding texts: [String]) throws -> [String] {
        let patterns = texts.flatMap { text in
            [String.Encoding.utf8, .utf16LittleEndian, .utf16BigEndian]
                .compactMap { text.data(using: $0).map { [UInt8]($0) } }
        }
        var found: [String] = []
        for root in roots {
            for path in try regularFiles(under: root) {
                // A file that is renamed or deleted meanwhile holds nothing any more.
                guard let data = try? Data(contentsOf: URL(filePath: path)) else { continue }
                let bytes = [UInt8](data)
                if patterns.contains(where: { holds(bytes.span, $0) }) {
                    found.append(path)
                }
            }
        }
        return found
    }

    /// A plain loop over bytes: `Data`'s own search takes seconds for a hub's files.
    private static func holds(_ bytes: Span<UInt8>, _ pattern: [UInt8]) -> Bool {
        guard let first = pattern.first, bytes.count >= pattern.count else { return false }
        for start in 0...(bytes.count - pattern.count) where bytes[start] == first {
            var length = 1
            while length < pattern.count, bytes[start + length] == pattern[length] { length += 1 }
            if length == pattern.count { return true }
        }
        return false
    }

    private static func regularFiles(under root: String) throws -> [String] {
        guard
            let walk = FileManager.default.enumerator(
                at: URL(filePath: root), includingPropertiesForKeys: [.isRegularFileKey])
        else { throw LabFault("directory-missing", "\(root) cannot be read") }
        var files: [String] = []
        for case let url as URL in walk {
            let isFile = try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
            if isFile == true { files.append(url.path(percentEncoded: false)) }
        }
        return files.sorted()
    }
}
