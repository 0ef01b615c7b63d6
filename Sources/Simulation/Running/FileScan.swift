import Foundation

/// Searches files for bytes that must not be there (ファイル内の検索): as UTF-8 and as UTF-16.
enum FileScan {
    /// Paths of regular files under `roots` that hold any of `texts`.
    static func files(under roots: [String], holding texts: [String]) throws -> [String] {
        let patterns = texts.flatMap { text in
            [String.Encoding.utf8, .utf16LittleEndian, .utf16BigEndian]
                .compactMap { text.data(using: $0) }
        }
        var found: [String] = []
        for root in roots {
            for path in try regularFiles(under: root) {
                // A file that is renamed or deleted meanwhile holds nothing any more.
                guard let data = try? Data(contentsOf: URL(filePath: path)) else { continue }
                if patterns.contains(where: { data.firstRange(of: $0) != nil }) {
                    found.append(path)
                }
            }
        }
        return found
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
