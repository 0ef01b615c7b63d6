import Journal
import Messaging
import Testing

@Suite("Values of the journal")
struct CodecTests {
    @Test(
        "Key names that are not a class and a day are refused",
        arguments: [
            "", "standard", "standard-2026033", "standard-20261331", "../x-20260331", "-20260331",
            "a/b-20260331", "standard_20260331",
        ])
    func keyNames(text: String) {
        #expect(ContentKeyID(text) == nil)
    }

    @Test("A key name reads back as it was written")
    func keyName() throws {
        let key = ContentKeyID(
            retentionClass: "basic-5y", expiryDay: try CivilDate(date8: "20310401"))
        #expect(key.rawValue == "basic-5y-20310401")
        #expect(ContentKeyID(key.rawValue) == key)
    }

    @Test("A digest takes exactly 32 bytes and gives them back")
    func digests() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        #expect(Digest32(bytes)?.bytes == bytes)
        #expect(Digest32(bytes.dropLast()) == nil)
        #expect(Digest32(bytes + [1]) == nil)
    }

    @Test("An arena keeps records whole while it grows")
    func arena() {
        let arena = Arena(capacity: 1)
        let ranges = (0..<200).map { index in
            arena.append(
                envelope: "envelope \(index)".utf8.span,
                payload: String(repeating: "p", count: index * 11).utf8.span)
        }
        for (index, range) in ranges.enumerated() {
            let envelope = Array("envelope \(index)".utf8)
            let expected =
                [0, 0, 0, UInt8(envelope.count)] + envelope
                + [UInt8](repeating: UInt8(ascii: "p"), count: index * 11)
            #expect(arena.array(range) == expected)
            let copy = arena.withBytes(range) { bytes in bytes.indices.map { bytes[$0] } }
            #expect(copy == expected)
        }
    }
}
