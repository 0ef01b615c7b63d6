import ParticipantStore

/// What the counter entered about one person (窓口入力): F1 items by name, and whether the 振り仮名 is certified.
struct EntryInput {
    let items: [F1Item: JSONValue]
    private let certified: Bool?

    /// Throws `item-unknown` for what F1 has no place for, `item-not-for-reason` for what the form has none.
    init(_ fields: JSONFields, for reason: Reason) throws {
        var items: [F1Item: JSONValue] = [:]
        var certified: Bool?
        let allowed = EntryItems.allowed(for: reason)
        for (name, value) in fields {
            if name == "furiganaCertified" {
                guard allowed.contains(.nameKana) else { throw Declined("item-not-for-reason") }
                certified = value == .flag(true)
                continue
            }
            guard let item = F1Item(rawValue: name) else { throw Declined("item-unknown") }
            guard allowed.contains(item) else { throw Declined("item-not-for-reason") }
            items[item] = value
        }
        self.items = items
        self.certified = certified
    }

    subscript(item: F1Item) -> JSONValue? { items[item] == .null ? nil : items[item] }

    /// Writes the items over a record's, code point for code point; a null empties an item.
    ///
    /// A 振り仮名 that changes is no longer certified unless the counter says so (V-7).
    func apply(to record: inout ResidentRecord) {
        let before = record[.nameKana]
        for (item, value) in items { record[item] = value }
        if let certified {
            record.furiganaCertified = certified
        } else if record[.nameKana] != before {
            record.furiganaCertified = false
        }
    }
}
