import Foundation
import Messaging
import Operations
import Simulation
import TestSupport
import Testing

extension Labs {
    /// What one department will never take holds back that resident there, and nobody else (promise 3).
    @Suite("A resident whose messages are parked")
    struct ParkedResidentTests {
        /// A 転出証明書情報 of P05; a group that is not whole is what 市町村CS refuses for good.
        private func certificate(_ person: Person, number: Int, groupSize: Int) -> JSONValue {
            func item(_ name: String) -> JSONValue { person.items[name] ?? .null }
            return [
                "deliveryMode": "push", "plannedMoveOutDate": "2025-10-01",
                "expiryDate": "2025-10-31",
                "groupId": .string("G-08221-parked-\(number)"),
                "groupSize": .integer(groupSize),
                "originMunicipalityCode": "08221",
                "destinationMunicipalityCode": "08201",
                "movers": [
                    [
                        "juminhyoCode": item("juminhyoCode"),
                        "individualNumber": item("individualNumber"),
                        "nameKanji": item("nameKanji"), "nameKana": item("nameKana"),
                        "sexCode": item("sexCode"),
                        "birthDate": ["kind": "exact", "date": item("birthDate")],
                        "relationshipCode": item("relationship"),
                        "registeredDomicileMunicipalityCode": item(
                            "registeredDomicileMunicipalityCode"),
                        "registeredDomicile": item("registeredDomicile"),
                        "familyRegisterHeadName": item("familyRegisterHeadName"),
                        "currentPostalCode": item("postalCode"), "currentAddress": item("address"),
                        "plannedMoveOutMunicipalityCode": "082015",
                        "plannedMoveOutPostalCode": "3100913",
                        "plannedMoveOutAddress": "水戸市見川二丁目999番地の5",
                        "hasIndividualNumberCard": true,
                    ]
                ],
            ]
        }

        private func deadLetters(_ fixture: LabFixture, _ zone: ZoneID) throws
            -> [DeadLetterSummary]
        {
            let list: DeadLetterList = try fixture.ask(zone, .deadLetterList, DeadLetterQuery())
            return list.deadLetters
        }

        private func release(
            _ fixture: LabFixture, _ zone: ZoneID, _ letter: DeadLetterSummary
        ) throws {
            let result: RepairResult = try fixture.ask(
                zone, .deadLetterRepair,
                RepairCommand(
                    action: .release, recipient: letter.recipient, position: letter.position,
                    reason: "発信元に確認済み"))
            #expect(result.done)
        }

        @Test("While 市町村CS and 中間サーバー each park a message, another resident's 特例転入 runs to its end")
        func parked() throws {
            let fixture = try LabFixture()
            let person = try #require(fixture.people.byKey["P05"])
            try fixture.inject(
                as: "peerMunicipalCS/08221", to: "municipalCS", "move-out-certificate.deliver/v2",
                step: "B3-01", correlation: "parked-certificate-1",
                certificate(person, number: 1, groupSize: 2))
            try fixture.inject(
                as: "infoNetwork", to: "intermediateServer", "link-code.issued/v1", step: "A5-04",
                correlation: "parked-link-code",
                ["processingNumber": "PN-PARKED-00000001", "linkCode": "XLAB-SYNTHETIC-99999999"])
            try eventually(within: .seconds(30), "both are dead letters") {
                try deadLetters(fixture, LabCast.jukiNet).map(\.code) == ["group-size-mismatch"]
                    && deadLetters(fixture, LabCast.numberUse).map(\.code)
                        == ["processing-number-unknown"]
            }
            // The same resident's next message, though right, waits behind it.
            try fixture.inject(
                as: "peerMunicipalCS/08221", to: "municipalCS", "move-out-certificate.deliver/v2",
                step: "B3-01", correlation: "parked-certificate-2",
                certificate(person, number: 2, groupSize: 1))
            try eventually("it waits") {
                try deadLetters(fixture, LabCast.jukiNet).first?.waitingBehind == 1
            }

            let report = try fixture.play()
            #expect(report.passed, "\(MoveInUnderKillsTests.failures(of: report, fixture))")

            let certificates = try deadLetters(fixture, LabCast.jukiNet)
            let linkCodes = try deadLetters(fixture, LabCast.numberUse)
            #expect(certificates.map(\.recipient) == ["municipalCS"])
            #expect(certificates.first?.waitingBehind == 1, "it has waited all the time")
            #expect(linkCodes.map(\.recipient) == ["intermediateServer"])
            let register = LabCast.systems[0].participant
            #expect(
                try fixture.session.facts(of: register, about: person)?["certificate"] == "none")

            // An operator lets the lanes go on: what waited is applied, the refused message is not.
            try release(fixture, LabCast.jukiNet, try #require(certificates.first))
            try release(fixture, LabCast.numberUse, try #require(linkCodes.first))
            try eventually("the second certificate is held") {
                try fixture.session.facts(of: register, about: person)?["certificate"] == "held"
            }
            try eventually("nothing waits any more") { try fixture.unaccounted().isEmpty }
            if report.passed { fixture.passed() }
        }
    }
}
