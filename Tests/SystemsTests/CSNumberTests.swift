import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS: 個人番号の生成")
struct CSNumberTests {
    let city: City
    private let child = "88888001039"
    private let number = "999999001030"

    init() throws {
        city = try City.before("2025-10-14T09:00:00+09:00")
        city.absent = ["residentRegister"]
        try city.csHolds(child, number: nil) { $0["moveReason"] = .text("birth") }
    }

    private func request(control: String = "D20251014-00001", code: String? = nil) throws {
        try city.toCS(
            "individual-number.generate.request/v1", from: "residentRegister", step: "A1-05"
        ) {
            $0["requestControlNumber"] = .text(control)
            if let code { $0["juminhyoCode"] = .text(code) }
        }
    }

    private func assign(_ number: String, to code: String) throws {
        try city.toCS(
            "individual-number.assigned/v1", from: "individualNumberGenerator", step: "A1-07"
        ) {
            $0["juminhyoCode"] = .text(code)
            $0["individualNumber"] = .text(number)
        }
    }

    private func register(_ result: String) throws {
        try city.toCS("individual-number.ack/v1", from: "residentRegister", step: "A1-07") {
            $0["juminhyoCode"] = .text(child)
            $0["result"] = .text(result)
            if result == "refused" { $0["code"] = .text("number-in-use") }
        }
    }

    @Test("A1-06: the request goes to the generator with the city's code, once per 住民票コード")
    func forward() throws {
        try request()
        let sent = try city.last(
            "individual-number.generate.forward", to: "individualNumberGenerator")
        #expect(sent.step == "A1-06")
        #expect(sent.fields["municipalityCode"] == .text("08201"))
        try request()
        try request(control: "D20251014-00002")
        #expect(city.messages("individual-number.generate.forward").count == 1)
        let refusal = try city.last("individual-number.assigned", to: "residentRegister")
        #expect(refusal.fields["code"] == .text("request-outstanding"))
        #expect(try city.fact("outstandingNumbers") == .integer(1))
    }

    @Test("R-049: no number is asked for a 住民票コード the CS does not hold")
    func unknown() throws {
        try request(code: "88888001012")
        #expect(city.messages("individual-number.generate.forward").isEmpty)
        let refusal = try city.last("individual-number.assigned", to: "residentRegister")
        #expect(refusal.fields["code"] == .text("match-failed"))
    }

    @Test(
        "A1-07: the number goes to the register, and what the register says goes to the generator")
    func assigned() throws {
        try request()
        try assign(number, to: child)
        let passed = try city.last("individual-number.assigned", to: "residentRegister")
        #expect(passed.fields["individualNumber"] == .text(number))
        #expect(try city.fact("numberRequest", of: child) == .text("delivered"))
        try register("accepted")
        let ack = try city.last("individual-number.ack", to: "individualNumberGenerator")
        #expect(ack.fields["result"] == .text("accepted"))
        #expect(try city.fact("numberRequest", of: child) == .text("assigned"))
        try assign(number, to: child)
        #expect(city.messages("individual-number.assigned", to: "residentRegister").count == 1)
        #expect(city.messages("individual-number.ack", to: "individualNumberGenerator").count == 2)
        #expect(try city.fact("quarantined") == .integer(0))
    }

    @Test(
        "R-049: a number for another 住民票コード, with a wrong check digit, or somebody's, is quarantined and kept nowhere",
        arguments: [
            ("999999001030", "88888001012", "number-not-requested"),
            ("999999001031", "88888001039", "individual-number-invalid"),
            ("999999001049", "88888001039", "individual-number-in-use"),
        ])
    func quarantined(number: String, code: String, refusal: String) throws {
        try city.csHolds(City.p04, number: City.individualNumber)
        try request()
        let before = try city.cells(of: "municipalCS") { $0.contains(number) }
        try assign(number, to: code)
        #expect(city.messages("individual-number.assigned", to: "residentRegister").isEmpty)
        let ack = try city.last("individual-number.ack", to: "individualNumberGenerator")
        #expect(ack.fields["code"] == .text(refusal))
        #expect(try city.fact("quarantined") == .integer(1))
        #expect(try city.fact("numberRequest", of: child) == .text("outstanding"))
        #expect(try city.cells(of: "municipalCS") { $0.contains(number) } == before)
    }

    @Test("A number the register will not take waits for a person, and the generator is told")
    func refusedByRegister() throws {
        try request()
        try assign(number, to: child)
        try register("refused")
        #expect(try city.fact("numberRequest", of: child) == .text("quarantined"))
        #expect(try city.fact("quarantined") == .integer(1))
        let ack = try city.last("individual-number.ack", to: "individualNumberGenerator")
        #expect(ack.fields["code"] == .text("number-in-use"))
    }

    @Test("What the generator refuses is told to the register")
    func generatorRefuses() throws {
        try request()
        try city.toCS(
            "individual-number.assigned/v1", from: "individualNumberGenerator", step: "A1-07"
        ) {
            $0 = [
                "juminhyoCode": .text(child), "result": .text("refused"),
                "code": .text("code-unknown"),
            ]
        }
        let told = try city.last("individual-number.assigned", to: "residentRegister")
        #expect(told.fields["code"] == .text("code-unknown"))
        #expect(try city.fact("numberRequest", of: child) == .text("refused"))
        try request(control: "D20251014-00002")
        #expect(city.messages("individual-number.generate.forward").count == 2)
    }

    @Test("C11: codes for those who have none pass to the register and stay nowhere")
    func pool() throws {
        try city.toCS("juminhyo-code.pool.replenished/v1", from: "nationalServer", step: "C11")
        #expect(city.messages("juminhyo-code.pool.replenished", to: "residentRegister").count == 1)
    }
}
