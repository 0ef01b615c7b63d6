/// Checks payloads against compiled schemas (様式検査器): one for each thread, used again and again.
///
/// One scan of the bytes leaves a tape of tokens in scratch memory; the schema is evaluated over the
/// tape. When the scratch has grown to what the messages need, checking allocates nothing.
package struct Checker: ~Copyable {
    var tape = Tape()
    var instance = TapeView.none
    var patterns = PatternScratch()
    /// Which children of the values under evaluation some schema has evaluated, a run for each
    /// schema that needs to know.
    var marks = ScratchBuffer<Bool>(capacity: 256)
    var captured = ScratchBuffer<CapturedPlace>(capacity: 32)
    /// Elements under `uniqueItems`.
    var items = ScratchBuffer<UInt32>(capacity: 64)
    var itemSlots = ScratchBuffer<HashedItem>(capacity: 64)
    /// Above zero inside branches whose failure is no violation yet.
    var tentative = 0
    var violation: BrokenRule?
    private var lastSchema: CompiledSchema?

    struct CapturedPlace: BitwiseCopyable {
        var annotation: Int32
        var token: UInt32
        /// Where the value stood, known when the check is over.
        var start: UInt32 = 0
        var end: UInt32 = 0
    }

    /// The first rule that could not hold any more.
    struct BrokenRule: BitwiseCopyable {
        var keyword: Keyword?
        var node: Int
        var token: Int
        /// A name entry of the schema, or -1.
        var missing: Int
    }

    package init() {}

    /// Checks one payload.
    package mutating func check(
        _ bytes: Span<UInt8>, against schema: CompiledSchema
    ) -> Verdict {
        bytes.lend { text in
            let verdict = verdict(of: text, schema)
            instance = .none
            return verdict
        }
    }

    /// Checks one payload and, if it is valid, shows its contents to the inspector.
    package mutating func check<Inspector: ValueInspector & ~Copyable>(
        _ bytes: Span<UInt8>, against schema: CompiledSchema, inspector: inout Inspector
    ) -> Verdict {
        bytes.lend { text in
            let verdict = verdict(of: text, schema)
            if verdict.isValid { inspect(with: &inspector) }
            instance = .none
            return verdict
        }
    }

    /// What the last check captured, in the order of the payload; empty unless it was valid.
    package var captures: [Capture] { (0..<captureCount).map { capture($0) } }

    package var captureCount: Int { captured.count }

    /// One capture of the last check, without making the others.
    package func capture(_ index: Int) -> Capture {
        let place = captured[index]
        guard let annotation = lastSchema?.annotations[Int(place.annotation)] else {
            preconditionFailure("captures belong to a schema")
        }
        return Capture(
            keyword: annotation.keyword, value: annotation.value,
            range: Int(place.start)..<Int(place.end))
    }

    private mutating func verdict(of text: Bytes, _ schema: CompiledSchema) -> Verdict {
        captured.truncate(to: 0)
        marks.truncate(to: 0)
        tentative = 0
        violation = nil
        do throws(SyntaxFault) {
            try tape.scan(text, limits: schema.limits)
        } catch {
            return .malformed(error)
        }
        instance = tape.view(of: text)
        guard holds(schema.root, at: 0, marks: -1, schema) else {
            captured.truncate(to: 0)
            return .invalid(describeViolation(schema))
        }
        settleCaptures(schema)
        return .valid
    }

    /// Puts captures into the payload's order, once each, and marks their tokens.
    private mutating func settleCaptures(_ schema: CompiledSchema) {
        guard captured.count > 0 else { return }
        if lastSchema !== schema { lastSchema = schema }
        for index in 0..<captured.count {
            let token = Int(captured[index].token)
            captured[index].start = tape.tokens[token].start
            captured[index].end = tape.tokens[token].end
            let keyword = schema.annotations[Int(captured[index].annotation)].keyword
            tape.tokens[token].captured |= 1 << UInt32(keyword)
        }
        captured.sort { one, other in
            one.token == other.token
                ? one.annotation < other.annotation : one.token < other.token
        }
        var kept = 0
        for index in 0..<captured.count where !isRepeated(captured[index], before: kept, schema) {
            captured[kept] = captured[index]
            kept += 1
        }
        captured.truncate(to: kept)
    }

    /// Whether the same annotation was kept for the same value already, by way of another schema.
    private func isRepeated(
        _ place: CapturedPlace, before end: Int, _ schema: CompiledSchema
    ) -> Bool {
        var index = end
        while index > 0, captured[index - 1].token == place.token {
            index -= 1
            let other = captured[index].annotation
            if other == place.annotation
                || schema.annotations[Int(other)] == schema.annotations[Int(place.annotation)]
            {
                return true
            }
        }
        return false
    }

    private mutating func inspect<Inspector: ValueInspector & ~Copyable>(
        with inspector: inout Inspector
    ) {
        for index in 0..<tape.tokens.count {
            let token = tape.tokens[index]
            switch token.kind {
            case .string:
                let (bytes, offset, count) = instance.content(token)
                unsafe inspector.string(
                    bytes.slice(offset, count).span, isKey: token.isName,
                    captured: token.captured)
            case .number:
                let length = Int(token.end) - Int(token.start)
                unsafe inspector.number(
                    instance.text.slice(Int(token.start), length).span)
            case .null, .boolean, .array, .object: break
            }
        }
    }

    private func describeViolation(_ schema: CompiledSchema) -> Violation {
        guard let broken = violation else {
            preconditionFailure("a schema does not fail without a rule that fails")
        }
        let node = schema.nodes[broken.node]
        var pointer = schema.locations[Int(node.location)]
        if !node.refuses, let keyword = broken.keyword { pointer += "/\(keyword.rawValue)" }
        let instancePointer = instance.pointer(to: broken.token) { name in
            let (bytes, offset, count) = instance.content(name)
            let text = bytes.text(offset, count)
            return schema.knowsName(name.hash, bytes, offset, count)
                ? text : JSONPointer.shownUnknownName(text)
        }
        return Violation(
            keyword: broken.keyword?.rawValue ?? "false", instancePointer: instancePointer,
            schemaPointer: pointer,
            missingMember: broken.missing < 0 ? nil : schema.name(broken.missing))
    }
}
