/// The address of one connection at a ROUTER (接続宛先): opaque, never an identity.
///
/// Only those that libzmq gives are taken: five bytes, the first zero, never used twice. A client's own
/// choice could be taken over by the next connection, whosever key it has.
struct RoutingID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    private let count: UInt8

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 5, bytes[0] == 0 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in bytes.indices {
            if index < 8 {
                high |= UInt64(bytes[index]) << UInt64(8 * index)
            } else {
                low |= UInt64(bytes[index]) << UInt64(8 * (index - 8))
            }
        }
        self.high = high
        self.low = low
        count = UInt8(bytes.count)
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<Int(count) {
            let word = index < 8 ? high : low
            bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * (index % 8))))
        }
        return bytes
    }
}
