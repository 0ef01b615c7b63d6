import Foundation

/// A JSON file of the lab's own (検証環境のファイル), replaced as a whole.
enum LabFile {
    static func write(_ value: some Encodable, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(value).write(to: URL(filePath: path), options: .atomic)
    }
}
