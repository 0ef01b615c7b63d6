internal import FoundationEssentials
internal import Glibc
internal import ZeroMQ

/// What was looked at and whether it will do (検査項目).
struct Checklist {
    struct Item: Encodable {
        let subject: String
        let holds: Bool
        /// What was found, or what is wrong and what to do.
        let text: String
    }

    private(set) var items: [Item] = []

    /// Notes what `look` found, or the error it threw.
    mutating func check(_ subject: String, _ look: () throws -> String) {
        do {
            items.append(Item(subject: subject, holds: true, text: try look()))
        } catch {
            items.append(Item(subject: subject, holds: false, text: "\(error)"))
        }
    }

    /// A directory that is there and writable, or whose parent is.
    mutating func directory(_ subject: String, _ path: String) {
        let exists = unsafe access(path, F_OK) == 0
        let writable = unsafe access(exists ? path : parent(of: path), W_OK | X_OK) == 0
        items.append(
            Item(
                subject: "\(subject) \(path)", holds: writable,
                text: writable
                    ? (exists ? "書込可 writable" : "作成可 can be made")
                    : "書けません not writable: ls -ld \(path)"))
    }

    /// An endpoint nobody has: bound for a moment and let go.
    mutating func port(_ endpoint: String) {
        check("接続口 \(endpoint)") {
            let context = try Context(maxSockets: 2)
            defer { context.close() }
            return try Self.bind(endpoint, in: context)
        }
    }

    private static func bind(_ endpoint: String, in context: Context) throws -> String {
        do throws(ZeroMQError) {
            let socket = try Socket(.pair, in: context)
            try socket.set(.lingerMilliseconds(0))
            try socket.bind(endpoint)
            return "空き free"
        } catch {
            throw CommandFailure(
                "port-unavailable", "使えません (\(error.name)): 使用中か、この機器の番地ではありません", hint: "ss -ltnp")
        }
    }

    private func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}

extension CommandFailure: CustomStringConvertible {
    var description: String { "\(message); \(hint)" }
}
