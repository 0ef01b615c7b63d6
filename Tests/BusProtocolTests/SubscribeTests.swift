import BusProtocol
import Testing

@Suite("SUBSCRIBE")
struct SubscribeTests {
    private func read(_ writer: FrameWriter) throws -> SubscribeRequest {
        let control = try ControlFrame(parsing: writer.control.span)
        return try SubscribeRequest(control, body: writer.body.span)
    }

    @Test("A receiver of the newest versions sends one record, as before there were two")
    func newest() throws {
        var writer = FrameWriter()
        let request = SubscribeRequest(grant: CreditGrant(messages: 256, bytes: 4_194_304))
        writer.writeSubscribe(request, epoch: 7)
        #expect(writer.body.count == 16)
        #expect(try read(writer) == request)
    }

    @Test("The versions a receiver speaks travel as JSON in a second record")
    func versions() throws {
        var writer = FrameWriter()
        let request = SubscribeRequest(
            grant: CreditGrant(messages: 1, bytes: 2), majors: ["identity.update.notice": 1])
        writer.writeSubscribe(request, epoch: 7)
        let text = #"{"majors":{"identity.update.notice":1}}"#
        #expect(Array(writer.body.suffix(text.utf8.count)) == Array(text.utf8))
        #expect(try read(writer) == request)
    }

    @Test(
        "Versions that are none, or more than fit, are malformed",
        arguments: [
            #"{"majors":{"a":0}}"#, #"{"majors":{"a":1000}}"#, #"{"majors":{"a":"1"}}"#,
            #"{"majors":[1]}"#, "{}", "x", "",
            #"{"majors":{""# + String(repeating: "a", count: 4096) + #"":1}}"#,
        ])
    func malformed(text: String) throws {
        var writer = FrameWriter()
        writer.begin(.subscribe, epoch: 7, sequence: 0)
        writer.appendCredit(CreditGrant(messages: 1, bytes: 2))
        writer.appendRecord(Array(text.utf8))
        writer.finish()
        let error = #expect(throws: ProtocolFault.self) { try read(writer) }
        #expect(error?.code == "frame-malformed")
    }
}
