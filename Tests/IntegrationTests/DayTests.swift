import BusProtocol
import Foundation
import Messaging
import Operations
import Platform
import TestSupport
import Testing

/// A hub's day by its own clock: who is closed, which laws are in force, what the evening's reports say.
@Suite("A hub's day", .serialized)
struct DayTests {
    private static let notice = "identity.update.notice"
    private static let basis = #","step":"A1-04","legalbasis":"juki-law-30-6""#

    private func instant(_ text: String) throws -> Instant { try Instant(rfc3339: text) }

    private func hub(
        at time: String, _ participants: [String], _ configure: (inout HubConfiguration) -> Void
    ) throws -> HubFixture {
        let hub = try HubFixture(
            zone: "juki-net", participants: participants, configure: configure)
        try hub.setClock(try instant(time))
        try hub.start()
        return hub
    }

    private func client(_ hub: HubFixture, _ name: String) throws -> RawClient {
        let client = try hub.rawClient(name)
        try client.greet()
        return client
    }

    private func participant(_ hub: HubFixture, _ name: String) throws -> ParticipantStatus {
        let status: HubStatus = try hub.ask(.status, NoArguments())
        return try #require(status.participants.first { $0.participant == name })
    }

    @Test(
        "SC-25: what is for a closed counterpart is held without alarm and goes out at opening; queries expire meanwhile"
    )
    func closedForTheNight() throws {
        let weekdays = OperatingHours.Weekly(
            days: [.mon, .tue, .wed, .thu, .fri], from: "08:30", to: "17:15")
        let prefecture = try ParticipantID("prefecturalServer")
        let nation = try ParticipantID("nationalServer")
        let hub = try hub(
            at: "2025-10-06T22:00:00+09:00",
            ["municipalCS", "prefecturalServer", "nationalServer"]
        ) {
            $0.hours = OperatingHours(counterparts: [
                .init(id: prefecture, weekly: [weekdays]), .init(id: nation, weekly: [weekdays]),
            ])
        }
        let sender = try client(hub, "municipalCS")
        let receiver = try client(hub, "prefecturalServer")
        try receiver.subscribe()
        let asked = try client(hub, "nationalServer")
        try asked.subscribe()
        let update = try sender.record(
            1, topic: "\(Self.notice)/v3", to: "prefecturalServer",
            payload: try HubFixture.example(Self.notice, 3), extra: Self.basis)
        let query = try sender.record(
            2, topic: "identity.verify.request/v1", to: "nationalServer",
            payload: try HubFixture.example("identity.verify.request", 1),
            extra: #","step":"B2-02","expirytime":"2025-10-06T22:01:00+09:00""#)
        try sender.send(.pub, sequence: 1, records: [update, query])
        _ = try sender.acknowledgements()
        try eventually("it is held") { try participant(hub, "prefecturalServer").queued == 1 }
        let held = try participant(hub, "prefecturalServer")
        #expect(try held.closedUntil == instant("2025-10-07T08:30:00+09:00").rfc3339)
        #expect(held.oldestWaitingMilliseconds == nil && held.deadLetters == 0)
        #expect(try !receiver.has(.deliver))
        let page: MessagePage = try hub.ask(
            .messageList, MessageQuery(recipient: "prefecturalServer"))
        #expect(page.messages.first?.deliveries.first?.waitingFor == "receiver-closed")

        try hub.setClock(try instant("2025-10-06T22:02:00+09:00"))
        try eventually("the query has expired") {
            let page: MessagePage = try hub.ask(
                .messageList, MessageQuery(recipient: "nationalServer"))
            return page.messages.first?.deliveries.first?.state == .expired
        }
        try hub.setClock(try instant("2025-10-07T08:29:50+09:00"))
        #expect(try !receiver.has(.deliver))
        try hub.setClock(try instant("2025-10-07T08:30:00+09:00"))
        #expect(try receiver.deliveries().map(\.number) == [1])
        try receiver.acknowledge(1...1)
        try eventually("it is settled") { try participant(hub, "prefecturalServer").queued == 0 }
        #expect(try participant(hub, "prefecturalServer").closedUntil == nil)
        #expect(try !asked.has(.deliver))
    }

    @Test("R-071: a legal basis is refused before its first day and after its last")
    func basesInForce() throws {
        let hub = try hub(
            at: "2024-02-25T23:00:00+09:00", ["municipalCS", "cardManagement"]
        ) { _ in }
        let sender = try client(hub, "municipalCS")
        let payload = try HubFixture.example("mailing-address.notify", 2)
        func verdict(_ number: UInt64, _ basis: String) throws -> String? {
            let record = try sender.record(
                number, topic: "mailing-address.notify/v2", to: "cardManagement", payload: payload,
                extra: #","step":"B7-02","legalbasis":"\#(basis)""#)
            try sender.send(.pub, sequence: number, records: [record])
            var code: String?
            try eventually("an answer") {
                if try sender.has(.pubnak) {
                    code = try sender.refusal().code
                    return true
                }
                guard try sender.has(.puback) else { return false }
                return try sender.acknowledgements().map(\.sequence) == [number]
            }
            return code
        }
        #expect(try verdict(1, "card-ordinance-23-2") == "legal-basis-not-in-force")
        #expect(try verdict(2, "card-ordinance-35") == nil)
        try hub.setClock(try instant("2024-02-26T00:00:00+09:00"))
        #expect(try verdict(3, "card-ordinance-35") == "legal-basis-not-in-force")
        #expect(try verdict(4, "card-ordinance-23-2") == nil)
    }

    @Test(
        "The day's counts of both ends agree once everything is settled, and differ while something waits"
    )
    func counts() throws {
        let hub = try hub(
            at: "2025-10-06T10:00:00+09:00", ["municipalCS", "prefecturalServer"]
        ) { _ in }
        let sender = try client(hub, "municipalCS")
        let receiver = try client(hub, "prefecturalServer")
        try receiver.subscribe()
        for number: UInt64 in 1...2 {
            let record = try sender.record(
                number, topic: "\(Self.notice)/v3", to: "prefecturalServer",
                payload: try HubFixture.example(Self.notice, 3), extra: Self.basis)
            try sender.send(.pub, sequence: number, records: [record])
        }
        #expect(try receiver.deliveries().count == 1)
        func row() throws -> DailyCounts.Row {
            let counts: DailyCounts = try hub.ask(.dailyCounts, CountQuery(day: "2025-10-06"))
            return try #require(counts.rows.first)
        }
        try eventually("both are counted") { try row().admitted == 2 }
        #expect(try row().settled == 0 && !row().agrees)
        #expect(try row().link == "L-03" && row().step == "A1-04")
        try receiver.acknowledge(1...1)
        _ = try receiver.deliveries()
        try receiver.acknowledge(2...2)
        try eventually("both ends agree") { try row().agrees }
        let other: DailyCounts = try hub.ask(.dailyCounts, CountQuery(day: "2025-10-07"))
        #expect(other.rows.isEmpty)
    }

    @Test(
        "A message nothing has followed by its deadline is late; the hub's own deadline for the step wins"
    )
    func late() throws {
        let hub = try hub(
            at: "2025-10-06T10:00:00+09:00", ["municipalCS", "prefecturalServer"]
        ) { $0.deadlines = StepDeadlines(seconds: ["A1-04": 600]) }
        let sender = try client(hub, "municipalCS")
        let record = try sender.record(
            1, topic: "\(Self.notice)/v3", to: "prefecturalServer",
            payload: try HubFixture.example(Self.notice, 3), extra: Self.basis)
        try sender.send(.pub, sequence: 1, records: [record])
        _ = try sender.acknowledgements()
        func hop() throws -> MessageSummary {
            let trace: CaseTrace = try hub.ask(.caseTrace, CaseReference(correlation: "case-1"))
            return try #require(trace.hops.first)
        }
        #expect(try hop().isLate == false)
        try hub.setClock(try instant("2025-10-06T10:10:30+09:00"))
        #expect(try hop().isLate == true)
        // The answer comes, late as it is.
        let receiver = try client(hub, "prefecturalServer")
        let answer = try receiver.record(
            1, topic: "identity.update.ack/v1", to: "municipalCS",
            payload: try HubFixture.example("identity.update.ack", 1),
            extra: #","step":"A1-04","causationid":"\#(try hop().id)""#)
        try receiver.send(.pub, sequence: 1, records: [answer])
        _ = try receiver.acknowledgements()
        #expect(try hop().isLate == false)
    }

    @Test(
        "R-076: the report finds off-hours access, failed attempts and bulk searches, and nothing else"
    )
    func auditReport() throws {
        let hub = try hub(
            at: "2025-10-06T09:00:00+09:00", ["municipalCS", "integratedTerminal"]
        ) { configuration in
            let path = configuration.stateDirectory + "/../grants.json"
            let grants =
                #"{"operators":[{"id":"nyuryoku-01","functions":["identity.verify"]}],"#
                + #""terminals":[{"id":"IT-01","participant":"integratedTerminal"}]}"#
            try? Data(grants.utf8).write(to: URL(fileURLWithPath: path))
            configuration.grantsFile = path
        }
        let terminal = try client(hub, "integratedTerminal")
        var number: UInt64 = 0
        func verify(factor: String = "biometric") throws {
            number += 1
            let record = try terminal.record(
                number, topic: "identity.verify.request/v1", to: "municipalCS",
                payload: try HubFixture.example("identity.verify.request", 1),
                extra:
                    #","step":"B2-02","operator":"nyuryoku-01","terminal":"IT-01","authfactor":"\#(factor)""#
            )
            try terminal.send(.pub, sequence: number, records: [record])
            _ = try terminal.awaitFrame(factor == "biometric" ? .puback : .pubnak)
        }
        func report() throws -> [AuditReport.Finding] {
            let report: AuditReport = try hub.ask(
                .auditReport,
                AuditQuery(day: "2025-10-06", from: "08:30", to: "17:15", searchesAnHour: 5))
            return report.findings
        }
        try verify()
        #expect(try report().isEmpty, "one search in office hours stands out in nothing")
        try verify(factor: "pin")
        #expect(try report().map(\.kind) == [.loginFailure])
        for _ in 0..<4 { try verify() }
        let bulk = try #require(try report().first { $0.kind == .bulkSearch })
        #expect(bulk.who == "nyuryoku-01" && bulk.count == 5)
        try hub.setClock(try instant("2025-10-06T22:00:00+09:00"))
        try verify()
        let off = try #require(try report().first { $0.kind == .offHours })
        #expect(off.who == "nyuryoku-01" && off.terminal == "IT-01" && off.count == 1)
        #expect(try report().count == 3)
    }
}
