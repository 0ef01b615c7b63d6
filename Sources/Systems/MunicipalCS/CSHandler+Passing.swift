import GRDB
import Messaging
import Participant
import ParticipantStore

/// 戸籍の附票 (A4-02, A4-03), 符号の取得 (A5-03) and C4: what passes through or is only looked at.
extension CSHandler {
    func receivePassage(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "family-register-supplement.deliver": try supplement(message, transaction)
        case "link-code.acquire.request": try acquireLinkCode(message, transaction)
        case "register-cs.reconcile.request": try reconcile(message, transaction)
        default: return false
        }
        return true
    }

    private func supplement(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let notice = try PayloadCoding.decode(RoutedNotice.self, from: message.payload)
        guard isFromRegister(message) else {
            return try forward(
                message, to: Self.register, step: "A4-03", orderedBy: notice.juminhyoCode,
                transaction)
        }
        guard let domicile = notice.registeredDomicileMunicipalityCode else {
            throw Refuse("no-destination")
        }
        try forward(
            message, to: peer(domicile).rawValue, step: "A4-02", orderedBy: notice.juminhyoCode,
            transaction)
    }

    /// Passes on and leaves nothing here.
    private func acquireLinkCode(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing("A5-03").forgotten()
        try dispatch.send(draft, to: ParticipantID(Self.nation), for: Cause(message), transaction)
    }

    // MARK: C4

    /// Compares one chunk of the register's residents with the rows here; who is here and not named is reported too.
    private func reconcile(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        try requireRegister(message)
        let chunk = try PayloadCoding.decode(ReconcileChunk.self, from: message.payload)
        let database = transaction.database
        var differences: [JSONValue] = []
        var named: Set<String> = []
        for resident in chunk.residents {
            guard let code = resident["juminhyoCode"]?.text else {
                throw Refuse("payload-unreadable")
            }
            named.insert(code)
            if let difference = try difference(of: resident, code, database) {
                differences.append(difference)
            }
        }
        let here = try String.fetchAll(
            database,
            sql: """
                SELECT juminhyoCode FROM identity WHERE juminhyoCode > ? AND juminhyoCode <= ?
                    AND recordStatusFlag = 'current' ORDER BY juminhyoCode LIMIT 1000
                """, arguments: [chunk.after, chunk.through])
        for code in here where !named.contains(code) {
            differences.append(
                .object(["juminhyoCode": .text(code), "kind": .text("missingAtRegister")]))
        }
        let reply: JSONFields = [
            "runId": .text(chunk.runId), "chunk": .integer(chunk.chunk),
            "compared": .integer(Int64(chunk.residents.count)),
            "differences": .array(Array(differences.prefix(1_000))),
        ]
        let draft = try Draft("register-cs.reconcile.result/v1", reply).performing("C4")
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    private func difference(
        of resident: JSONFields, _ code: String, _ database: Database
    ) throws -> JSONValue? {
        let isRemovedThere = resident["removed"] == .flag(true)
        guard let row = try IdentityStore.row(code, database) else {
            return isRemovedThere
                ? nil : .object(["juminhyoCode": .text(code), "kind": .text("missingAtCS")])
        }
        var items = F2Item.allCases.filter { item in
            guard let there = resident[item.rawValue] else { return false }
            return Self.text(there) != (row[item.rawValue] as DatabaseValue).plainText
        }.map(\.rawValue)
        if let there = resident["nameFurigana"], case .object = there,
            (row["furiganaCertified"] as Bool? ?? false) != (there["certified"] == .flag(true)),
            !items.contains("nameFurigana")
        {
            items.append("nameFurigana")
        }
        let isRemovedHere = (row["recordStatusFlag"] as String?) == "removed"
        if isRemovedHere != isRemovedThere { items.append("recordStatusFlag") }
        guard !items.isEmpty else { return nil }
        return .object([
            "juminhyoCode": .text(code), "kind": .text("different"),
            "items": .array(items.map { .text($0) }),
        ])
    }

    /// An item's value as the table would hold it; nil for null.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .text(let text): text
        case .integer(let number): String(number)
        case .object(let members): members["value"]?.text
        case .null, .flag, .array: nil
        }
    }
}

extension DatabaseValue {
    /// Texts and numbers alike; nil for NULL.
    fileprivate var plainText: String? {
        switch storage {
        case .string(let text): text
        case .int64(let number): String(number)
        case .null, .double, .blob: nil
        }
    }
}

/// One chunk of C4.
private struct ReconcileChunk: Decodable {
    let runId: String
    let chunk: Int64
    let after: String
    let through: String
    let residents: [JSONFields]
}
