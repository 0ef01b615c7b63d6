import Foundation
import JSONSchema
import Messaging
import Testing

@Suite("Content is shown only as far as its layout says")
struct MaskingTests {
    static let schema = """
        {"additionalProperties":false,"properties":{
          "number":{"x-privacy":"never","type":"string"},"silent":{},
          "name":{"x-privacy":"masked"},"reason":{"x-privacy":"show"},
          "list":{"x-privacy":"show","items":{"if":{"type":"string"},"then":{"x-privacy":"never"}}},
          "group":{"properties":{"reason":{"$ref":"#/$defs/shown"}}}},
         "$defs":{"shown":{"x-privacy":"show"}}}
        """

    @Test(
        "Each label does what it says",
        arguments: [
            (#"{"number":"999999001049"}"#, #"{"number":"［個人番号 12桁・検査用数字一致］"}"#),
            (#"{"number":"\u00399999900\u003149"}"#, #"{"number":"［非表示 11文字］"}"#),
            (#"{"number":"99999900104\u0039"}"#, #"{"number":"［個人番号 12桁・検査用数字一致］"}"#),
            (#"{"number":"水戸\n太郎"}"#, #"{"number":"［非表示 5文字］"}"#),
            (#"{"silent":true,"name":"水戸"}"#, #"{"silent":"［非表示］","name":"＊＊＊"}"#),
            (#"{"silent":999999001049}"#, #"{"silent":"［個人番号 12桁・検査用数字一致］"}"#),
            (#"{"silent":{"a":[1.50,null]}}"#, nil),
            (#" { "reason" : "死亡" } "#, #"{"reason":"死亡"}"#),
            (#"{"list":[1,"x"]}"#, #"{"list":[1,"［非表示 1文字］"]}"#),
            (#"{"group":{"reason":"転入","x":"y"}}"#, #"{"group":{"reason":"転入","x":"［非表示 1文字］"}}"#),
            (#"{"list":[],"group":{}}"#, #"{"list":[],"group":{}}"#),
        ] as [(String, String?)])
    func labels(payload: String, shown: String?) throws {
        let text = try mask(payload)
        if let shown { #expect(text == shown) }
        #expect((try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil)
    }

    @Test(
        "What its layout refuses is not interpreted",
        arguments: ["", "x", #"{"unknown":"999999001049"}"#, #"{"number":1}"#, "{"])
    func refused(payload: String) throws {
        #expect(try mask(payload) == "［解釈できない内容 \(payload.utf8.count) bytes］")
    }

    @Test("R-024, R-028: No fixture number of any message example is shown")
    func examples() throws {
        let files = try Repository.schemas()
        let catalogue = try Catalogue(
            files: files, options: CatalogueOptions(lab: true, bench: true))
        for entry in catalogue.topics where entry.type.prohibited == nil {
            let name = "messages/\(entry.topic.type)/v\(entry.topic.major).schema.json"
            let root = try #require(
                try JSONSerialization.jsonObject(with: Data(files[name] ?? [])) as? [String: Any])
            let schema = try #require(catalogue.privacySchema(for: entry.topic))
            for example in try #require(root["examples"] as? [Any]) {
                let payload = Array(try JSONSerialization.data(withJSONObject: example))
                let shown = Masking.mask(payload: payload, schema: schema)
                #expect(!shown.contains("解釈できない"))
                for person in ValidatorTests.people {
                    #expect(!shown.contains(person.0), "\(entry.topic)")
                    #expect(!shown.contains(person.1), "\(entry.topic)")
                }
            }
        }
    }

    private func mask(_ payload: String) throws -> String {
        var library = SchemaLibrary(captures: ["x-privacy"])
        try library.add(Array(Self.schema.utf8), uri: "urn:test")
        return Masking.mask(
            payload: Array(payload.utf8), schema: try library.compile("urn:test"))
    }
}
