import Foundation
import Messaging
import Participant
import ParticipantStore
import Testing

/// What people at the 統合端末 and servers on 住基ネット do to the CS, one act each (市町村CSの試験の手順).
extension City {
    static let p04 = "88888001047"

    /// Sends to the CS; the example of the layout, changed.
    @discardableResult
    func toCS(
        _ topic: String, from: String, step: String? = nil, correlation: String = "case-1",
        number: Int = 0, by operatorID: String? = nil,
        change: (inout JSONFields) -> Void = { _ in }
    ) throws -> Settlement {
        var fields = try Layouts.example(topic, files, number: number)
        change(&fields)
        return try send(
            Injection(
                topic: topic, from: from, to: "municipalCS", zone: "juki-net", fields: fields,
                correlation: correlation, step: step, operatorID: operatorID,
                terminal: operatorID.map { _ in "IT-01" }))
    }

    /// A1-03 of P04; the code of the refusal.
    @discardableResult
    func identityIsUpdated(
        _ reason: String = "moveIn", sequence: Int64 = 1,
        change: (inout JSONFields) -> Void = { _ in }
    ) throws -> String? {
        try toCS(
            "identity.update.request/v3", from: "residentRegister", step: "A1-03"
        ) { fields in
            fields["moveReason"] = .text(reason)
            fields["updateSequence"] = .integer(sequence)
            fields["previousMunicipalityCode"] = .null
            change(&fields)
        }
        return messages("identity.update.reply").last?.fields["code"]?.text
    }

    /// A person the CS holds, as a 転入 from abroad: nothing waits.
    func csHolds(_ code: String, number: String?, change: (inout JSONFields) -> Void = { _ in })
        throws
    {
        let refusal = try identityIsUpdated {
            $0["juminhyoCode"] = .text(code)
            $0["individualNumber"] = number.map { .text($0) } ?? .null
            change(&$0)
        }
        #expect(refusal == nil)
    }

    func fact(_ name: String, of code: String? = nil) throws -> JSONValue? {
        try facts("municipalCS", code.map { ["juminhyoCode": .text($0)] })[name]
    }

    /// The last message of a type that went to somebody.
    func last(_ type: String, to recipient: String) throws -> Passed {
        try #require(messages(type, to: recipient).last, "no \(type) to \(recipient)")
    }
}

extension Layouts {
    /// The names of the fields of a layout.
    static func fields(_ topic: String, _ files: [String: [UInt8]]) throws -> [String] {
        struct Schema: Decodable { let properties: [String: JSONValue] }
        let file = try #require(files["messages/\(topic).schema.json"])
        // Fractions do not occur in these layouts.
        return try JSONDecoder().decode(Schema.self, from: Data(file)).properties.keys.sorted()
    }
}
