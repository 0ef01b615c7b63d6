import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("情報提供 (C1, C2)")
struct ProvisionTests {
    let city: City

    init() throws { city = try City.before("2025-10-06T10:00:00+09:00") }

    /// Somebody with 符号 and 副本, and the list of 2025 in force.
    private func everything() throws {
        try city.becomesKnown()
        try city.publishList()
    }

    private func reason(_ fields: JSONFields) throws -> String? {
        try city.ask(fields)?.fields["reason"]?.text
    }

    @Test("R-080, R-086: the 60 items of the list are answered, every other number is notPermitted")
    func sixty() throws {
        try everything()
        let listed = try city.items(ofList: "v3")
        #expect(listed.count == 60)
        for (index, number) in ((1...170).map(String.init) + ["85の2"]).enumerated() {
            let answer = try city.ask(city.request("IR-\(index)", item: number))
            let expected =
                listed.contains(number) ? "info-provision.response" : "info-provision.refused"
            #expect(answer?.type == expected, "item \(number)")
            if !listed.contains(number) {
                #expect(answer?.fields["reason"] == .text("notPermitted"))
            }
        }
    }

    @Test("R-080: requester, item and item set must stand on the list together")
    func exactTuple() throws {
        try everything()
        #expect(
            try reason(city.request("IR-1") { $0["requestingBodyId"] = .text("RB-99") })
                == "notPermitted")
        #expect(
            try reason(
                city.request("IR-2") { $0["itemSet"] = .array([.text("currentAddress")]) })
                == "notPermitted")
        let reordered = try city.request("IR-3") { fields in
            guard case .array(let items)? = fields["itemSet"] else { return }
            fields["itemSet"] = .array(items.reversed())
        }
        #expect(try city.ask(reordered)?.type == "info-provision.response")
    }

    @Test(
        "R-080: the list in force at the time of the request decides, and an item means nothing without its version"
    )
    func versions() throws {
        try city.becomesKnown()
        for version in ["v1", "v2", "v3"] { try city.publishList(version) }
        try city.clock.set("2022-06-05T23:59:00+09:00")
        #expect(try reason(city.request("IR-1", item: "21", version: "v1")) == nil)
        #expect(
            try reason(city.request("IR-2", item: "117", version: "v2")) == "notPermitted")
        try city.clock.set("2022-06-06T00:00:00+09:00")
        #expect(
            try reason(city.request("IR-3", item: "21", version: "v1")) == "notPermitted")
        #expect(try reason(city.request("IR-4", item: "117", version: "v2")) == nil)
        try city.clock.set("2025-09-16T00:00:00+09:00")
        #expect(
            try reason(city.request("IR-5", item: "20", version: "v2")) == "notPermitted")
        #expect(try reason(city.request("IR-6", item: "20", version: "v3")) == nil)
        #expect(try city.facts("intermediateServer")["lists"] == .integer(3))
    }

    @Test("R-080: without any list nothing is answered")
    func noList() throws {
        try city.becomesKnown()
        #expect(try reason(city.request("IR-1")) == "notPermitted")
    }

    @Test("R-081: a list from anybody but the 情報提供ネットワークシステム is refused, and nothing is stored")
    func foreignList() throws {
        let before = try city.contents(of: "intermediateServer")
        for source in ["officeLinkage", "integratedAddressee", "intermediateTerminal"] {
            #expect(try city.publishList(from: source) == .failed(code: "source-not-permitted"))
        }
        #expect(try city.contents(of: "intermediateServer") == before)
    }

    @Test(
        "R-081: a version never changes: the same list again is nothing, another under its name is refused"
    )
    func reusedVersion() throws {
        try city.publishList()
        let before = try city.contents(of: "intermediateServer")
        #expect(try city.publishList() == .accepted)
        let changed = try city.publishList { $0["effectiveFrom"] = .text("2026-01-01") }
        #expect(changed == .failed(code: "list-version-reused"))
        #expect(try city.contents(of: "intermediateServer") == before)
    }

    @Test(
        "R-082: without permit and route, both of this request, unexpired and signed by the network, nothing is provided",
        arguments: [
            "no permit", "no route", "permit of another request", "expired", "not yet valid",
            "signed by another", "changed after signing", "route of another body",
        ])
    func permits(kind: String) throws {
        try everything()
        var fields = try city.request("IR-1")
        switch kind {
        case "no permit": fields["permit"] = nil
        case "no route": fields["route"] = nil
        case "permit of another request":
            fields["permit"] = try city.request("IR-1", permitFor: "IR-9")["permit"]
        case "expired": city.clock.time = city.clock.time + .seconds(600)
        case "not yet valid": city.clock.time = city.clock.time - .seconds(1)
        case "signed by another":
            fields = try city.request("IR-1", signedBy: City.requesterKey)
        case "changed after signing":
            guard case .object(var permit)? = fields["permit"] else { return }
            permit["expiresAt"] = .text("2035-10-06T10:00:00.000+09:00")
            fields["permit"] = .object(permit)
        default:
            guard case .object(var route)? = fields["route"] else { return }
            route["requestingBodyId"] = .text("RB-99")
            fields["route"] = .object(route)
        }
        let answer = try #require(try city.ask(fields))
        #expect(answer.fields["reason"] == .text("permitMissingOrInvalid"))
        #expect(city.messages("info-provision.response").isEmpty)
    }

    @Test(
        "R-074, R-082: a permit serves one request once: the second use is refused and makes no second record"
    )
    func usedTwice() throws {
        try everything()
        let fields = try city.request("IR-1")
        #expect(try city.ask(fields)?.type == "info-provision.response")
        #expect(try reason(fields) == "permitMissingOrInvalid")
        let facts = try city.facts("intermediateServer")
        #expect(facts["provisionRecords"] == .integer(1))
        #expect(facts["provision.answered"] == .integer(1))
    }

    @Test("R-083: the answer holds what was asked and is there, never another item of the 副本")
    func subset() throws {
        try everything()
        let answer = try #require(try city.ask(city.request("IR-1")))
        let items = try city.items(in: answer)
        let asked = Set(try city.itemSet())
        #expect(Set(items.keys).isSubset(of: asked))
        #expect(items["currentAddress"] == .text("水戸市見川二丁目999番地の4"))
        #expect(items["currentPostalCode"] == nil)
        #expect(items["removalMoveDate"] == nil)
        #expect(answer.envelope.legalBasis == "number-law-19-8")
        #expect(answer.step == "C1-03")
    }

    @Test(
        "R-085: the answer opens with the requester's key alone, and only as the answer to that request"
    )
    func encryption() throws {
        try everything()
        let answer = try #require(try city.ask(city.request("IR-1")))
        #expect(throws: SealedContent.Failure.self) {
            try city.items(in: answer, for: City.mediumKey)
        }
        let sealed = SealedContent(
            encapsulatedKey: try city.bytes(answer, "encapsulatedKey"),
            ciphertext: try city.bytes(answer, "ciphertext"))
        for (purpose, reference) in [
            (SealedContent.Purpose.infoProvision, "IR-2"), (.replicaExport, "IR-1"),
        ] {
            #expect(throws: SealedContent.Failure.self) {
                try sealed.open(with: City.requesterKey, for: purpose, reference: reference)
            }
        }
        let text = String(decoding: answer.payload, as: UTF8.self)
        #expect(!text.contains("水戸市"))
    }

    @Test("R-085: a requester's key that is none gets no answer in clear, but a refusal")
    func uselessKey() throws {
        try everything()
        let zero = Base64URL.text([UInt8](repeating: 0, count: 32))
        let answer = try reason(city.request("IR-1") { $0["requesterPublicKey"] = .text(zero) })
        #expect(answer == "permitMissingOrInvalid")
    }

    @Test("R-074: one record and one piece of evidence for each request, also when it is refused")
    func records() throws {
        try everything()
        try city.ask(city.request("IR-1"))
        try city.ask(city.request("IR-2", item: "29"))
        try city.ask(city.request("IR-3") { $0["permit"] = nil })
        try city.ask(
            city.request("IR-4") { $0["linkCode"] = .text("XLAB0000SYNTHETIC0000000000000099") })
        let facts = try city.facts("intermediateServer")
        #expect(facts["provisionRecords"] == .integer(4))
        #expect(facts["provision.refused"] == .integer(3))
        #expect(facts["refused.linkCodeUnknown"] == .integer(1))
        for (operation, step) in [
            ("info-provision.checked", "C1-02"), ("info-provision.recorded", "C1-05"),
        ] {
            let found = city.evidence(operation)
            #expect(found.map { $0.fields["reference"] } == (1...4).map { .text("IR-\($0)") })
            #expect(found.allSatisfy { $0.step == step })
        }
    }

    @Test("R-074: 情報提供等記録 are kept for the configured seven years and then erased")
    func recordRetention() throws {
        try everything()
        try city.ask(city.request("IR-1"))
        city.clock.time = city.clock.time + .seconds(2_557 * 86_400)
        try city.tick()
        #expect(try city.facts("intermediateServer")["provisionRecords"] == .integer(1))
        city.clock.time = city.clock.time + .seconds(86_400)
        try city.tick()
        #expect(try city.facts("intermediateServer")["provisionRecords"] == .integer(0))
        #expect(city.evidence("retention.purged").last?.fields["count"] == .integer(1))
    }

    @Test("R-012, R-013: a 符号 means nothing over another organisation's connection, nor do its 副本")
    func partition() throws {
        try everything()
        let answer = try city.ask(city.request("IR-1"), organisation: "082210")
        #expect(answer?.fields["reason"] == .text("linkCodeUnknown"))
        #expect(try city.ask(city.request("IR-1"))?.type == "info-provision.response")
        let number = try #require(
            city.messages("addressee-pair.register.request").last?
                .fields["integratedAddresseeNumber"]?.text)
        try city.replicaArrives(for: number, version: 9, organisation: "082210") {
            $0["currentAddress"] = .text("よその市一丁目")
        }
        let own = try #require(try city.ask(city.request("IR-2")))
        #expect(try city.items(in: own)["currentAddress"] == .text("水戸市見川二丁目999番地の4"))
    }

    @Test("R-013: one organisation cannot flag, export or erase what is another's")
    func foreignDesk() throws {
        try everything()
        try city.logIn(organisation: "082210")
        let number = try #require(
            city.messages("addressee-pair.register.request").last?
                .fields["integratedAddresseeNumber"]?.text)
        let flag = try city.operate(
            "replica.flag.request",
            [
                "integratedAddresseeNumber": .text(number), "noAutomaticAnswer": .flag(true),
                "reason": .text("試験"),
            ], organisation: "082210")
        #expect(flag?["code"] == .text("replica-unknown"))
        let purge = try city.operate(
            "replica.purge.request",
            [
                "purgeId": .text("PG-1"), "integratedAddresseeNumber": .text(number),
                "cause": .text("registeredInError"), "reason": .text("試験"),
            ], organisation: "082210")
        #expect(purge?["code"] == .text("replica-unknown"))
        #expect(try city.facts("intermediateServer")["replicas"] == .integer(1))
    }

    @Test("corrections 8: a mover-out's 副本 is marked and still answered; only a death is noReplica")
    func removals() throws {
        try everything()
        let moved: JSONFields = ["kind": .text("exact"), "date": .text("2025-10-28")]
        try city.updateReplica(version: 2) { fields in
            fields["moveReason"] = .text("domesticMoveOut")
            fields["removalCategory"] = .text("movedOut")
            fields["removalMoveDate"] = .object(moved)
        }
        let facts = try city.facts("intermediateServer")
        #expect(facts["removal"] == .text("movedOut"))
        #expect(facts["removedOn"] == .text("2025-10-28"))
        let answer = try #require(try city.ask(city.request("IR-1")))
        #expect(try city.items(in: answer)["removalCategory"] == .text("movedOut"))
        #expect(try city.items(in: answer)["removalMoveDate"] == .object(moved))
        try city.updateReplica(version: 3) { fields in
            fields["moveReason"] = .text("death")
            fields["removalCategory"] = .text("deceased")
            fields["removalMoveDate"] = .object(moved)
        }
        #expect(try reason(city.request("IR-2")) == "noReplica")
    }

    @Test(
        "R-025: the 符号 stands in the 符号 table and on L-15 alone, in no answer, record or evidence")
    func linkCodeNowhere() throws {
        try everything()
        try city.ask(city.request("IR-1"))
        try city.ask(city.request("IR-2", item: "29"))
        let allowed: Set = ["link-code.issued", "info-provision.request"]
        for message in city.passed where !allowed.contains(message.type) {
            #expect(
                !String(decoding: message.payload, as: UTF8.self).contains(City.linkCode),
                "\(message)")
        }
        #expect(try city.cells(of: "intermediateServer") { $0.contains(City.linkCode) } == 1)
        for other in ["residentRegister", "municipalCS", "integratedAddressee", "officeLinkage"] {
            #expect(try city.cells(of: other) { $0.contains(City.linkCode) } == 0)
        }
    }

    @Test(
        "R-027: a 副本 with anything but the 世帯情報 is refused by the field's name and changes nothing",
        arguments: ["juminhyoCode", "registeredDomicile", "individualNumber", "addresseeNumber"])
    func strangers(field: String) throws {
        let number = try city.becomesKnown()
        let before = try city.contents(of: "intermediateServer")
        let reply = try city.replicaArrives(for: number, version: 2) {
            $0[field] = .text("999999001049")
        }
        #expect(reply?["code"] == .text("item-not-permitted"))
        #expect(reply?["field"] == .text(field))
        #expect(try city.contents(of: "intermediateServer") == before)
    }

    @Test(
        "R-051: form, code list and calendar are checked before an import; the reply names the field, the 副本 stays",
        arguments: [
            ("sexCode", JSONValue.text("3"), "code-not-in-list"),
            ("moveReason", .text("teleported"), "code-not-in-list"),
            ("removalCategory", .text("vanished"), "code-not-in-list"),
            ("currentMunicipalityCode", .text("082016"), "code-not-in-list"),
            ("householdNumber", .text("12"), "form-invalid"),
            ("currentPostalCode", .text("310-8610"), "form-invalid"),
            ("currentAddress", .text("水戸市\u{0}"), "form-invalid"),
            ("nameKana", .text("サトウ"), "form-invalid"),
            (
                "birthDate", .object(["kind": .text("exact"), "date": .text("1990-02-30")]),
                "date-invalid"
            ),
            ("relationshipCode", .null, "item-missing"),
        ])
    func format(field: String, value: JSONValue, code: String) throws {
        let number = try city.becomesKnown()
        let before = try city.contents(of: "intermediateServer")
        let reply = try city.replicaArrives(for: number, version: 2) { $0[field] = value }
        #expect(reply?["result"] == .text("refused"))
        #expect(reply?["code"] == .text(code))
        #expect(reply?["field"] == .text(field))
        #expect(try city.contents(of: "intermediateServer") == before)
    }

    @Test("R-051: 不詳 and days outside the calendar, IVS and 外字 are kept code point for code point")
    func unusualValues() throws {
        try everything()
        let number = try city.becomesKnown()
        let name = "邉\u{E0103}田\u{E000}　辻\u{E0101}"
        let unknown: JSONFields = ["kind": .text("nonCalendar"), "text": .text("平成3年2月29日")]
        try city.replicaArrives(for: number, version: 5) { fields in
            fields["nameKanji"] = .text(name)
            fields["birthDate"] = .object(unknown)
        }
        let items = try city.items(in: #require(try city.ask(city.request("IR-1"))))
        #expect(
            items["nameKanji"]?.text.map { Array($0.unicodeScalars) } == Array(name.unicodeScalars))
        #expect(items["birthDate"] == .object(unknown))
    }
}
