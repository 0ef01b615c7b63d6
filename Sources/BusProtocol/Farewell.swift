/// The end of a session, told by either side (切断通知), the JSON record of BYE.
package struct Farewell: Hashable, Sendable, Codable {
    /// `stopping`, `superseded`, `revoked`, or a code of a newer hub.
    package let code: String
    package let text: String

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        self = try WireJSON.decode(
            Farewell.self, from: body.copied(record), limit: WireLimits.sessionJSONBytes)
    }

    package static let stopping = "stopping"
    package static let revoked = "revoked"
}

extension ProtocolFault {
    /// Reads FAULT's JSON record.
    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        self = try WireJSON.decode(
            ProtocolFault.self, from: body.copied(record), limit: WireLimits.sessionJSONBytes)
    }
}
