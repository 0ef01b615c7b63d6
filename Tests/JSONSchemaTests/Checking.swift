import JSONSchema

/// A schema compiled alone from its text.
func compiled(
    _ text: String, captures: [String] = [], limits: CheckLimits = .default
) throws -> CompiledSchema {
    var library = SchemaLibrary(captures: captures, limits: limits)
    try library.add(Array(text.utf8), uri: "test")
    return try library.compile("test")
}

/// The verdict on one payload by a fresh checker.
func verdict(_ payload: some Sequence<UInt8>, _ schema: CompiledSchema) -> Verdict {
    var checker = Checker()
    return checker.check(Array(payload).span, against: schema)
}

func verdict(_ payload: String, _ schema: CompiledSchema) -> Verdict {
    verdict(payload.utf8, schema)
}

/// The fault of bytes that are no JSON text within the limits; nil if they are one.
func fault(_ payload: some Sequence<UInt8>, limits: CheckLimits = .default) throws -> SyntaxFault? {
    guard case .malformed(let fault) = verdict(payload, try compiled("true", limits: limits)) else {
        return nil
    }
    return fault
}

/// What is wrong with a schema; nil if it loads.
func loadError(_ text: String) -> SchemaLoadError? {
    do {
        _ = try compiled(text)
        return nil
    } catch {
        return error as? SchemaLoadError
    }
}
