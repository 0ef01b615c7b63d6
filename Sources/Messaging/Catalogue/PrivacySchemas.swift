internal import JSONSchema
internal import Synchronization

/// Layouts compiled for masking, one by one as they are asked for (非表示用の様式).
final class PrivacySchemas: Sendable {
    private let texts: [Topic: [UInt8]]
    private let compiled = Mutex<[Topic: CompiledSchema]>([:])

    init(texts: [Topic: [UInt8]]) { self.texts = texts }

    func schema(for topic: Topic) -> CompiledSchema? {
        compiled.withLock { known in
            if let schema = known[topic] { return schema }
            guard let text = texts[topic] else { return nil }
            let uri = MessageLayouts.uri(of: topic)
            var library = SchemaLibrary(captures: ["x-privacy"])
            do throws(SchemaLoadError) {
                try library.add(text, uri: uri)
                let schema = try library.compile(uri)
                known[topic] = schema
                return schema
            } catch {
                // The same text compiled when the catalogue was loaded.
                return nil
            }
        }
    }
}
