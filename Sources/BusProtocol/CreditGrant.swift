/// Leave to send so much more (送信枠): SUBSCRIBE's and CREDIT's record, `messages u32 | bytes u64`.
package struct CreditGrant: Hashable, Sendable {
    package static let byteCount = 12

    package let messages: UInt32
    package let bytes: UInt64

    package init(messages: UInt32, bytes: UInt64) {
        self.messages = messages
        self.bytes = bytes
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        guard record.count == Self.byteCount,
            let messages = body.bigEndian(at: record.lowerBound, as: UInt32.self),
            let bytes = body.bigEndian(at: record.lowerBound + 4, as: UInt64.self)
        else { throw .malformed("a credit has 12 bytes") }
        self.init(messages: messages, bytes: bytes)
    }
}

extension FrameWriter {
    package mutating func appendCredit(_ grant: CreditGrant) {
        beginRecord()
        append(grant.messages)
        append(grant.bytes)
        endRecord()
    }
}
