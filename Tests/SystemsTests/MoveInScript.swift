import Messaging
import Participant
import ParticipantStore
import Testing

/// The acts of SC-01 that people and outside parties perform, one by one (特例転入の手順), with the fixture P04.
extension City {
    static let person: JSONFields = ["juminhyoCode": .text("88888001047")]
    static let individualNumber = "999999001049"

    /// A city on the day before, by Tokyo time.
    static func before(_ time: String = "2025-09-20T09:00:00+09:00") throws -> City {
        let city = try City()
        try city.clock.set(time)
        return city
    }

    /// B3-01: ひたちなか市 sends the certificate; planned date 2025-10-01.
    @discardableResult
    func certificateArrives(domicile: String? = nil) throws -> Settlement {
        var fields = try Layouts.example("move-out-certificate.deliver/v2", files)
        if let domicile, case .array(var movers)? = fields["movers"],
            case .object(var mover) = movers[0]
        {
            mover["registeredDomicileMunicipalityCode"] = .text(domicile)
            movers[0] = .object(mover)
            fields["movers"] = .array(movers)
        }
        return try send(
            Injection(
                topic: "move-out-certificate.deliver/v2", from: "peerMunicipalCS/08221",
                to: "municipalCS", zone: "juki-net", fields: fields, correlation: "peer-1",
                operatorID: nil, terminal: nil))
    }

    /// B1-01: the 届出 at the counter.
    func notificationIsAccepted() throws {
        try clock.set("2025-10-06T09:00:00+09:00")
        try send(
            Injection(
                topic: "notification.accepted/v2", from: "registerTerminal", to: "residentRegister",
                zone: "number-use", fields: Layouts.example("notification.accepted/v2", files),
                step: "B1-01"))
    }

    /// B3-03: the card is read at the 統合端末.
    func identityIsVerified() throws {
        try send(
            Injection(
                topic: "identity.verify.request/v1", from: "integratedTerminal", to: "municipalCS",
                zone: "juki-net", fields: Layouts.example("identity.verify.request/v1", files),
                correlation: "terminal-1", step: "B3-03", expiry: clock.now() + .seconds(60)))
    }

    /// B3-04, first half; the draft's number, or the refusal's code.
    func drafted(
        by operatorID: String = "nyuryoku-01", change: (inout JSONFields) -> Void = { _ in }
    ) throws -> (number: String?, code: String?) {
        var fields = try Layouts.example("register.change.draft.request/v1", files)
        change(&fields)
        try send(
            Injection(
                topic: "register.change.draft.request/v1", from: "registerTerminal",
                to: "residentRegister", zone: "number-use", fields: fields, step: "B3-04",
                operatorID: operatorID))
        let reply = try #require(messages("register.change.reply").last).fields
        return (reply["draftNumber"]?.text, reply["code"]?.text)
    }

    /// B3-04, second half; nil when accepted, else the refusal's code.
    func committed(_ draftNumber: String, by operatorID: String = "kakunin-01") throws -> String? {
        try send(
            Injection(
                topic: "register.change.commit.request/v1", from: "registerTerminal",
                to: "residentRegister", zone: "number-use",
                fields: ["draftNumber": .text(draftNumber)], step: "B3-04", operatorID: operatorID))
        let reply = try #require(messages("register.change.reply").last).fields
        #expect(reply["draftNumber"] == .text(draftNumber))
        return reply["code"]?.text
    }

    /// B3-06: the card goes on being used.
    func cardIsUsedFurther() throws {
        try send(
            Injection(
                topic: "card.continued-use.request/v1", from: "integratedTerminal",
                to: "municipalCS",
                zone: "juki-net", fields: Layouts.example("card.continued-use.request/v1", files),
                correlation: "terminal-1", step: "B3-06"))
    }

    /// Everything up to and with 本更新.
    func movesIn(domicile: String? = nil) throws {
        try certificateArrives(domicile: domicile)
        try notificationIsAccepted()
        try identityIsVerified()
        let number = try #require(drafted().number)
        #expect(try committed(number) == nil)
    }

    /// The 宛名番号 the person has now, as the tax department learned it.
    func addresseeNumber() throws -> JSONValue {
        try #require(
            messages("resident-info.transfer", to: "taxSystem").last?.fields["addresseeNumber"])
    }
}
