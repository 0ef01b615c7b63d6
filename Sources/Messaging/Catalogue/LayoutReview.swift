/// What a message layout must say of its fields (電文様式の点検).
///
/// Examples exist; identifiers are labelled; order keys are of a kind that may order; a type's order
/// fits its layout; no layout has a field that a prohibition keeps from one of the type's links.
struct LayoutReview {
    let file: String
    let text: [UInt8]
    let topic: Topic
    let type: MessageType
    let parts: CatalogueParts

    func check() throws(CatalogueError) {
        guard case .object(let root)? = JSONTree.parse(text) else {
            throw failure("", "a layout is a JSON object")
        }
        guard case .array(let examples)? = root["examples"], !examples.isEmpty else {
            throw failure("/examples", "there are no examples")
        }
        if let id = root["$id"], id != .string(MessageLayouts.uri(of: topic)) {
            throw failure("/$id", "must be \(MessageLayouts.uri(of: topic))")
        }
        var orders = false
        try walk(.object(root), "", &orders)
        if (type.order == .person) != orders {
            throw failure(
                "",
                orders
                    ? "has an x-order-key, but the type orders by case"
                    : "has no x-order-key, but the type orders by person")
        }
    }

    private func failure(_ pointer: String, _ reason: String) -> CatalogueError {
        CatalogueError(file: file, pointer: pointer, reason: reason)
    }

    /// Visits every subschema but those that only test (`if`, `not`) and those that only quote.
    private func walk(
        _ node: JSONTree, _ pointer: String, _ orders: inout Bool
    ) throws(CatalogueError) {
        switch node {
        case .array(let items):
            for (index, item) in items.enumerated() {
                try walk(item, "\(pointer)/\(index)", &orders)
            }
        case .object(let members):
            try annotations(members, pointer, &orders)
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                if name == "properties", case .object(let properties) = value {
                    for (field, schema) in properties.sorted(by: { $0.key < $1.key }) {
                        let place = "\(pointer)/properties/\(Self.escaped(field))"
                        try property(field, schema, place)
                        try walk(schema, place, &orders)
                    }
                } else if !["if", "not", "examples", "enum", "const", "default"].contains(name) {
                    try walk(value, "\(pointer)/\(Self.escaped(name))", &orders)
                }
            }
        case .null, .bool, .number, .string: break
        }
    }

    private func annotations(
        _ schema: [String: JSONTree], _ pointer: String, _ orders: inout Bool
    ) throws(CatalogueError) {
        if let key = schema["x-order-key"] {
            guard case .string(let kind) = key,
                let known = parts.identifiers.first(where: { $0.kind == kind })
            else { throw failure(pointer + "/x-order-key", "no such kind of identifier") }
            guard known.orders else {
                throw failure(pointer + "/x-order-key", "\(known.ja) never orders messages")
            }
            orders = true
        }
        if let privacy = schema["x-privacy"],
            ![.string("never"), .string("masked"), .string("show")].contains(privacy)
        {
            throw failure(pointer + "/x-privacy", "never, masked or show")
        }
        if let technical = schema["x-technical-id"], technical != .bool(true) {
            throw failure(pointer + "/x-technical-id", "true, or left out")
        }
    }

    private func property(
        _ name: String, _ schema: JSONTree, _ pointer: String
    ) throws(CatalogueError) {
        try checkProhibitedField(name, pointer)
        guard case .object(let members) = schema else { return }
        if let kind = parts.identifiers.first(where: { $0.kind == name }) {
            guard members["x-privacy"] == .string(kind.privacy) else {
                throw failure(
                    pointer + "/x-privacy", "\(kind.ja) must be labelled \(kind.privacy)")
            }
            if name == "individualNumber", members["x-technical-id"] != nil {
                throw failure(
                    pointer + "/x-technical-id", "the content scan must see a 個人番号")
            }
        } else if name.hasSuffix("Id") || name.hasSuffix("ID") || name.hasSuffix("Ids") {
            guard members["x-technical-id"] == .bool(true) else {
                throw failure(
                    pointer, "an identifier that is not labelled: x-technical-id is missing")
            }
        }
    }

    /// a field that may not travel on one of the links of this type.
    private func checkProhibitedField(
        _ name: String, _ pointer: String
    ) throws(CatalogueError) {
        for prohibition in parts.forbidden where prohibition.fields?.contains(name) == true {
            for link in parts.links where link.types.contains(where: { $0.type == type.name }) {
                guard prohibition.concernsPair(from: link.from, to: link.to),
                    prohibition.exceptLinks?.contains(link.id) != true
                else { continue }
                throw failure(pointer, "\(prohibition.id) keeps it from \(link.id)")
            }
        }
    }

    private static func escaped(_ name: String) -> String {
        var out = ""
        for character in name {
            switch character {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.append(character)
            }
        }
        return out
    }
}
