import FoundationEssentials
import Glibc

/// Reads one configuration document (設定ファイル読込), a closed JSON object: what it does not know it refuses.
enum ConfigurationFile {
    static let limitBytes = 1 << 20

    static func load<Value: Decodable>(
        _ type: Value.Type, from path: String
    ) throws(ConfigurationError) -> Value {
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try OpenFile.read(path, limit: limitBytes)
        } catch {
            throw ConfigurationError(
                file: path, field: "", problem: "読めません (\(error.operation), \(error))",
                remedy: "パスと読取権限を確かめてください")
        }
        return try decode(type, from: bytes, file: path)
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], file: String
    ) throws(ConfigurationError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw explain(error, file)
        } catch {
            throw ConfigurationError(
                file: file, field: "", problem: "解釈できません (\(error))",
                remedy: "JSONの書式を確かめてください")
        }
    }

    /// The absolute form of a path a configuration names: relative ones start at its own directory.
    static func resolve(_ path: String, beside file: String) -> String {
        path.hasPrefix("/") || path.isEmpty ? path : directory(of: file) + "/" + path
    }

    private static func explain(_ error: DecodingError, _ file: String) -> ConfigurationError {
        switch error {
        case .keyNotFound(let key, let context):
            ConfigurationError(
                file: file, field: field(context.codingPath + [key]), problem: "書かれていません",
                remedy: "この項目を追加してください")
        case .valueNotFound(_, let context):
            ConfigurationError(
                file: file, field: field(context.codingPath), problem: "null になっています",
                remedy: "値を書いてください")
        case .typeMismatch(let expected, let context):
            ConfigurationError(
                file: file, field: field(context.codingPath),
                problem: "値の型が違います (期待: \(name(expected)))", remedy: "値の書き方を直してください")
        case .dataCorrupted(let context):
            ConfigurationError(
                file: file, field: field(context.codingPath), problem: context.debugDescription,
                remedy: context.codingPath.isEmpty ? "JSONの書式を確かめてください" : "値を直してください")
        @unknown default:
            ConfigurationError(
                file: file, field: "", problem: "解釈できません", remedy: "JSONの書式を確かめてください")
        }
    }

    private static func name(_ type: any Any.Type) -> String {
        if type == String.self { return "文字列" }
        if type == Bool.self { return "true か false" }
        if type is any BinaryInteger.Type { return "整数" }
        return "\(type)".hasPrefix("Array") ? "配列" : "オブジェクト"
    }

    private static func field(_ path: [any CodingKey]) -> String {
        path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
    }
}

/// Any member's name, to find those a closed object does not know.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// A container of `Keys`; a member outside them is refused, since it is most often a misspelt one.
    func closedContainer<Keys: CodingKey & CaseIterable>(
        keyedBy keys: Keys.Type
    ) throws -> KeyedDecodingContainer<Keys> {
        let known = Set(keys.allCases.map(\.stringValue))
        for key in try container(keyedBy: AnyKey.self).allKeys
        where !known.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath + [key],
                    debugDescription: "知らない項目です (書ける項目: \(known.sorted().joined(separator: ", ")))")
            )
        }
        return try container(keyedBy: keys)
    }
}

extension KeyedDecodingContainer {
    /// A text that is not empty.
    func text(_ key: Key) throws -> String {
        let text = try decode(String.self, forKey: key)
        guard !text.isEmpty else { throw corrupted(key, "空です") }
        return text
    }

    /// A ZeroMQ endpoint of a transport that may leave the process.
    func endpoint(_ key: Key) throws -> String {
        let text = try text(key)
        guard text.hasPrefix("tcp://") || text.hasPrefix("ipc://") else {
            throw corrupted(key, "tcp:// か ipc:// で始まる接続先ではありません")
        }
        return text
    }

    func corrupted(_ key: Key, _ problem: String) -> DecodingError {
        .dataCorruptedError(forKey: key, in: self, debugDescription: problem)
    }
}
