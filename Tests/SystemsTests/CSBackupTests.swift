import Foundation
import GRDB
import Messaging
import MunicipalCS
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS: 控え")
struct CSBackupTests {
    let city: City
    private let mailing = "S20251015-000001"

    init() throws {
        city = try City.before("2025-10-15T09:00:00+09:00")
        city.absent = ["residentRegister"]
        city.silent = ["nationalServer", "cardManagement"]
    }

    /// Types whose content may be in no backup, as the catalogue says.
    private func unkept() -> Set<String> {
        Set(
            city.catalogue.types.filter {
                city.catalogue.retentionClass($0.retention)?.backup == false
            }
            .map(\.name.rawValue))
    }

    private func backup(_ name: String) throws -> String {
        let file = city.path(of: "backup-\(name)")
        _ = try BackupStore.copy(
            from: city.path(of: "municipalCS"), to: file, leavingOutTypes: unkept())
        return file
    }

    /// F3 stands in the CS, and its notification waits in the outbox.
    private func mailed(carryOn: Bool) throws {
        var fields = try Layouts.example("mailing-address.extracted/v2", city.files)
        guard case .array(let list)? = fields["targetPersons"] else { return }
        for person in list {
            try city.csHolds(
                try #require(person["juminhyoCode"]?.text), number: person["individualNumber"]?.text
            )
        }
        fields["mailingControlNumber"] = .text(mailing)
        try city.send(
            City.Injection(
                topic: "mailing-address.extracted/v2", from: "residentRegister", to: "municipalCS",
                zone: "juki-net", fields: fields, correlation: "mail-1", step: "B7-01"))
        for (question, person) in zip(city.messages("identity.inquiry.request"), list) {
            guard case .object(let items) = person else { continue }
            var answer = try Layouts.example("identity.inquiry.result/v1", city.files)
            answer["applicationReference"] = question.fields["applicationReference"]
            let compared = [
                "juminhyoCode", "nameKanji", "birthDate", "sex", "address", "individualNumber",
            ]
            answer["items"] = .object(items.filter { compared.contains($0.key) })
            try city.send(
                City.Injection(
                    topic: "identity.inquiry.result/v1", from: "nationalServer", to: "municipalCS",
                    zone: "juki-net", fields: answer, correlation: "mail-1", step: "B5-02"),
                carryOn: carryOn)
        }
    }

    private func text(_ file: String) throws -> Data { try ScratchFile.bytes(file) }

    @Test(
        "R-093: a copy taken while the CS runs holds no 送付先情報, neither as rows nor as messages, and everything else",
        arguments: [true, false])
    func without(sent: Bool) throws {
        try mailed(carryOn: sent)
        let store = try #require(city.stores["municipalCS"])
        #expect(try city.fact("mailings") == .integer(1))
        let file = try backup("b1")
        let copy = try DatabaseQueue(path: file)
        try copy.read { database in
            for table in ["mailing", "mailing_person"] {
                #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") == 0)
            }
            let topics = try String.fetchAll(
                database, sql: "SELECT topic FROM bus_outbox")
            #expect(!topics.contains { $0.hasPrefix("mailing-address.") && !$0.contains("result") })
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM identity") ?? 0 > 0)
            #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
        }
        for trace in [mailing, "029-232-9156"] {
            #expect(!ScratchFile.contains(try text(file), trace), "\(trace) is in the copy")
        }
        // The running process goes on, and a second copy does not overwrite the first.
        try store.perform { try $0.database.execute(sql: "DELETE FROM relay") }
        #expect(throws: StoreError.self) { try backup("b1") }
    }

    @Test("A CS restored from its copy goes on with everybody it holds, and without F3")
    func restored() throws {
        try mailed(carryOn: true)
        let people = try city.fact("identities")
        let file = try backup("b1")
        city.close("municipalCS")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: city.path(of: "municipalCS") + suffix)
        }
        try FileManager.default.moveItem(atPath: file, toPath: city.path(of: "municipalCS"))
        try city.open("municipalCS")
        try #require(city.stores["municipalCS"]).markRestored()
        #expect(try city.fact("identities") == people)
        #expect(try city.fact("mailings") == .integer(0))
    }

    @Test("A copy of what is no database of ours fails and leaves no file")
    func nothing() throws {
        let target = city.path(of: "backup-none")
        #expect(throws: StoreError.self) {
            try BackupStore.copy(
                from: city.path(of: "nowhere"), to: target, leavingOutTypes: [])
        }
        #expect(!FileManager.default.fileExists(atPath: target))
    }
}
