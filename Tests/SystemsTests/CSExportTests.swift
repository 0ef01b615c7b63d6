import Crypto
import Foundation
import GRDB
import Messaging
import MunicipalCS
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS: 複製")
struct CSExportTests {
    let city: City
    private let key = [UInt8](repeating: 7, count: 32)

    init() throws {
        city = try City.before("2025-12-02T09:00:00+09:00")
        city.absent = ["residentRegister"]
        let medium = city.path(of: "medium")
        try FileManager.default.createDirectory(
            atPath: medium, withIntermediateDirectories: false)
        city.csSettings.exportDirectory = medium
        city.csSettings.exportKey = key
        try city.open("municipalCS")
        try city.csHolds(City.p04, number: City.individualNumber)
    }

    private func exported(
        by name: String = "kakunin-02", change: (inout JSONFields) -> Void = { _ in }
    ) throws -> String? {
        try city.toCS(
            "cs.export.request/v1", from: "integratedTerminal", by: name, change: change)
        return try city.last("cs.export.reply", to: "integratedTerminal").fields["code"]?.text
    }

    private func onMedium() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(
            atPath: try #require(city.csSettings.exportDirectory)
        ).sorted()
    }

    @Test("R-066: only who has the 管理権限 copies, and nobody else leaves anything on the medium")
    func administrator() throws {
        #expect(try exported(by: "nyuryoku-01") == "not-administrator")
        #expect(try exported(by: "kanri-03") == "not-administrator")
        #expect(try city.fact("exports") == .integer(0))
        #expect(try onMedium().isEmpty)
        #expect(try exported() == nil)
        #expect(try city.fact("exports") == .integer(1))
    }

    @Test(
        "R-067: a copy needs a registered medium, an approver who is another, and an entry of its own in the 管理簿"
    )
    func ledger() throws {
        #expect(
            try exported { $0["approver"] = .text("kakunin-02") } == "approver-not-authorised")
        #expect(
            try exported { $0["approver"] = .text("nyuryoku-01") } == "approver-not-authorised")
        #expect(try exported { $0["mediumId"] = .text("USB-99") } == "medium-not-registered")
        #expect(try onMedium().isEmpty)
        #expect(try exported() == nil)
        #expect(try exported() == "ledger-entry-used")
        #expect(try city.fact("exports") == .integer(1))
    }

    @Test("R-067: what is on the medium is encrypted, and with the key it is all rows and items")
    func encrypted() throws {
        #expect(try exported() == nil)
        #expect(try onMedium() == ["E1", "E1/1.sealed"])
        let reply = try city.last("cs.export.reply", to: "integratedTerminal")
        #expect(reply.fields["recordCount"] == .integer(1))
        let medium = try #require(city.csSettings.exportDirectory)
        let sealed = try ScratchFile.bytes(medium + "/E1/1.sealed")
        #expect(!ScratchFile.contains(sealed, City.individualNumber))
        let lines = try AES.GCM.open(
            AES.GCM.SealedBox(combined: sealed), using: SymmetricKey(data: key),
            authenticating: Data("E1 1".utf8))
        let row = try JSONDecoder().decode(JSONFields.self, from: lines)
        #expect(row.count == 40)
        #expect(row["individualNumber"] == .text(City.individualNumber))
    }

    @Test("Without a mounted medium nothing is copied")
    func unmounted() throws {
        city.csSettings.exportDirectory = nil
        try city.open("municipalCS")
        #expect(try exported() == "medium-not-mounted")
    }
}
