import Foundation
import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

/// The acts of C1 to C3 that the 情報提供ネットワークシステム and the people at the 中間サーバー接続端末 perform (情報提供の手順).
extension City {
    static let linkCode = "XLAB0000SYNTHETIC0000000000000001"
    /// The network's signing key and a requester's key: 32 invented bytes each.
    static let permitKey = [UInt8](repeating: 0x51, count: 32)
    static let requesterKey = [UInt8](repeating: 0x52, count: 32)
    static let mediumKey = [UInt8](repeating: 0x53, count: 32)

    private struct Lists: Decodable {
        struct List: Decodable {
            let version: String
            let effectiveFrom: String
            let items: [String]
        }
        let bodies: [String]
        let itemSet: [String]
        let lists: [List]
    }

    private func lists() throws -> Lists {
        let file = try #require(files["catalogue/access-permission-lists.json"])
        return try JSONDecoder().decode(Lists.self, from: Data(file))
    }

    /// The items every entry of the fixture has.
    func itemSet() throws -> [String] { try lists().itemSet }

    func items(ofList version: String) throws -> [String] {
        try #require(lists().lists.first { $0.version == version }).items
    }

    /// Whose entry an item of a list is in the fixture.
    func body(for item: String, in version: String = "v3") throws -> String {
        let lists = try lists()
        let list = try #require(lists.lists.first { $0.version == version })
        let index = list.items.firstIndex(of: item) ?? 0
        return lists.bodies[index % lists.bodies.count]
    }

    /// C2: a list is published.
    @discardableResult
    func publishList(
        _ version: String = "v3", from source: String = "infoNetwork", key: [UInt8] = permitKey,
        change: (inout JSONFields) -> Void = { _ in }
    ) throws -> Settlement {
        let lists = try lists()
        let list = try #require(lists.lists.first { $0.version == version })
        let publicKey = try #require(ProvisionPermit.publicKey(of: key))
        let set = JSONValue.array(lists.itemSet.map { .text($0) })
        var fields: JSONFields = [
            "version": .text(version), "effectiveFrom": .text(list.effectiveFrom),
            "permitPublicKey": .text(Base64URL.text(publicKey)),
            "entries": .array(
                list.items.enumerated().map { index, item in
                    .object([
                        "requestingBodyId": .text(lists.bodies[index % lists.bodies.count]),
                        "lawItemNo": .text(item), "itemSet": set,
                    ])
                }),
        ]
        change(&fields)
        return try send(
            Injection(
                topic: "access-permission-list.updated/v1", from: source, to: "intermediateServer",
                zone: "number-use", fields: fields, operatorID: nil, terminal: nil,
                isLinked: source == "infoNetwork"))
    }

    /// A request in good order; the changes make the wrong ones.
    func request(
        _ id: String, item: String = "28", version: String = "v3",
        signedBy key: [UInt8] = permitKey,
        validFor seconds: Int64 = 600, permitFor other: String? = nil,
        change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        let body = try body(for: item, in: version)
        let now = clock.now()
        let permit = ProvisionPermit(
            permitId: "PM-\(id)", requestId: other ?? id, requestingBodyId: body, lawItemNo: item,
            listVersion: version, issuedAt: now, expiresAt: now + .seconds(seconds), signedBy: key)
        let publicKey = try #require(SealedContent.publicKey(of: Self.requesterKey))
        var fields: JSONFields = [
            "requestId": .text(id), "requestingBodyId": .text(body), "lawItemNo": .text(item),
            "listVersion": .text(version),
            "itemSet": .array(try itemSet().map { .text($0) }),
            "linkCode": .text(Self.linkCode),
            "permit": try PayloadCoding.decode(
                JSONValue.self, from: PayloadCoding.encode(permit)),
            "route": .object([
                "routeId": .text("RT-\(id)"), "requestId": .text(other ?? id),
                "requestingBodyId": .text(body),
                "expiresAt": .text((now + .seconds(seconds)).rfc3339),
            ]),
            "requesterPublicKey": .text(Base64URL.text(publicKey)),
        ]
        change(&fields)
        return fields
    }

    /// C1-01; the answer that went to the network, if any.
    @discardableResult
    func ask(_ fields: JSONFields, organisation: String? = nil) throws -> Passed? {
        let before = passed.count
        try send(
            Injection(
                topic: "info-provision.request/v1", from: "infoNetwork", to: "intermediateServer",
                zone: "number-use", fields: fields,
                correlation: "nws-\(fields["requestId"]?.text ?? "")", operatorID: nil,
                terminal: nil, expiry: clock.now() + .seconds(60), organisation: organisation))
        return passed[before...].last { $0.recipient == "infoNetwork" }
    }

