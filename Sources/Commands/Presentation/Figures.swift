/// Figures as people read them: sizes, spans of time, times of day (表示用の数).
enum Figures {
    static func bytes(_ count: Int) -> String {
        count < 1024 ? "\(count)B" : "\(tenths(Double(count) / 1024))kB"
    }

    static func milliseconds(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value < 10
            ? "\(tenths(value))ms"
            : value < 10_000 ? "\(Int(value))ms" : span(Int64(value))
    }

    /// A span such as `2m14s`.
    static func span(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        return switch seconds {
        case ..<1: "\(milliseconds)ms"
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m\(seconds % 60)s"
        case ..<86_400: "\(seconds / 3600)h\(seconds % 3600 / 60)m"
        default: "\(seconds / 86_400)d\(seconds % 86_400 / 3600)h"
        }
    }

    /// `09:00:00.123` of an RFC 3339 text that is always +09:00 here; the text itself when it is not one.
    static func timeOfDay(_ rfc3339: String) -> String {
        guard let t = rfc3339.firstIndex(of: "T") else { return rfc3339 }
        let rest = rfc3339[rfc3339.index(after: t)...]
        return String(rest.prefix { $0 != "+" && $0 != "Z" }.prefix(12))
    }

    /// `10-06 09:00` of an RFC 3339 text that is always +09:00 here.
    static func moment(_ rfc3339: String) -> String {
        rfc3339.count >= 16
            ? rfc3339.dropFirst(5).prefix(5) + " " + rfc3339.dropFirst(11).prefix(5) : rfc3339
    }

    static func grouped(_ value: some BinaryInteger) -> String {
        let digits = Array(String(value))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3), digits[index - 1] != "-" {
                text.append(",")
            }
            text.append(digit)
        }
        return text
    }

    static func tenths(_ value: Double) -> String {
        let scaled = Int((value * 10).rounded())
        return "\(scaled / 10).\(abs(scaled % 10))"
    }
}
