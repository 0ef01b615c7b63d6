import Glibc

/// A file that could not be used (ファイルの失敗): its path, what was tried, and the errno.
package struct FileFailure: Error, Hashable, CustomStringConvertible {
    package let path: String
    /// The call, e.g. `open`; or the rule of ours the file breaks.
    package let operation: String
    /// 0 where a rule of ours was broken and no call failed.
    package let code: Int32

    package init(path: String, operation: String, code: Int32) {
        self.path = path
        self.operation = operation
        self.code = code
    }

    /// A failure of the C library's call just made; reads errno.
    static func last(_ operation: String, _ path: String) -> FileFailure {
        FileFailure(path: path, operation: operation, code: errno)
    }

    package var isMissing: Bool { code == ENOENT }

    package var description: String {
        guard code != 0 else { return "\(path): \(operation)" }
        return unsafe "\(path): \(operation): \(String(cString: strerror(code)))"
    }
}
