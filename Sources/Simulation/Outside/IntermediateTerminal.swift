import Messaging
import Participant

/// 中間サーバー接続端末: the people who look at what is held, decide, flag, write out 副本 for a comparison and have them erased.
struct IntermediateTerminal: OutsideParty {
    private static let server = OutsideParties.identity("intermediateServer")
    private static let addressee = OutsideParties.identity("integratedAddressee")
    private static let registerTerminal = OutsideParties.identity("registerTerminal")
    private static let register = OutsideParties.identity("residentRegister")

    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "info-provision.held":
            world[IntermediateDesk.self].hold(message.payload)
        case "replica.exported":
            world[IntermediateDesk.self].exported(message.payload)
        case "addressee.lookup.result":
            world[IntermediateDesk.self].found(message.payload, among: world.people)
        case "replica.flag.reply", "replica.purge.reply", "info-provision.decision.reply":
            world[IntermediateDesk.self].answered(message.payload)
        default: throw .typeUnexpected
        }
        return []
    }

    func act(
        _ verb: String, _ given: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        let arguments = Self.staffed(given, "chukan-05", "IX-01")
        switch verb {
        case "openSession":
            return [
                try .begin(
                    party, "staff.session.opened/v1", to: Self.server, step: nil, arguments,
                    [
                        "sessionId": .string(world[IntermediateDesk.self].next("SS", now.day)),
                        "factors": arguments["factors"] ?? ["card", "biometric"],
                    ])
            ]
        case "closeSession":
            return [
                try .begin(
                    party, "staff.session.closed/v1", to: Self.server, step: nil, arguments,
                    [
                        "sessionId": .string(world[IntermediateDesk.self].next("SS", now.day)),
                        "cause": "logout",
                    ])
            ]
        case "decide": return [try decide(arguments, as: party, in: world)]
        case "flag": return [try flag(arguments, as: party, in: world)]
        case "lookUp": return [try lookUp(arguments, as: party, in: &world, now: now)]
        case "export": return [try export(arguments, as: party, in: &world, now: now)]
        case "purge": return [try purge(arguments, as: party, in: &world, now: now)]
        case "compare":
            return [try compare(Self.staffed(given, "kakunin-02", "RT-02"), in: &world, now: now)]
        default: throw .verbUnknown
        }
    }

    private static func staffed(
        _ given: JSONValue, _ operatorID: String, _ terminal: String
    ) -> JSONValue {
        var arguments = given.object ?? [:]
        if arguments["operator"] == nil { arguments["operator"] = .string(operatorID) }
        if arguments["terminal"] == nil { arguments["terminal"] = .string(terminal) }
        return .object(arguments)
    }

    private func decide(
        _ arguments: JSONValue, as party: ParticipantID, in world: OutsideWorld
    ) throws(PartyRefusal) -> Dispatch {
        guard let decision = arguments["decision"] else { throw .argumentMissing }
        guard
            let request = arguments["requestId"]?.string ?? world[IntermediateDesk.self].lastHeld
        else { throw PartyRefusal(code: "nothing-held") }
        return try .begin(
            party, "info-provision.manual-decision/v1", to: Self.server, step: "C1-04", arguments,
            [
                "requestId": .string(request), "decision": decision,
                "reason": arguments["reason"] ?? "内容を確認した",
            ])
    }

    private func flag(
        _ arguments: JSONValue, as party: ParticipantID, in world: OutsideWorld
    ) throws(PartyRefusal) -> Dispatch {
        var payload: [String: JSONValue] = [
            "integratedAddresseeNumber": .string(try number(arguments, in: world)),
            "noAutomaticAnswer": arguments["on"] ?? true,
            "reason": arguments["reason"] ?? "特に慎重な対応が求められる",
        ]
        payload["item"] = arguments["item"]
        return try .begin(
            party, "replica.flag.request/v1", to: Self.server, step: "C1-04", arguments,
            .object(payload))
    }

    /// The 団体内統合宛名番号 an earlier look-up has found of `person`.
    private func number(
        _ arguments: JSONValue, in world: OutsideWorld
    ) throws(PartyRefusal) -> String {
        if let given = arguments["integratedAddresseeNumber"]?.string { return given }
        let person = try world.person(arguments)
        guard let known = world[IntermediateDesk.self].integratedNumber(of: person.key) else {
            throw PartyRefusal(code: "not-looked-up")
        }
        return known
    }

    /// `person` or `people` by name and birth date; without either the rows of the last export by their own number.
    private func lookUp(
        _ arguments: JSONValue, as party: ParticipantID, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> Dispatch {
        var keys: [JSONValue] = []
        let named = arguments["people"]?.array ?? arguments["person"].map { [$0] } ?? []
        for key in named {
            let person = try world.person(["person": key])
            keys.append([
                "nameKanji": .string(person.nameKanji),
                "birthDate": ["kind": "exact", "date": person.items["birthDate"] ?? .null],
            ])
        }
        if named.isEmpty {
            keys = world[IntermediateDesk.self].rows.prefix(100).compactMap { row in
                row["integratedAddresseeNumber"].map { ["integratedAddresseeNumber": $0] }
            }
        }
        guard !keys.isEmpty else { throw PartyRefusal(code: "nothing-exported") }
        return try .begin(
            party, "addressee.lookup.request/v1", to: Self.addressee, step: "C3", arguments,
            [
                "lookupId": .string(world[IntermediateDesk.self].next("LK", now.day)),
                "purpose": arguments["purpose"] ?? "副本照合", "keys": .array(keys),
            ])
    }

    private func export(
        _ arguments: JSONValue, as party: ParticipantID, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> Dispatch {
        let id = world[IntermediateDesk.self].next("EX", now.day)
        guard let key = world[IntermediateDesk.self].begin(id) else { throw .argumentInvalid }
        world.told["exportId"] = .string(id)
        var payload: [String: JSONValue] = [
            "exportId": .string(id), "scope": arguments["scope"] ?? "all",
            "limit": arguments["limit"] ?? 100,
            "purpose": arguments["purpose"] ?? "副本照合",
            "approver": arguments["approver"] ?? "kanri-03",
            "mediumId": arguments["medium"] ?? "USB-C-01",
            "ledgerEntryId": arguments["ledgerEntry"] ?? .string("LE-\(id)"),
            "mediumPublicKey": .string(Base64URL.text(key)),
        ]
        payload["after"] = arguments["after"]
        return try .begin(
            party, "replica.export.request/v1", to: Self.server, step: "C3", arguments,
            .object(payload))
    }

    private func purge(
        _ arguments: JSONValue, as party: ParticipantID, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> Dispatch {
        var payload: [String: JSONValue] = [
            "purgeId": .string(world[IntermediateDesk.self].next("PG", now.day)),
            "cause": arguments["cause"] ?? "retentionExpired",
            "reason": arguments["reason"] ?? "保管期限の経過",
        ]
        if arguments["all"] == true {
            payload["allExpired"] = true
        } else {
            payload["integratedAddresseeNumber"] = .string(try number(arguments, in: world))
        }
        return try .begin(
            party, "replica.purge.request/v1", to: Self.server, step: "C8", arguments,
            .object(payload))
    }

    /// Carries the exported rows, looked up meanwhile, to the register's terminal (副本照合); there it is another person's work.
    private func compare(
        _ arguments: JSONValue, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> Dispatch {
        let rows = world[IntermediateDesk.self].rowsForComparison()
        guard !rows.isEmpty else { throw PartyRefusal(code: "nothing-looked-up") }
        let id = world[IntermediateDesk.self].next("CP", now.day)
        world.told["compareId"] = .string(id)
        return try .begin(
            Self.registerTerminal, "replica.compare.request/v1", to: Self.register, step: "C3",
            arguments, ["compareId": .string(id), "rows": .array(rows)])
    }

    /// `held`, `heldItems` of the last one; `rows` of the last export, `rowsLookedUp` of them; `exports`, `exportsRefused`,
    /// `lookups`, `accepted`, `refused`, `lastCode`; `individualNumbersSeen`, `linkCodesSeen` and `openedByAnotherKey` are 0.
    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        world[IntermediateDesk.self].facts
    }
}
