import BusProtocol
import Foundation
import Messaging
import Operations
import Platform
import TestSupport
import Testing

/// Who may act, from where, and how they have shown who they are, against a real hub process.
@Suite("Grants at admission", .serialized)
struct GrantTests {
    private static let full = #","authfactor":"biometric""#

    private static func grants(
        _ functions: [String] = ["identity.verify"], from: String? = nil, to: String? = nil
    ) throws -> Grants {
        Grants(
            operators: [
                Grants.Grantee(
                    id: try OperatorID("nyuryoku-01"), functions: functions,
                    from: try from.map { try Instant(rfc3339: $0) },
                    to: try to.map { try Instant(rfc3339: $0) })
            ],
            terminals: [
                Grants.Terminal(
                    id: try TerminalID("IT-01"),
                    participant: try ParticipantID("integratedTerminal")
                ),
                Grants.Terminal(
                    id: try TerminalID("RT-01"), participant: try ParticipantID("registerTerminal")),
            ])
    }

    private func hub(_ grants: Grants) throws -> HubFixture {
        let hub = try HubFixture(
            zone: "juki-net", participants: ["municipalCS", "integratedTerminal"],
            configure: { configuration in
                let path = configuration.stateDirectory + "/../grants.json"
                try JSONEncoder().encode(grants).write(to: URL(fileURLWithPath: path))
                configuration.grantsFile = path
            })
        try hub.setClock(try Instant(rfc3339: "2025-10-06T09:00:00+09:00"))
        try hub.start()
        return hub
    }

    /// What the hub says of one command: a code, or nil where it takes it.
    private func verdict(
        _ client: RawClient, _ number: UInt64, operator who: String = "nyuryoku-01",
        terminal: String = "IT-01", factor: String = GrantTests.full
    ) throws -> String? {
        let record = try client.record(
            number, topic: "identity.verify.request/v1", to: "municipalCS",
            payload: try HubFixture.example("identity.verify.request", 1),
            extra: #","step":"B2-02","operator":"\#(who)","terminal":"\#(terminal)""# + factor)
        try client.send(.pub, sequence: number, records: [record])
        var code: String?
        try eventually("an answer to \(number)") {
            if try client.has(.pubnak) {
                code = try client.refusal().code
                return true
            }
            guard try client.has(.puback) else { return false }
            return try client.acknowledgements().map(\.sequence) == [number]
        }
        return code
    }

    private func client(_ hub: HubFixture) throws -> RawClient {
        let client = try hub.rawClient("integratedTerminal")
        try client.greet()
        return client
    }

    @Test(
        "R-060, R-063: a missing function or factor is refused, and with both the command goes through"
    )
    func functionAndFactor() throws {
        let hub = try hub(try Self.grants())
        let client = try client(hub)
        #expect(try verdict(client, 1, operator: "dareka-09") == "operator-not-granted")
        #expect(try verdict(client, 2, factor: "") == "factor-missing")
        #expect(try verdict(client, 3, factor: #","authfactor":"password""#) == "factor-missing")
        #expect(try verdict(client, 4) == nil)
        let other = try self.hub(try Self.grants(["card.manage"]))
        #expect(try verdict(try self.client(other), 1) == "operator-not-granted")
    }

    @Test("R-061: a terminal that is not registered, or is another system's, is refused")
    func terminal() throws {
        let hub = try hub(try Self.grants())
        let client = try client(hub)
        #expect(try verdict(client, 1, terminal: "IT-99") == "terminal-not-registered")
        #expect(try verdict(client, 2, terminal: "RT-01") == "terminal-not-registered")
        #expect(try verdict(client, 3) == nil)
    }

    @Test("R-062: a grant before its start and from its end on is refused")
    func period() throws {
        let early = try hub(try Self.grants(from: "2025-10-06T09:30:00+09:00"))
        let client = try client(early)
        #expect(try verdict(client, 1) == "grant-expired")
        try early.setClock(try Instant(rfc3339: "2025-10-06T09:30:00+09:00"))
        #expect(try verdict(client, 2) == nil)
        let late = try hub(try Self.grants(to: "2025-10-06T09:00:00+09:00"))
        #expect(try verdict(try self.client(late), 1) == "grant-expired")
    }

    @Test("R-062: a right taken away in mid-session is gone at the next command")
    func revoked() throws {
        let hub = try hub(try Self.grants())
        let client = try client(hub)
        #expect(try verdict(client, 1) == nil)
        try hub.write(try Self.grants(["card.manage"]))
        #expect(try verdict(client, 2) == "operator-not-granted")
        try hub.write(try Self.grants())
        #expect(try verdict(client, 3) == nil)
        // A file that is none leaves what stood before, and is said so.
        try Data("{".utf8).write(to: URL(fileURLWithPath: hub.directory + "/grants.json"))
        #expect(try verdict(client, 4) == nil)
        #expect(hub.log.contains("grants.unreadable"))
    }

    @Test(
        "R-064, R-060: a hub does not start with grants of a shared id or of a function there is not"
    )
    func brokenGrants() throws {
        for grants in [
            #"{"operators":[{"id":"all","functions":[],"shared":true}],"terminals":[]}"#,
            #"{"operators":[{"id":"sato-01","functions":["fly"]}],"terminals":[]}"#,
        ] {
            let hub = try HubFixture(
                zone: "juki-net", participants: ["municipalCS"],
                configure: { configuration in
                    let path = configuration.stateDirectory + "/../grants.json"
                    try Data(grants.utf8).write(to: URL(fileURLWithPath: path))
                    configuration.grantsFile = path
                })
            try hub.start()
            #expect(try hub.process?.waitForEnd(within: .seconds(10)) != 0)
        }
    }
}
