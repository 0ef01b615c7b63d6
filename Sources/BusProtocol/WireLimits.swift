/// The bounds every frame of wire version 1 keeps (電文枠の上限); design §4.
package enum WireLimits {
    /// The protocol version that a control frame's first byte carries.
    package static let version: UInt8 = 1
    /// Records one frame may hold, a head record (`Verb.hasHead`) not counted.
    package static let recordsPerFrame = 64
    /// Bytes one body may hold, unless it holds a single record.
    package static let bodyBytes = 65_536
    /// Bytes of the JSON record of HELLO, WELCOME, BYE and FAULT.
    package static let sessionJSONBytes = 4_096
    /// Bytes of one PUBNAK record.
    package static let refusalBytes = 4_096
    /// ASCII characters of a reason code in NAK, TERM, PUBNAK, BYE and FAULT.
    package static let codeBytes = 64
    /// Bytes of one envelope; Messaging's scan refuses longer ones too.
    package static let envelopeBytes = 4_096
    /// Bytes of one REQUEST record.
    package static let requestBytes = 65_536
    /// Bytes of the chain head in an anchor (SHA-256).
    package static let chainHeadBytes = 32
}
