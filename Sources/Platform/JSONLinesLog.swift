import Glibc
package import Logging
package import Messaging

/// A log of one JSON object a line on standard error (ログ): `ts`, `level`, `code`, `message`, and the
/// rest of the metadata under `fields`.
///
/// `code` is the metadata of that name, the stable word an operator looks up. Values are printed as the
/// caller gave them: what must not be read is masked before it is logged (design §7).
package struct JSONLinesLog: LogHandler {
    /// Longer texts are cut, so that a line goes out in one `write`.
    package static let textLimitBytes = 4096

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let time: any TimeSource
    private let descriptor: Int32

    package init(level: Logger.Level = .info, time: any TimeSource = SystemClock()) {
        self.init(level: level, time: time, descriptor: STDERR_FILENO)
    }

    package init(level: Logger.Level, time: any TimeSource, descriptor: Int32) {
        logLevel = level
        self.time = time
        self.descriptor = descriptor
    }

    /// Makes this the log of every `Logger` in the process; once, from a main.
    package static func bootstrap(
        level: Logger.Level = .info, time: any TimeSource = SystemClock()
    ) {
        LoggingSystem.bootstrap { _ in JSONLinesLog(level: level, time: time) }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let given = event.metadata.map { metadata.merging($0) { _, new in new } } ?? metadata
        let line = Self.line(
            time: time.now(), level: event.level, message: event.message.description,
            metadata: given)
        unsafe line.withUnsafeBytes {
            // A log nobody can take (a closed pipe, a full disk) must not stop the process.
            _ = unsafe write(descriptor, $0.baseAddress, $0.count)
        }
    }

    /// One line with its end.
    package static func line(
        time: Instant, level: Logger.Level, message: String, metadata: Logger.Metadata
    ) -> [UInt8] {
        var line: [UInt8] = []
        append("{\"ts\":", to: &line)
        quote(time.rfc3339, to: &line)
        append(",\"level\":", to: &line)
        quote(level.rawValue, to: &line)
        if let code = metadata["code"] {
            append(",\"code\":", to: &line)
            quote(code.description, to: &line)
        }
        append(",\"message\":", to: &line)
        quote(message, to: &line)
        let fields = metadata.filter { $0.key != "code" }.sorted { $0.key < $1.key }
        if !fields.isEmpty {
            append(",\"fields\":{", to: &line)
            for (index, field) in fields.enumerated() {
                if index > 0 { append(",", to: &line) }
                quote(field.key, to: &line)
                append(":", to: &line)
                quote(field.value.description, to: &line)
            }
            append("}", to: &line)
        }
        append("}\n", to: &line)
        return line
    }

    private static func append(_ text: StaticString, to line: inout [UInt8]) {
        line.append(contentsOf: text.description.utf8)
    }

    private static func quote(_ text: String, to line: inout [UInt8]) {
        line.append(0x22)
        var written = 0
        for scalar in text.unicodeScalars {
            guard written < textLimitBytes else {
                line.append(contentsOf: "…".utf8)
                break
            }
            switch scalar {
            case "\"": line.append(contentsOf: [0x5C, 0x22])
            case "\\": line.append(contentsOf: [0x5C, 0x5C])
            case "\n": line.append(contentsOf: [0x5C, 0x6E])
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                line.append(contentsOf: "\\u\(zeros)\(digits)".utf8)
            case _: line.append(contentsOf: String(scalar).utf8)
            }
            written += UTF8.width(scalar)
        }
        line.append(0x22)
    }
}
