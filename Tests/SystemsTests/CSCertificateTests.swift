import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS: 転出証明書情報とカード")
struct CSCertificateTests {
    let city: City

    init() throws {
        city = try City.before("2025-11-05T09:00:00+09:00")
        city.absent = ["residentRegister"]
    }

    private func requested(
        from: String = "integratedTerminal", origin: String = "08221", asker: String? = nil
    ) throws {
        try city.toCS(
            "move-out-certificate.request/v2", from: from,
            step: from == "integratedTerminal" ? "B3-03" : "C7", correlation: "request-1",
            by: from == "integratedTerminal" ? "nyuryoku-01" : nil
        ) {
            $0["originMunicipalityCode"] = .text(origin)
            $0["destinationMunicipalityCode"] =
                from == "integratedTerminal" ? nil : .text(asker ?? String(from.suffix(5)))
        }
    }

    private func certificate(
        destination: String = "08201", size: Int64 = 1, from peer: String = "08221"
    ) throws -> Settlement {
        try city.toCS(
            "move-out-certificate.deliver/v2", from: "peerMunicipalCS/\(peer)", step: "B3-01"
        ) {
            $0["plannedMoveOutDate"] = .text("2025-11-01")
            $0["destinationMunicipalityCode"] = .text(destination)
            $0["groupSize"] = .integer(size)
        }
    }

    @Test(
        "R-091, R-020: without a certificate the 転出地 is asked, without 個人番号; what comes is held, passed on and told to the terminal"
    )
    func fallback() throws {
        try requested()
        let request = try city.last(
            "move-out-certificate.request", to: "peerMunicipalCS/08221")
        #expect(request.fields["destinationMunicipalityCode"] == .text("08201"))
        #expect(try city.fact("certificateRequests") == .integer(1))
        #expect(try certificate() == .accepted)
        #expect(city.messages("move-out-certificate.deliver", to: "residentRegister").count == 1)
        let told = try city.last("move-out-certificate.reply", to: "integratedTerminal")
        #expect(told.fields["result"] == .text("accepted"))
        #expect(told.envelope.correlation.rawValue == "request-1")
        let question = try city.last("move-out-certificate.request", to: "municipalCS")
        #expect(told.envelope.causation == question.envelope.id)
        #expect(try city.fact("certificateRequests") == .integer(0))
        #expect(try city.fact("certificate", of: City.p04) == .text("held"))
    }

