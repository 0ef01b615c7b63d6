import CZeroMQ

/// A text or byte string that is no CURVE key (鍵の形式誤り). It does not say what it was.
package struct InvalidCurveKey: Error, Hashable, CustomStringConvertible {
    package var description: String {
        "not a CURVE key: expected 40 characters of Z85, or 32 bytes"
    }
}

/// Who a participant is, to the hub (CURVE公開鍵): 32 bytes, written as 40 characters of Z85.
package struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible, Codable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) throws(InvalidCurveKey) {
        guard bytes.count == Z85.keyByteCount else { throw InvalidCurveKey() }
        self.bytes = bytes
    }

    /// Parses 40 characters of Z85; the text from a file is trimmed by its reader.
    package init(_ text: String) throws(InvalidCurveKey) {
        bytes = try Z85.decodeKey(text)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(InvalidCurveKey) {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: error.description)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var text: String { Z85.encodeKey(bytes) }
    package var description: String { text }
}

/// The secret half of a key pair (CURVE秘密鍵). Its description, its debug description and its mirror
/// say nothing; the text comes out only where it is asked for by name.
package struct CurveSecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    let bytes: [UInt8]

    package init(bytes: [UInt8]) throws(InvalidCurveKey) {
        guard bytes.count == Z85.keyByteCount else { throw InvalidCurveKey() }
        self.bytes = bytes
    }

    /// Parses 40 characters of Z85.
    package init(_ text: String) throws(InvalidCurveKey) {
        bytes = try Z85.decodeKey(text)
    }

    /// 40 characters of Z85, for the one file that keeps it (mode 0600).
    package var secretText: String { Z85.encodeKey(bytes) }

    /// The public half.
    package func publicKey() throws(ZeroMQError) -> CurvePublicKey {
        var text = [CChar](repeating: 0, count: Z85.keyTextCount + 1)
        try unsafe Outcome.require(zmq_curve_public(&text, secretText), "zmq_curve_public")
        guard let key = try? CurvePublicKey(Z85.string(text)) else {
            preconditionFailure("libzmq writes Z85")
        }
        return key
    }

    package var description: String { "［秘密鍵］" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A public key and its secret (鍵の組).
package struct CurveKeyPair: Sendable {
    package let publicKey: CurvePublicKey
    package let secretKey: CurveSecretKey

    /// Makes a new pair; throws ENOTSUP where libzmq was built without CURVE.
    package static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var publicText = [CChar](repeating: 0, count: Z85.keyTextCount + 1)
        var secretText = publicText
        try unsafe Outcome.require(
            zmq_curve_keypair(&publicText, &secretText), "zmq_curve_keypair")
        guard let publicKey = try? CurvePublicKey(Z85.string(publicText)),
            let secretKey = try? CurveSecretKey(Z85.string(secretText))
        else { preconditionFailure("libzmq writes Z85") }
        return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
    }
}

extension CurveSecretKey {
    /// A new key pair, as `CurveKeyPair.generate()`.
    package static func generatePair() throws(ZeroMQError) -> CurveKeyPair {
        try CurveKeyPair.generate()
    }
}

/// ZeroMQ's base-85 text for keys (RFC 32/Z85), over libzmq's own coder.
private enum Z85 {
    static let keyByteCount = 32
    static let keyTextCount = 40

    static func decodeKey(_ text: String) throws(InvalidCurveKey) -> [UInt8] {
        guard text.utf8.count == keyTextCount, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw InvalidCurveKey() }
        var bytes = [UInt8](repeating: 0, count: keyByteCount)
        guard unsafe zmq_z85_decode(&bytes, text) != nil else { throw InvalidCurveKey() }
        return bytes
    }

    static func encodeKey(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: keyTextCount + 1)
        unsafe zmq_z85_encode(&text, bytes, bytes.count)
        return string(text)
    }

    static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
