import Messaging
import Participant

/// 情報提供ネットワークシステム: issues the 符号 towards 中間サーバー (A5-04), publishes 照会許可照合リスト (C2), passes on the 情報照会 of
/// invented bodies with permit and route (C1), and opens what they are answered.
struct InfoNetwork: OutsideParty {
    private static let identity = OutsideParties.identity("infoNetwork")
    private static let intermediateServer = OutsideParties.identity("intermediateServer")
    /// How long permit and route hold.
    private static let permitDuration = Duration.seconds(600)

    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard let requestId = message.payload["requestId"]?.string else { throw .typeUnexpected }
        switch message.type {
        case "info-provision.response":
            guard
                let key = message.payload["encapsulatedKey"]?.string.flatMap(Base64URL.bytes),
                let text = message.payload["ciphertext"]?.string.flatMap(Base64URL.bytes)
            else { throw PartyRefusal(code: "payload-incomplete") }
            world[ProvisionBook.self].answered(
                requestId, SealedContent(encapsulatedKey: key, ciphertext: text),
                isManual: message.payload["manual"]?.bool ?? false)
        case "info-provision.refused":
            world[ProvisionBook.self].refused(
                requestId, message.payload["reason"]?.string ?? "unknown")
        default: throw .typeUnexpected
        }
        return []
    }

    /// The 符号 for one 処理通番; for the same 住民票コード always the same.
    static func issue(
        for processing: String, of juminhyoCode: String, in world: inout OutsideWorld
    ) -> Dispatch {
        let (code, serial) = world[ProvisionBook.self].issue(for: processing, of: juminhyoCode)
        return Dispatch(
            sender: identity, zone: nil,
            message: OutgoingMessage(
                topic: StaticTopic("link-code.issued/v1").topic, recipients: [intermediateServer],
                step: StaticStep("A5-04").step,
                // A case of this zone's own: nothing joins it to the 住基ネット side.
                correlation: OutsideParties.correlation("link-code-\(serial)"),
                keepUntilBackup: false,
                payload: JSONValue.object([
                    "processingNumber": .string(processing), "linkCode": .string(code),
                ]).encoded))
    }

    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        switch verb {
        case "publishList": return [try publish(arguments, in: &world, now: now)]
        case "request": return [try request(arguments, in: &world, now: now)]
        default: throw .verbUnknown
        }
    }

    private func publish(
        _ arguments: JSONValue, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> Dispatch {
        guard let lists = world[ProvisionBook.self].lists else {
            throw PartyRefusal(code: "lists-missing")
        }
        guard let list = lists.list(arguments["version"]?.string, on: now.day) else {
            throw .argumentInvalid
        }
        world[ProvisionBook.self].publish(list.version)
        world.told["version"] = .string(list.version)
        return try .begin(
            Self.identity, "access-permission-list.updated/v1", to: Self.intermediateServer,
            step: "C2", arguments, lists.message(list, permitKey: ProvisionBook.permitKey))
    }

    /// A request of an invented body about `person`, in good order but for what `permit`, `route`, `linkCode` and the
    /// general spoilers say.
    private func request(
        _ arguments: JSONValue, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> Dispatch {
        guard let lists = world[ProvisionBook.self].lists,
            let list = lists.list(arguments["version"]?.string, on: now.day)
        else { throw PartyRefusal(code: "lists-missing") }
        let item = Self.text(arguments["item"]) ?? "28"
        let body = arguments["body"]?.string ?? lists.body(for: item, in: list)
        let itemSet = arguments["itemSet"]?.array?.compactMap(\.string) ?? lists.itemSet
        let requestId =
            arguments["requestId"]?.string ?? world[ProvisionBook.self].nextRequest(now.day)
        let linkCode = try linkCode(arguments, in: world)
        let privateKey = world[ProvisionBook.self].note(
            requestId, person: arguments["person"]?.string, itemSet: itemSet)
        guard let publicKey = SealedContent.publicKey(of: privateKey) else {
            throw .argumentInvalid
        }
        world.told["requestId"] = .string(requestId)
        var payload: [String: JSONValue] = [
            "requestId": .string(requestId), "requestingBodyId": .string(body),
            "lawItemNo": .string(item), "listVersion": .string(list.version),
            "itemSet": .array(itemSet.map(JSONValue.string)), "linkCode": .string(linkCode),
            "requesterPublicKey": .string(Base64URL.text(publicKey)),
        ]
        let kind = arguments["permit"]?.string ?? "valid"
        guard ["valid", "none", "foreign", "forged", "expired"].contains(kind) else {
            throw .argumentInvalid
        }
        let issued = kind == "expired" ? now - .seconds(3_600) : now
        let permit = ProvisionPermit(
            permitId: "PM-\(requestId)",
            requestId: kind == "foreign" ? "IR-of-another" : requestId, requestingBodyId: body,
            lawItemNo: item, listVersion: list.version, issuedAt: issued,
            expiresAt: issued + Self.permitDuration,
            signedBy: kind == "forged" ? ProvisionBook.foreignKey : ProvisionBook.permitKey)
        if kind != "none" { payload["permit"] = Self.json(permit) }
        if arguments["route"]?.string != "none" {
            payload["route"] = [
                "routeId": .string("RT-\(requestId)"), "requestId": .string(requestId),
                "requestingBodyId": .string(body),
                "expiresAt": .string((now + Self.permitDuration).rfc3339),
            ]
        }
        return try .begin(
            Self.identity, "info-provision.request/v1", to: Self.intermediateServer, step: "C1-01",
            arguments, .object(payload))
    }

    /// `linkCode: foreign` is a 符号 of another organisation.
    private func linkCode(
        _ arguments: JSONValue, in world: OutsideWorld
    ) throws(PartyRefusal) -> String {
        if arguments["linkCode"]?.string == "foreign" { return "XLAB-OTHER-ORGANISATION-1" }
        if let given = arguments["linkCode"]?.string { return given }
        let person = try world.person(arguments)
        guard let code = world[ProvisionBook.self].linkCode(of: person.juminhyoCode) else {
            throw PartyRefusal(code: "link-code-not-issued")
        }
        return code
    }

    /// YAML may have read an item number as a number.
    private static func text(_ value: JSONValue?) -> String? {
        value?.string ?? value?.integer.map(String.init)
    }

    private static func json(_ permit: ProvisionPermit) -> JSONValue {
        [
            "permitId": .string(permit.permitId), "requestId": .string(permit.requestId),
            "requestingBodyId": .string(permit.requestingBodyId),
            "lawItemNo": .string(permit.lawItemNo), "listVersion": .string(permit.listVersion),
            "issuedAt": .string(permit.issuedAt.rfc3339),
            "expiresAt": .string(permit.expiresAt.rfc3339), "signature": .string(permit.signature),
        ]
    }

    /// `requests`, `responses`, `refused`, `refused.<reason>`, `unanswered`, `decryptable`, `manual`; `answeredTwice`,
    /// `itemsBeyondRequest`, `openedByAnotherKey` and `namesOfOthers` are 0 as long as all is well.
    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[ProvisionBook.self]
        let asked = book.asked.values.filter { person == nil || $0.person == person?.key }
        func count(_ holds: (ProvisionBook.Asked) -> Bool) -> JSONValue {
            .integer(asked.count(where: holds))
        }
        var facts: [String: JSONValue] = [
            "linkCodes": .integer(book.linkCodes),
            "lists": .integer(Set(book.published).count),
            "listVersion": .string(book.published.last ?? "none"),
            "requests": .integer(asked.count),
            "responses": count { $0.answers > 0 && $0.reason == nil },
            "refused": count { $0.reason != nil }, "unanswered": count { $0.answers == 0 },
            "decryptable": count { $0.items != nil }, "manual": count(\.isManual),
            "answeredTwice": count { $0.answers > 1 },
            "itemsBeyondRequest": count {
                !Set(($0.items?.object ?? [:]).keys).isSubset(of: $0.itemSet)
            },
            "namesOfOthers": count { request in
                guard let name = request.items?["nameKanji"]?.string else { return false }
                return request.person.flatMap { world.people.byKey[$0]?.nameKanji } != name
            },
            "openedByAnotherKey": .integer(book.openedByAnotherKey),
        ]
        for reason in [
            "notPermitted", "permitMissingOrInvalid", "noReplica", "linkCodeUnknown",
            "heldManualRejected",
        ] {
            facts["refused.\(reason)"] = count { $0.reason == reason }
        }
        return facts
    }
}
