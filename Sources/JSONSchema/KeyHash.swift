/// The hash of a member name (項目名ハッシュ), the same at load and while checking.
///
/// Not keyed: it only narrows a search that ends in comparing bytes. Where a sender could profit
/// from collisions (objects with many members), `Tape` uses the process-keyed `Hasher` instead.
enum KeyHash {
    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    static func of(_ bytes: Bytes, _ offset: Int, _ length: Int) -> UInt32 {
        var hash = UInt64(truncatingIfNeeded: length) &* factor
        var at = offset
        let end = offset + length
        while at + 8 <= end {
            hash = mixed(hash, bytes.word(at: at))
            at += 8
        }
        if at < end {
            var tail: UInt64 = 0
            if at + 8 <= bytes.count {
                let unused = UInt64(8 - (end - at)) * 8
                tail = (bytes.word(at: at) << unused) >> unused
            } else {
                var shift: UInt64 = 0
                while at < end {
                    tail |= UInt64(bytes[at]) << shift
                    shift += 8
                    at += 1
                }
            }
            hash = mixed(hash, tail)
        }
        return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
    }

    @inline(__always)
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* factor
        return product ^ (product >> 29)
    }
}
