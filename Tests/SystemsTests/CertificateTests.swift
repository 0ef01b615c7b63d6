import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("住民票の写し")
struct CertificateTests {
    let city: City

    init() throws {
        city = try City.before("2025-10-06T09:00:00+09:00")
        try city.imports([city.row(), city.mate()])
    }

    @Test("R-041: a certificate between 仮更新 and 本更新 shows the old address, after it the new one")
    func provisional() throws {
        let draft = try city.draftsAddressChange(to: "水戸市中央一丁目999番地の9")
        let before = try city.issue()
        #expect(City.printed("currentAddress", in: before) == ["水戸市見川二丁目999番地の4"])
        #expect(try city.committed(draft) == nil)
        let after = try city.issue()
        #expect(City.printed("currentAddress", in: after) == ["水戸市中央一丁目999番地の9"])
    }

    @Test("R-041: nobody can get a certificate of somebody who is only drafted")
    func onlyDrafted() throws {
        let fresh = try City.before()
        try fresh.certificateArrives()
        try fresh.notificationIsAccepted()
        _ = try fresh.drafted()
        let reply = try fresh.issue()
        #expect(reply["code"] == .text("subject-unknown"))
    }

    @Test("R-024: a 個人番号 nobody asked for is printed as asterisks")
    func masked() throws {
        let issued = try city.issue()
        #expect(City.printed("individualNumber", in: issued) == ["************"])
        #expect(issued["individualNumberPrinted"] == .flag(false))
        let text = String(
            decoding: try PayloadCoding.encode(JSONValue.object(issued)), as: UTF8.self)
        #expect(!text.contains("999999001049"))
    }

