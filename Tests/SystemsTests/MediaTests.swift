import Crypto
import Foundation
import Messaging
import Participant
import ParticipantStore
import ResidentRegister
import Testing

@Suite("電子申請の媒体")
final class MediaTests {
    let city: City
    let directory: URL
    static let key = [UInt8](repeating: 7, count: 32)

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("media-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        var settings = RegisterSettings()
        settings.mediaDirectory = directory.path
        settings.mediaKey = Self.key
        city = try City()
        city.registerSettings = settings
        try city.open("residentRegister")
        try city.clock.set("2025-10-20T09:00:00+09:00")
        try city.imports([city.row(), city.mate()])
        city.forgetPassed()
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// The application of the first example person; `change` edits it.
    private func application(_ change: (inout JSONFields) -> Void = { _ in }) -> JSONFields {
        let person: JSONFields = [
            "nameKanji": .text("佐藤　次郎"),
            "birthDate": .object(["kind": .text("exact"), "date": .text("1990-02-14")]),
            "sexCode": .text("1"), "individualNumber": .text("999999001049"),
            "source": .text("card"), "currentAddress": .text("水戸市見川二丁目999番地の4"),
            "hasIndividualNumberCard": .flag(true),
        ]
        var fields: JSONFields = [
            "applicationNumber": .text("E20251020-00001"), "version": .integer(1),
            "procedure": .text("moveOut"), "submittedAt": .text("2025-10-20T08:00:00+09:00"),
            "applicant": .object(person), "movers": .array([.object(person)]),
            "plannedMoveOutDate": .text("2025-11-01"),
            "plannedMoveOutMunicipalityCode": .text("082201"),
            "plannedMoveOutAddress": .text("つくば市天久保一丁目999番地の5"),
        ]
        change(&fields)
        return fields
    }

    /// Writes the medium and tells the register of it; the reply.
    private func transfer(
        _ application: JSONFields, entry: String = "L20251020-0001", encrypted: Bool = true,
        isErased: Bool = true, _ change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        let plain = Data(try PayloadCoding.encode(JSONValue.object(application)))
        let box = try AES.GCM.seal(
            plain, using: SymmetricKey(data: Self.key), authenticating: Data(entry.utf8))
        let file = encrypted ? try #require(box.combined) : plain
        try file.write(to: directory.appendingPathComponent("\(entry).sealed"))
        var fields: JSONFields = [
            "ledgerEntryId": .text(entry), "mediumId": .text("USB-01"),
            "digest": .text(
                SHA256.hash(data: file).map {
                    String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
                }
                .joined()),
            "approverId": .text("kanri-03"),
        ]
        change(&fields)
        try city.send(
            City.Injection(
                topic: "e-application.media-transfer/v1", from: "lgwanTerminal",
                to: "residentRegister", zone: "lgwan", fields: fields,
                correlation: "media-\(entry)-\(city.passed.count)", step: "A6-02",
                operatorID: "denshi-06", terminal: "LG-01"))
        let reply = try #require(city.messages("e-application.imported").last).fields
        if isErased, reply["result"] != .text("refused") { try erase(entry) }
        return reply
    }

    /// R-097, R-098: the terminal has destroyed its copy and the medium's.
    private func erase(_ entry: String) throws {
        var fields = try Layouts.example("e-application.purged/v1", city.files)
        fields["ledgerEntryId"] = .text(entry)
        fields["mediumId"] = .text("USB-01")
        try city.send(
            City.Injection(
                topic: "e-application.purged/v1", from: "lgwanTerminal", to: "residentRegister",
                zone: "lgwan", fields: fields, correlation: "erase-\(entry)", step: "A6-02",
                operatorID: nil, terminal: nil))
    }

    @Test("R-098: a medium that was read is not read again before its erase record has come")
    func notErased() throws {
        _ = try transfer(application(), isErased: false)
        let other = application { $0["applicationNumber"] = .text("E20251020-00002") }
        let early = try transfer(other, entry: "L20251020-0002")
        #expect(early["code"] == .text("medium-not-erased"))
        try erase("L20251020-0001")
        let later = try transfer(other, entry: "L20251020-0002")
        #expect(later["code"] != .text("medium-not-erased"))
        #expect(try city.facts("residentRegister")["mediaErased"] == .integer(2))
    }

    @Test(
        "A6-02: the application becomes a draft that another person commits; the bus carried no data of it"
    )
    func imported() throws {
        let reply = try transfer(application())
        #expect(reply["result"] == .text("accepted"), "\(reply)")
        let draft = try #require(reply["draftNumber"]?.text)
        let hop = try #require(city.messages("e-application.media-transfer").first)
        #expect(Set(hop.fields.keys) == ["ledgerEntryId", "mediumId", "digest", "approverId"])
        #expect(try city.facts("residentRegister", City.resident)["version"] == .integer(1))
        #expect(try city.committed(draft, by: "denshi-06") == "same-operator")
        #expect(try city.committed(draft, by: "kakunin-02") == nil)
        #expect(try city.facts("residentRegister", City.resident)["version"] == .integer(2))
    }

    @Test(
        "R-011, R-067: no ledger entry, an unregistered medium, no approval by another, a changed or unencrypted file: refused, nothing stored"
    )
    func refusals() throws {
        func refused(_ code: String, _ reply: JSONFields) throws {
            #expect(reply["result"] == .text("refused"), "\(code)")
            #expect(reply["code"] == .text(code))
            let facts = try city.facts("residentRegister", City.resident)
            #expect(facts["provisionalRows"] == .integer(0))
            #expect(facts["applications"] == .integer(0))
        }
        try refused(
            "ledger-unknown",
            transfer(application()) { $0["ledgerEntryId"] = .text("L20251020-9999") })
        try refused(
            "medium-unregistered", transfer(application()) { $0["mediumId"] = .text("USB-99") })
        try refused(
            "approver-is-operator",
            transfer(application()) { $0["approverId"] = .text("denshi-06") })
        try refused(
            "digest-mismatch",
            transfer(application()) { $0["digest"] = .text(String(repeating: "0", count: 64)) })
        try refused("not-encrypted", transfer(application(), encrypted: false))
        #expect(
            try !city.fits(
                "e-application.media-transfer/v1",
                [
                    "mediumId": .text("USB-01"), "digest": .text("0"),
                    "approverId": .text("kanri-03"),
                ]))
    }

