import Glibc

/// The directory of schemas and catalogue files (様式・目録ディレクトリ), read as a whole into memory.
package enum SchemaDirectory {
    package static let maxDepth = 8
    package static let maxFiles = 4096
    package static let maxFileBytes = 4 << 20
    package static let maxTotalBytes = 64 << 20
    /// Names the directory where no flag and no configuration does.
    package static let environmentName = "JUKIHUB_SCHEMAS"

    /// Every `*.json` under `root`: path relative to it, with `/`, to bytes. Hidden files are passed over.
    package static func read(_ root: String) throws(FileFailure) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        var total = 0
        var pending = [(path: "", depth: 0)]
        while let next = pending.popLast() {
            for name in try names(root + "/" + next.path) {
                let relative = next.path.isEmpty ? name : next.path + "/" + name
                let full = root + "/" + relative
                if try isDirectory(full) {
                    try hold(root, next.depth < maxDepth, "more than \(maxDepth) levels deep")
                    pending.append((relative, next.depth + 1))
                } else if name.hasSuffix(".json") {
                    let bytes = try OpenFile.read(full, limit: maxFileBytes)
                    total += bytes.count
                    files[relative] = bytes
                    try hold(root, files.count <= maxFiles, "more than \(maxFiles) files")
                    try hold(
                        root, total <= maxTotalBytes, "more than \(maxTotalBytes) bytes in all")
                }
            }
        }
        return files
    }

    /// Where the directory is: `configured`, else the environment's, else `../share/jukihub/schemas`
    /// beside the executable.
    package static func locate(_ configured: String?) -> String {
        if let configured, !configured.isEmpty { return configured }
        if let given = unsafe getenv(environmentName) {
            let path = unsafe String(cString: given)
            if !path.isEmpty { return path }
        }
        return directory(of: executablePath()) + "/../share/jukihub/schemas"
    }

    private static func executablePath() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return "./jukihub" }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func names(_ path: String) throws(FileFailure) -> [String] {
        guard let stream = unsafe opendir(path) else { throw FileFailure.last("opendir", path) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if !name.hasPrefix(".") { names.append(name) }
            try hold(path, names.count <= maxFiles, "more than \(maxFiles) files")
        }
        return names.sorted()
    }

    private static func isDirectory(_ path: String) throws(FileFailure) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FileFailure.last("stat", path) }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private static func hold(_ path: String, _ holds: Bool, _ rule: String) throws(FileFailure) {
        if !holds { throw FileFailure(path: path, operation: rule, code: 0) }
    }
}