    /// What an answer says to the holder of a key.
    func items(in answer: Passed, for key: [UInt8] = requesterKey) throws -> JSONFields {
        let reference = try #require(answer.fields["requestId"]?.text)
        let sealed = SealedContent(
            encapsulatedKey: try bytes(answer, "encapsulatedKey"),
            ciphertext: try bytes(answer, "ciphertext"))
        let plain = try sealed.open(with: key, for: .infoProvision, reference: reference)
        let content = try PayloadCoding.decode(JSONFields.self, from: plain)
        guard case .object(let items)? = content["items"] else { return [:] }
        return items
    }

    func bytes(_ message: Passed, _ field: String) throws -> [UInt8] {
        try #require(message.fields[field]?.text.flatMap(Base64URL.bytes))
    }

    /// Something a person does at the 中間サーバー接続端末; what the server replies.
    @discardableResult
    func operate(
        _ type: String, _ fields: JSONFields, by operatorID: String = "chukan-05",
        organisation: String? = nil
    ) throws -> JSONFields? {
        let before = passed.count
        try send(
            Injection(
                topic: "\(type)/v1", from: "intermediateTerminal", to: "intermediateServer",
                zone: "number-use", fields: fields, correlation: "desk-\(passed.count)",
                operatorID: operatorID, terminal: "IX-01", organisation: organisation))
        return passed[before...].last { $0.recipient == "intermediateTerminal" }?.fields
    }

    func logIn(_ operatorID: String = "chukan-05", organisation: String? = nil) throws {
        try operate(
            "staff.session.opened",
            ["sessionId": .text("SS-\(operatorID)"), "factors": .array([.text("biometric")])],
            by: operatorID, organisation: organisation)
    }

    /// P04's pair, 符号 and 副本 as after A1-11, A1-12 and A5; the 団体内統合宛名番号.
    @discardableResult
    func becomesKnown() throws -> String {
        var sync = try Layouts.example("resident.sync/v2", files, number: 1)
        sync["recordVersion"] = .integer(1)
        try send(
            Injection(
                topic: "resident.sync/v2", from: "residentRegister", to: "integratedAddressee",
                zone: "number-use", fields: sync))
        try updateReplica()
        return try #require(
            messages("addressee-pair.register.request").last?
                .fields["integratedAddresseeNumber"]?.text)
    }

    /// A1-12 from the register; what it is answered.
    @discardableResult
    func updateReplica(
        version: Int64 = 1, change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields? {
        var fields = try Layouts.example("replica.update.request/v2", files)
        fields["recordVersion"] = .integer(version)
        change(&fields)
        try send(
            Injection(
                topic: "replica.update.request/v2", from: "residentRegister",
                to: "integratedAddressee", zone: "number-use", fields: fields))
        return messages("replica.update.reply", to: "residentRegister").last?.fields
    }

    /// Hop 2 as it comes, past any check of the hub's.
    @discardableResult
    func replicaArrives(
        for number: String, version: Int64, organisation: String? = nil,
        change: (inout JSONFields) -> Void
    ) throws -> JSONFields? {
        var fields = try Layouts.example("replica.update.request/v2", files, number: 1)
        fields["integratedAddresseeNumber"] = .text(number)
        fields["recordVersion"] = .integer(version)
        change(&fields)
        try send(
            Injection(
                topic: "replica.update.request/v2", from: "integratedAddressee",
                to: "intermediateServer", zone: "number-use", fields: fields, isLinked: false,
                organisation: organisation))
        return messages("replica.update.reply", to: "integratedAddressee").last?.fields
    }

    /// Every row of a system's business tables, for a comparison before and after.
    func contents(of system: String, except ignored: Set<String> = []) throws -> [String] {
        try #require(stores[system]).perform { transaction in
            let database = transaction.database
            let tables = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'bus%'
                        AND name NOT LIKE 'grdb%' AND name NOT LIKE 'sqlite%' ORDER BY name
                    """)
            return try tables.filter { !ignored.contains($0) }.flatMap { table in
                try Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\"")
                    .map { "\(table) \($0.description)" }.sorted()
            }
        }
    }

    /// Evidence of an operation, oldest first.
    func evidence(_ operation: String) -> [Passed] {
        messages("audit.record", to: "hub").filter { $0.fields["operation"] == .text(operation) }
    }
}