    @Test("R-067: a file sealed for another ledger entry is not taken for this one")
    func boundToEntry() throws {
        _ = try transfer(application(), entry: "L20251020-0001") {
            $0["mediumId"] = .text("USB-99")
        }
        let first = directory.appendingPathComponent("L20251020-0001.sealed")
        let moved = directory.appendingPathComponent("L20251020-0002.sealed")
        try FileManager.default.copyItem(at: first, to: moved)
        let digest = SHA256.hash(data: try Data(contentsOf: moved))
            .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try city.send(
            City.Injection(
                topic: "e-application.media-transfer/v1", from: "lgwanTerminal",
                to: "residentRegister", zone: "lgwan",
                fields: [
                    "ledgerEntryId": .text("L20251020-0002"), "mediumId": .text("USB-01"),
                    "digest": .text(digest), "approverId": .text("kanri-03"),
                ], correlation: "media-moved", step: "A6-02", operatorID: "denshi-06",
                terminal: "LG-01"))
        #expect(
            city.messages("e-application.imported").last?.fields["code"] == .text("not-encrypted"))
    }

    @Test("R-067: a ledger entry is for one transfer")
    func usedEntry() throws {
        _ = try transfer(application())
        let again = try transfer(
            application { $0["applicationNumber"] = .text("E20251020-00002") })
        #expect(again["code"] == .text("ledger-used"))
    }

    @Test("R-046: a 個人番号 typed by hand is refused")
    func typed() throws {
        let reply = try transfer(
            application {
                guard case .object(var applicant)? = $0["applicant"] else { return }
                applicant["source"] = .text("manual")
                $0["applicant"] = .object(applicant)
            })
        #expect(reply["code"] == .text("number-not-from-card"))
    }

    @Test(
        "R-047: an older version is refused with the newest; a newer one takes the open draft's place"
    )
    func versions() throws {
        let first = try transfer(application { $0["version"] = .integer(2) })
        let old = try transfer(application(), entry: "L20251020-0002")
        #expect(old["code"] == .text("older-version"))
        #expect(old["newestVersion"] == .integer(2))
        let newer = try transfer(
            application {
                $0["version"] = .integer(3)
                $0["plannedMoveOutDate"] = .text("2025-11-03")
            }, entry: "L20251020-0003")
        #expect(newer["result"] == .text("accepted"), "\(newer)")
        let replaced = try #require(first["draftNumber"]?.text)
        #expect(try city.committed(replaced, by: "kakunin-02") == "draft-unknown")
        #expect(try city.facts("residentRegister", City.resident)["provisionalRows"] == .integer(1))
    }

    @Test("An applicant the register does not know, or knows otherwise, is a person's to resolve")
    func manual() throws {
        let unknown = try transfer(
            application {
                guard case .object(var applicant)? = $0["applicant"] else { return }
                applicant["individualNumber"] = .text("999999001057")
                $0["applicant"] = .object(applicant)
            })
        #expect(unknown["result"] == .text("manual"))
        #expect(unknown["code"] == .text("applicant-unknown"))
        #expect(unknown["caseId"]?.text != nil)
        let other = try transfer(
            application {
                $0["applicationNumber"] = .text("E20251020-00002")
                guard case .object(var applicant)? = $0["applicant"] else { return }
                applicant["nameKanji"] = .text("佐藤　三郎")
                $0["applicant"] = .object(applicant)
            }, entry: "L20251020-0002")
        #expect(other["code"] == .text("applicant-mismatch"))
        let resolved = try transfer(
            application { $0["applicationNumber"] = .text("E20251020-00002") },
            entry: "L20251020-0003")
        #expect(resolved["result"] == .text("accepted"), "\(resolved)")
        let again = try transfer(
            application { $0["applicationNumber"] = .text("E20251020-00002") },
            entry: "L20251020-0004")
        #expect(again["code"] == .text("already-imported"))
        #expect(try city.facts("residentRegister", City.resident)["provisionalRows"] == .integer(1))
    }

    @Test(
        "SC-11: a 転出届取消 before the removal becomes the draft of the 取消し; of an unknown application a person decides"
    )
    func cancellation() throws {
        let moveOut = try transfer(application())
        let draft = try #require(moveOut["draftNumber"]?.text)
        #expect(try city.committed(draft, by: "kakunin-02") == nil)
        func cancel(_ number: String, entry: String) throws -> JSONFields {
            try transfer(
                application {
                    $0["applicationNumber"] = .text("E20251020-0000\(entry.last ?? "9")")
                    $0["procedure"] = .text("moveOutCancellation")
                    $0["cancels"] = .text(number)
                    $0["movers"] = nil
                }, entry: entry)
        }
        let unknown = try cancel("E20251020-77777", entry: "L20251020-0003")
        #expect(unknown["code"] == .text("cancelled-application-unknown"))
        let known = try cancel("E20251020-00001", entry: "L20251020-0004")
        #expect(known["result"] == .text("accepted"), "\(known)")
        #expect(known["draftNumber"]?.text != nil)
    }
}
