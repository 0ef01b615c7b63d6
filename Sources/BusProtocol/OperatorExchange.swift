/// An operator's question or command (運用要求), the JSON record of REQUEST:
/// `{"arguments":{…},"operation":"…"}`.
package struct OperatorRequest: Hashable, Sendable {
    package let operation: String
    /// The arguments' JSON text, an object; Operations knows what is in it.
    package let arguments: [UInt8]

    package init(operation: String, arguments: [UInt8]) {
        self.operation = operation
        self.arguments = arguments
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        let bytes = body.copied(record)
        operation = try WireJSON.decode(
            Head.self, from: bytes, limit: WireLimits.requestBytes
        ).operation
        arguments =
            try JSONMembers(bytes).range("arguments").map { Array(bytes[$0]) } ?? Array("{}".utf8)
    }

    package func encoded() -> [UInt8] {
        Array("{\"arguments\":".utf8) + arguments + Array(",\"operation\":".utf8)
            + WireJSON.encode(operation) + Array("}".utf8)
    }

    private struct Head: Decodable {
        let operation: String
    }
}

/// The hub's answer to an operator (運用応答), the JSON record of REPLY: `{"ok":…}` or
/// `{"error":{"code","hint","message"}}`.
package enum OperatorReply: Hashable, Sendable {
    /// The result's JSON text.
    case ok([UInt8])
    case error(Failure)

    /// Why an operation was not done.
    package struct Failure: Error, Hashable, Sendable, Codable {
        package let code: String
        package let message: String
        package let hint: String

        package init(code: String, message: String, hint: String) {
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        let bytes = body.copied(record)
        let members = try JSONMembers(bytes)
        if let ok = members.range("ok") {
            self = .ok(Array(bytes[ok]))
        } else if let error = members.range("error") {
            self = .error(
                try WireJSON.decode(
                    Failure.self, from: Array(bytes[error]), limit: WireLimits.requestBytes))
        } else {
            throw .malformed("a reply holds ok or error")
        }
    }

    package func encoded() -> [UInt8] {
        switch self {
        case .ok(let result): Array("{\"ok\":".utf8) + result + Array("}".utf8)
        case .error(let failure):
            Array("{\"error\":".utf8) + WireJSON.encode(failure) + Array("}".utf8)
        }
    }
}
