package import Journal
package import Messaging
package import ZeroMQ

/// Who may speak on this hub (登録参加者): configuration's public keys, the catalogue's families and the
/// journal's durable numbers, joined once at start.
package struct Registry: Sendable {
    package struct Party: Sendable {
        package let id: ParticipantID
        package let text: String
        /// The Japanese name of the catalogue.
        package let name: String
        package let number: PartyNumber
        package let family: FamilyIndex
        /// May send REQUEST and listen to the tap; never publishes.
        package let isOperator: Bool
        /// The pseudo participant `hub`: recorded as evidence, settled at once (L-28).
        package let isHub: Bool
    }

    package let parties: [Party]
    private let byKey: [CurvePublicKey: Int]
    private let byText: [String: Int]
    private let byBytes: ByteTable
    private let byNumber: [PartyNumber: Int]
    package let hub: Int

    package init(
        _ registrations: [(id: ParticipantID, key: CurvePublicKey)], catalogue: Catalogue,
        number: (String) throws -> PartyNumber
    ) throws {
        let hubID = try ParticipantID("hub")
        var parties: [Party] = []
        var byKey: [CurvePublicKey: Int] = [:]
        for (id, key) in registrations.map({ ($0.id, Optional($0.key)) }) + [(hubID, nil)] {
            guard let family = catalogue.familyIndex(of: id) else {
                throw HubError(
                    .configuration, "participants: \(id.rawValue)",
                    "is in no family of Schemas/catalogue/participants.json")
            }
            if let key {
                guard byKey[key] == nil else {
                    throw HubError(
                        .configuration, "participants: \(id.rawValue)",
                        "has another one's public key")
                }
                byKey[key] = parties.count
            }
            parties.append(
                Party(
                    id: id, text: id.rawValue, name: catalogue.family(family).ja,
                    number: try number(id.rawValue), family: family,
                    isOperator: id.family == "operator", isHub: id == hubID))
        }
        self.parties = parties
        self.byKey = byKey
        byText = Dictionary(parties.enumerated().map { ($1.text, $0) }) { first, _ in first }
        byBytes = ByteTable(parties.map(\.text))
        byNumber = Dictionary(parties.enumerated().map { ($1.number, $0) }) { first, _ in first }
        hub = parties.count - 1
    }

    package subscript(index: Int) -> Party { parties[index] }
    package func index(key: CurvePublicKey) -> Int? { byKey[key] }
    package func index(text: String) -> Int? { byText[text] }
    package func index(number: PartyNumber) -> Int? { byNumber[number] }
    func index(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? { byBytes.find(bytes, range) }
}