    @Test("The 個人番号 is printed for 本人 and 同一世帯 with a 請求理由, for nobody else")
    func number() throws {
        func ask(_ kind: String, reason: String?) throws -> JSONFields {
            try city.issue {
                $0["include"] = .array([.text("individualNumber")])
                $0["applicant"] = .object([
                    "kind": .text(kind), "powerOfAttorneyChecked": .flag(true),
                ])
                $0["requestReason"] = reason.map { .text($0) }
            }
        }
        for kind in ["self", "sameHousehold"] {
            let issued = try ask(kind, reason: "社会保障の手続")
            #expect(City.printed("individualNumber", in: issued) == ["999999001049"], "\(kind)")
            #expect(issued["individualNumberPrinted"] == .flag(true))
        }
        #expect(try ask("self", reason: nil)["code"] == .text("request-reason-missing"))
        for kind in ["agent", "thirdParty", "publicOffice"] {
            #expect(
                try ask(kind, reason: "依頼")["code"] == .text("individual-number-not-permitted"))
        }
    }

    @Test("V-7: a 振り仮名 that nobody certified, and a foreigner's, is printed as asterisks")
    func furigana() throws {
        #expect(City.printed("nameKana", in: try city.issue()) == ["サトウ　ジロウ"])
        try city.imports([
            city.mate {
                $0["juminhyoCode"] = .text("88888001039")
                $0["individualNumber"] = .text("999999001030")
                $0["addresseeNumber"] = .text("0000010030")
                $0["nameKanaCertified"] = .flag(false)
            }
        ])
        let uncertified = try city.issue { $0["addresseeNumber"] = .text("0000010030") }
        #expect(City.printed("nameKana", in: uncertified) == ["******"])
        try city.imports([city.row(1) { $0["addresseeNumber"] = .text("0000010065") }])
        let foreign = try city.issue { $0["addresseeNumber"] = .text("0000010065") }
        #expect(City.printed("nameKana", in: foreign) == ["******"])
    }

    @Test("世帯全員 shows everybody of the household")
    func household() throws {
        let issued = try city.issue { $0["scope"] = .text("household") }
        #expect(City.printed("nameKanji", in: issued) == ["佐藤　花子", "佐藤　次郎"])
    }

    @Test("An unchecked identity, a missing power of attorney, the wrong kind: refused with a code")
    func refusals() throws {
        let unchecked = try city.issue {
            $0["identityEvidence"] = .array([
                .object(["kind": .text("passport"), "checked": .flag(false)])
            ])
        }
        #expect(unchecked["code"] == .text("identity-unchecked"))
        let agent = try city.issue { $0["applicant"] = .object(["kind": .text("agent")]) }
        #expect(agent["code"] == .text("power-of-attorney-missing"))
        let removed = try city.issue { $0["certificateType"] = .text("removedRecord") }
        #expect(removed["code"] == .text("not-removed"))
        #expect(
            try city.facts("residentRegister", City.resident)["certificatesRefused"] == .integer(3))
    }

    @Test("R-070: every issue leaves who, where, when and what, in the log and as evidence")
    func log() throws {
        let issued = try city.issue()
        let evidence = try #require(
            city.messages("audit.record").last {
                $0.fields["operation"] == .text("certificate.issue")
            })
        #expect(evidence.envelope.operatorID?.rawValue == "madoguchi-04")
        #expect(evidence.envelope.terminal != nil)
        #expect(evidence.fields["reference"] == issued["issueNumber"])
        #expect(evidence.fields["result"] == .text("accepted"))
        #expect(
            try city.facts("residentRegister", City.resident)["certificatesIssued"] == .integer(1))
    }

    @Test("R-014: コンビニ交付 knows a person by a number of its own, never by 個人番号")
    func ownNumber() throws {
        let update = try #require(city.messages("certificate-data.update").first)
        let key = try #require(update.fields["certificateSubjectId"]?.text)
        for number in ["999999001049", "88888001047", "0000010049"] {
            #expect(!key.contains(number))
        }
        #expect(try city.fits("certificate-data.update/v1", update.fields))
        var forged = update.fields
        forged["certificateSubjectId"] = .text("999999001049")
        #expect(try !city.fits("certificate-data.update/v1", forged))
    }

    // MARK: 転出 and 除票

    /// 転出届 of the first example person, committed; planned for 2025-11-01.
    private func movesOut() throws {
        let draft = try city.drafts(
            "domesticMoveOut", of: "0000010049", reception: "R20251006-00088",
            input: [
                "plannedMoveOutMunicipalityCode": .text("082201"),
                "plannedMoveOutAddress": .text("つくば市天久保一丁目999番地の5"),
            ], more: ["plannedMoveOutDate": .text("2025-11-01")])
        #expect(try city.committed(draft) == nil)
    }

    @Test("A certificate before the planned day says nothing of a 転出, from that day on it does")
    func plannedMoveOut() throws {
        try movesOut()
        let before = try city.issue()
        #expect(before["result"] == .text("accepted"))
        #expect(City.printed("plannedMoveOutAddress", in: before).isEmpty)
        #expect(City.printed("removalMoveDate", in: before).isEmpty)
        try city.clock.set("2025-11-01T00:00:00+09:00")
        let onTheDay = try city.issue()
        #expect(City.printed("removalMoveDate", in: onTheDay) == ["2025-11-01"])
        #expect(
            City.printed("plannedMoveOutAddress", in: onTheDay) == ["つくば市天久保一丁目999番地の5"])
    }

    @Test("After the removal only a 除票の写し is issued, of the person alone")
    func removed() throws {
        try movesOut()
        try city.clock.set("2025-11-02T09:00:00+09:00")
        try city.tick()
        #expect(try city.issue()["code"] == .text("removed"))
        let household = try city.issue {
            $0["certificateType"] = .text("removedRecord")
            $0["scope"] = .text("household")
        }
        #expect(household["code"] == .text("scope-not-available"))
        let issued = try city.issue { $0["certificateType"] = .text("removedRecord") }
        #expect(issued["result"] == .text("accepted"))
        #expect(City.printed("removalMoveDate", in: issued) == ["2025-11-01"])
        let rest = try city.issue {
            $0["addresseeNumber"] = .text("0000010022")
            $0["scope"] = .text("household")
        }
        #expect(City.printed("nameKanji", in: rest) == ["佐藤　花子"])
    }

    @Test("世帯全員 waits until everybody of one 転出証明書 has arrived (corrections 13)")
    func wholeGroup() throws {
        let fresh = try City.before()
        try fresh.coupleArrives()
        let head = try #require(fresh.drafted().number)
        #expect(try fresh.committed(head) == nil)
        let number = try fresh.addresseeNumber()
        func household() throws -> JSONFields {
            try fresh.issue {
                $0["addresseeNumber"] = number
                $0["scope"] = .text("household")
            }
        }
        #expect(try household()["code"] == .text("household-incomplete"))
        #expect(try fresh.issue { $0["addresseeNumber"] = number }["result"] == .text("accepted"))
        let wife = try fresh.drafted {
            $0["subject"] = .object(["juminhyoCode": .text("88888001020")])
            $0["joinHouseholdOf"] = number
            guard case .object(var input)? = $0["counterInput"] else { return }
            input["relationshipCode"] = .text("妻")
            $0["counterInput"] = .object(input)
        }
        #expect(try fresh.committed(try #require(wife.number, "\(wife)")) == nil)
        #expect(City.printed("nameKanji", in: try household()).sorted() == ["佐藤　次郎", "佐藤　花子"])
    }
}

extension City {
    /// B3-01 and B1-01 of two people on one 転出証明書; the card is read.
    fileprivate func coupleArrives() throws {
        var fields = try Layouts.example("move-out-certificate.deliver/v2", files)
        guard case .array(let movers)? = fields["movers"], case .object(let head) = movers[0] else {
            throw Refuse("no-example")
        }
        var wife = head
        wife["juminhyoCode"] = .text("88888001020")
        wife["individualNumber"] = .text("999999001022")
        wife["nameKanji"] = .text("佐藤　花子")
        wife["relationshipCode"] = .text("妻")
        fields["movers"] = .array([.object(head), .object(wife)])
        fields["groupSize"] = .integer(2)
        try send(
            Injection(
                topic: "move-out-certificate.deliver/v2", from: "peerMunicipalCS/08221",
                to: "municipalCS", zone: "juki-net", fields: fields, correlation: "peer-1",
                operatorID: nil, terminal: nil))
        try clock.set("2025-10-06T09:00:00+09:00")
        var notice = try Layouts.example("notification.accepted/v2", files)
        guard case .array(let subjects)? = notice["subjects"],
            case .object(var second) = subjects[0]
        else { throw Refuse("no-example") }
        second["nameKanji"] = .text("佐藤　花子")
        second["nameKana"] = nil
        notice["subjects"] = .array([subjects[0], .object(second)])
        try send(
            Injection(
                topic: "notification.accepted/v2", from: "registerTerminal",
                to: "residentRegister",
                zone: "number-use", fields: notice, step: "B1-01"))
        try identityIsVerified()
    }
}
