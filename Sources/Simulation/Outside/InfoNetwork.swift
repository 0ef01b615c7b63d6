import Messaging
import Participant

/// 情報提供ネットワークシステム: issues the 符号 towards 中間サーバー (A5-04).
struct InfoNetwork: OutsideParty {
    private static let identity = OutsideParties.identity("infoNetwork")
    private static let intermediateServer = OutsideParties.identity("intermediateServer")

    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        throw PartyRefusal(code: "type-unexpected")
    }

    /// The 符号 for one 処理通番; asked again, the same one is sent again.
    static func issue(for processing: String, in world: inout OutsideWorld) -> Dispatch {
        let serial = String(world[LinkCodeBook.self].linkCodes.count + 1)
        let code =
            world[LinkCodeBook.self].linkCodes[processing]
            ?? "XLAB-SYNTHETIC-" + String(repeating: "0", count: max(0, 8 - serial.count)) + serial
        world[LinkCodeBook.self].linkCodes[processing] = code
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

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        ["linkCodes": .integer(world[LinkCodeBook.self].linkCodes.count)]
    }
}

/// What 情報提供ネットワークシステム keeps.
struct LinkCodeBook: PartyState {
    /// 符号 by 処理通番.
    var linkCodes: [String: String] = [:]

    init(people: People) {}
}