    @Test("A certificate that is still held is not asked for")
    func stillHeld() throws {
        _ = try certificate()
        try requested()
        let told = try city.last("move-out-certificate.reply", to: "integratedTerminal")
        #expect(told.fields["code"] == .text("certificate-held"))
        #expect(
            city.messages("move-out-certificate.request", to: "peerMunicipalCS/08221").isEmpty)
    }

    @Test("The 転出地's refusal reaches the terminal that asked")
    func refused() throws {
        try requested()
        try city.toCS(
            "move-out-certificate.reply/v1", from: "peerMunicipalCS/08221", step: "B3-03",
            correlation: "request-1", number: 1)
        let told = try city.last("move-out-certificate.reply", to: "integratedTerminal")
        #expect(told.fields["code"] == .text("move-out-not-committed"))
        #expect(try city.fact("certificateRequests") == .integer(0))
    }

    @Test("A request nobody answers is forgotten after a day")
    func forgotten() throws {
        try requested()
        try city.clock.set("2025-11-06T09:00:01+09:00")
        try city.tick()
        #expect(try city.fact("certificateRequests") == .integer(0))
    }

    @Test(
        "C7: another city's request goes to the register, and the certificate or the refusal back to that city"
    )
    func asked() throws {
        try requested(from: "peerMunicipalCS/08220", origin: "08201")
        #expect(city.messages("move-out-certificate.request", to: "residentRegister").count == 1)
        try city.toCS(
            "move-out-certificate.reply/v1", from: "residentRegister", step: "C7",
            correlation: "request-1", number: 1)
        let refusal = try city.last("move-out-certificate.reply", to: "peerMunicipalCS/08220")
        #expect(refusal.fields["code"] == .text("move-out-not-committed"))
        try requested(from: "peerMunicipalCS/08220", origin: "08201")
        try city.toCS(
            "move-out-certificate.deliver/v2", from: "residentRegister", step: "C7",
            correlation: "request-1"
        ) {
            $0["deliveryMode"] = .text("requested")
            $0["originMunicipalityCode"] = .text("08201")
            $0["destinationMunicipalityCode"] = .text("08220")
        }
        let sent = try city.last("move-out-certificate.deliver", to: "peerMunicipalCS/08220")
        #expect(sent.step == "C7")
        #expect(try city.fact("relaysOpen") == .integer(0))
    }

    @Test("SC-24: a certificate for another city goes back with its code and changes nothing here")
    func misdirected() throws {
        let before = try city.cells(of: "municipalCS") { _ in true }
        #expect(try certificate(destination: "08220") == .accepted)
        let reply = try city.last("move-out-certificate.reply", to: "peerMunicipalCS/08221")
        #expect(reply.fields["code"] == .text("destination-mismatch"))
        #expect(reply.fields["groupId"] == .text("G-08221-20250920-00001"))
        #expect(city.messages("move-out-certificate.deliver", to: "residentRegister").isEmpty)
        #expect(try city.cells(of: "municipalCS") { _ in true } == before)
    }

    @Test(
        "A city that names another one as the sender is refused source-mismatch, or people look, and nothing goes on"
    )
    func wrongSender() throws {
        #expect(try certificate(from: "08220") == .accepted)
        let reply = try city.last("move-out-certificate.reply", to: "peerMunicipalCS/08220")
        #expect(reply.fields["code"] == .text("source-mismatch"))
        try requested(from: "peerMunicipalCS/08220", origin: "08201", asker: "08221")
        let asked = try city.last("move-out-certificate.reply", to: "peerMunicipalCS/08220")
        #expect(asked.fields["code"] == .text("source-mismatch"))
        #expect(asked.fields["inReplyTo"] == .text("request"))
        let step = "A6-02"
        try city.toCS(
            "move-out-certificate.withdraw/v1", from: "peerMunicipalCS/08220", step: step
        ) { $0["originMunicipalityCode"] = .text("08221") }
        let ack = try city.last("move-out-certificate.withdraw.ack", to: "peerMunicipalCS/08220")
        #expect(ack.fields["code"] == .text("source-mismatch"))
        #expect(ack.fields["originMunicipalityCode"] == .text("08221"))
        try city.toCS(
            "move-out-certificate.withdraw.ack/v1", from: "peerMunicipalCS/08221", step: step
        ) { $0["destinationMunicipalityCode"] = .text("08220") }
        try city.toCS("move-in-notice.deliver/v1", from: "peerMunicipalCS/08220", step: "C6") {
            $0["currentMunicipalityCode"] = .text("082210")
        }
        #expect(try city.fact("manualCase.sourceMismatch") == .integer(2))
        #expect(try city.fact("heldCertificates") == .integer(0))
        #expect(try city.fact("relaysOpen") == .integer(0))
        for type in ["deliver", "request", "withdraw", "withdraw.ack"] {
            #expect(
                city.messages("move-out-certificate.\(type)", to: "residentRegister").isEmpty)
        }
        #expect(city.messages("move-in-notice.deliver", to: "residentRegister").isEmpty)
    }

    @Test("A certificate of ours that a city refuses is told to the register")
    func ourMisdirection() throws {
        try city.toCS(
            "move-out-certificate.reply/v1", from: "peerMunicipalCS/08220", step: "B3-01")
        let told = try city.last("move-out-certificate.reply", to: "residentRegister")
        #expect(told.fields["code"] == .text("destination-mismatch"))
    }

    @Test("A group that is not whole is refused for good")
    func incomplete() throws {
        #expect(try certificate(size: 2) == .failed(code: "group-size-mismatch"))
        #expect(try city.fact("heldCertificates") == .integer(0))
    }

    @Test(
        "R-090: what nobody claimed is gone at D+31 00:00 and not a second earlier, with evidence")
    func purge() throws {
        _ = try certificate()
        try city.clock.set("2025-12-01T23:59:59+09:00")
        try city.tick()
        #expect(try city.fact("heldCertificates") == .integer(1))
        try city.clock.set("2025-12-02T00:00:00+09:00")
        try city.tick()
        #expect(try city.fact("heldCertificates") == .integer(0))
        #expect(
            city.messages("audit.record").contains {
                $0.fields["operation"] == .text("retention.purged")
            })
    }

    @Test(
        "SC-11: a city's 取下げ goes to the register; what is held goes when the register agrees, and the city hears it"
    )
    func withdrawn() throws {
        _ = try certificate()
        func withdrawal(_ fields: inout JSONFields) {
            fields["juminhyoCode"] = .text(City.p04)
            fields["originMunicipalityCode"] = .text("08221")
            fields["destinationMunicipalityCode"] = .text("08201")
        }
        try city.toCS(
            "move-out-certificate.withdraw/v1", from: "peerMunicipalCS/08221", step: "A6-02",
            change: withdrawal)
        #expect(city.messages("move-out-certificate.withdraw", to: "residentRegister").count == 1)
        #expect(try city.fact("certificate", of: City.p04) == .text("held"))
        try city.toCS(
            "move-out-certificate.withdraw.ack/v1", from: "residentRegister", step: "A6-02",
            change: withdrawal)
        #expect(try city.fact("certificate", of: City.p04) == .text("none"))
        #expect(
            city.messages("move-out-certificate.withdraw.ack", to: "peerMunicipalCS/08221").count
                == 1)
    }

    @Test(
        "B8-01: the state of a card goes to the card management and its answer back; nobody unknown"
    )
    func card() throws {
        func link(_ code: String) throws {
            try city.toCS(
                "card.status.link/v1", from: "integratedTerminal", step: "B8-01",
                by: "madoguchi-04"
            ) { $0["juminhyoCode"] = .text(code) }
        }
        try link(City.p04)
        let refusal = try city.last("card.status.ack", to: "integratedTerminal")
        #expect(refusal.fields["code"] == .text("match-failed"))
        try city.csHolds(City.p04, number: City.individualNumber)
        try link(City.p04)
        #expect(city.messages("card.status.link", to: "cardManagement").count == 1)
        try city.toCS("card.status.ack/v1", from: "cardManagement", step: "B8-01") {
            $0["juminhyoCode"] = .text(City.p04)
        }
        let ack = try city.last("card.status.ack", to: "integratedTerminal")
        #expect(ack.fields["result"] == .text("accepted"))
        #expect(try city.fact("relaysOpen") == .integer(0))
    }
}
