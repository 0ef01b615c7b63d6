import Foundation
import Hub
import Testing

@Suite("Refusal codes")
struct RefusalDocumentTests {
    @Test("The wire protocol lists exactly the codes of admission, in their order")
    func document() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let file = root.appendingPathComponent("Schemas/wire-protocol.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "### Refusals").last)
        let table = try #require(section.components(separatedBy: "## 8. Limits").first)
        let listed = table.matches(of: #/\| `([a-z-]+)` \|/#).map { String($0.1) }
        #expect(listed == RefusalCode.allCases.map(\.rawValue))
    }

    @Test("Every code says what is wrong in Japanese first, and what to do next")
    func texts() {
        for code in RefusalCode.allCases {
            #expect(code.text.unicodeScalars.first.map { $0.value > 0x2E80 } == true)
            #expect(!code.hint.isEmpty)
        }
    }
}
