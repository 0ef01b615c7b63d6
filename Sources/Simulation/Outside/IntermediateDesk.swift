import Messaging

/// What lies on the desk of the 中間サーバー接続端末 (端末の控え): what is held, the last export, who looked up whom.
struct IntermediateDesk: PartyState {
    private var serial = 0
    private var held: [JSONValue] = []
    private var exports = 0
    private var exportsRefused = 0
    private var lookups = 0
    private var accepted = 0
    private var refused = 0
    private var lastCode: String?
    private var individualNumbersSeen = 0
    private var linkCodesSeen = 0
    private var openedByAnotherKey = 0
    /// Of the media, X25519, by export.
    private var keys: [String: [UInt8]] = [:]
    /// The last export's, opened with the medium's key.
    private(set) var rows: [JSONValue] = []
    /// 宛名番号 by 団体内統合宛名番号.
    private var addresseeNumbers: [String: String] = [:]
    private var integratedNumbers: [String: String] = [:]

    init(people: People) {}

    mutating func next(_ letters: String, _ day: CivilDate) -> String {
        serial += 1
        return "\(letters)\(day.date8)-" + MediaLedger.digits(serial, 4)
    }

    var lastHeld: String? { held.last?["requestId"]?.string }

    func integratedNumber(of person: String) -> String? { integratedNumbers[person] }

    /// A key for a medium; its public half.
    mutating func begin(_ export: String) -> [UInt8]? {
        let key = Array((export + "-medium-key-of-an-invented-medium").utf8.prefix(32))
        keys[export] = key
        return SealedContent.publicKey(of: key)
    }

    mutating func hold(_ message: JSONValue) {
        held.append(message)
        inspect(message)
    }

    mutating func exported(_ reply: JSONValue) {
        answered(reply)
        guard reply["result"]?.string == "accepted", let id = reply["exportId"]?.string,
            let key = reply["encapsulatedKey"]?.string.flatMap(Base64URL.bytes),
            let text = reply["ciphertext"]?.string.flatMap(Base64URL.bytes)
        else {
            exportsRefused += 1
            return
        }
        let sealed = SealedContent(encapsulatedKey: key, ciphertext: text)
        guard
            let plain = try? sealed.open(
                with: keys[id] ?? [], for: .replicaExport, reference: id),
            let content = try? JSONValue(parsing: plain)
        else { return }
        if (try? sealed.open(
            with: ProvisionBook.foreignKey, for: .replicaExport, reference: id)) != nil
        {
            openedByAnotherKey += 1
        }
        exports += 1
        rows = content["rows"]?.array ?? []
        inspect(content)
    }

    mutating func found(_ result: JSONValue, among people: People) {
        answered(result)
        lookups += 1
        for row in result["rows"]?.array ?? [] {
            inspect(row)
            guard let integrated = row["integratedAddresseeNumber"]?.string,
                let addressee = row["addresseeNumber"]?.string
            else { continue }
            addresseeNumbers[integrated] = addressee
            if let person = people.byName(row) { integratedNumbers[person.key] = integrated }
        }
    }

    mutating func answered(_ reply: JSONValue) {
        if reply["result"]?.string == "accepted" { accepted += 1 } else { refused += 1 }
        lastCode = reply["code"]?.string
    }

    /// What must never be seen here: 個人番号 and 符号.
    private mutating func inspect(_ content: JSONValue) {
        content.forEachScalar { text, _ in
            if text.hasPrefix("XLAB-") { linkCodesSeen += 1 }
            if IndividualNumber.isValid(text) { individualNumbersSeen += 1 }
        }
    }

    /// The exported rows by 宛名番号; those nobody has looked up stay behind.
    func rowsForComparison() -> [JSONValue] {
        rows.compactMap { row in
            guard let integrated = row["integratedAddresseeNumber"]?.string,
                let addressee = addresseeNumbers[integrated]
            else { return nil }
            var fields = row["items"]?.object ?? [:]
            fields["addresseeNumber"] = .string(addressee)
            fields["recordVersion"] = row["recordVersion"]
            return .object(fields)
        }
    }

    var facts: [String: JSONValue] {
        [
            "held": .integer(held.count),
            "heldItems": .integer(held.last?["items"]?.object?.count ?? 0),
            "exports": .integer(exports), "exportsRefused": .integer(exportsRefused),
            "rows": .integer(rows.count), "rowsLookedUp": .integer(rowsForComparison().count),
            "lookups": .integer(lookups), "accepted": .integer(accepted),
            "refused": .integer(refused),
            "lastCode": .string(lastCode ?? "none"),
            "individualNumbersSeen": .integer(individualNumbersSeen),
            "linkCodesSeen": .integer(linkCodesSeen),
            "openedByAnotherKey": .integer(openedByAnotherKey),
        ]
    }
}
