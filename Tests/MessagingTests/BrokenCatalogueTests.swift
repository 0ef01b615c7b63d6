import Foundation
import Messaging
import Testing

@Suite("A broken catalogue is refused with file and pointer")
struct BrokenCatalogueTests {
    /// One change to one file, and where the error must point.
    struct Break: Sendable, CustomTestStringConvertible {
        let file: String
        let part: String
        let replacement: String
        let pointer: String
        var errorFile: String?

        var testDescription: String { "\(file): \(part) → \(replacement)" }
    }

    static let breaks = [
        Break(
            file: "catalogue/zones.json", part: "\"id\": \"lgwan\"",
            replacement: "\"id\": \"LGWAN\"", pointer: "/zones/2/id"),
        Break(
            file: "catalogue/zones.json", part: "\"id\": \"lgwan\"",
            replacement: "\"id\": \"juki-net\"", pointer: "/zones/2/id"),
        Break(
            file: "catalogue/zones.json", part: "{\n", replacement: "{\"extra\":1,",
            pointer: "/extra"),
        Break(file: "catalogue/zones.json", part: "]", replacement: "", pointer: ""),
        Break(
            file: "catalogue/participants.json", part: "\"zones\": [\"juki-net\"]",
            replacement: "\"zones\": [\"moon\"]", pointer: "/participants/1/zones/0"),
        Break(
            file: "catalogue/participants.json", part: "\"family\": \"municipalCS\"",
            replacement: "\"family\": \"residentRegister\"", pointer: "/participants/1/family"),
        Break(
            file: "catalogue/links.json", part: "\"from\": \"residentRegister\"",
            replacement: "\"from\": \"nobody\"", pointer: "/links/0/from"),
        Break(
            file: "catalogue/links.json", part: "\"zone\": \"juki-net\"",
            replacement: "\"zone\": \"moon\"", pointer: "/links/0/zone"),
        Break(
            file: "catalogue/links.json", part: "\"zone\": \"juki-net\"",
            replacement: "\"zone\": \"lgwan\"", pointer: "/links/0/to"),
        Break(
            file: "catalogue/links.json", part: "\"identity.update.request\"",
            replacement: "\"identity.update.requests\"", pointer: "/links/0/types/0/type"),
        Break(
            file: "catalogue/links.json", part: "\"B1-03\"", replacement: "\"B1-99\"",
            pointer: "/links/0/types/0/steps/1"),
        Break(
            file: "catalogue/links.json", part: "juki-law-30-6", replacement: "juki-law-30-7",
            pointer: "/links/2/types/0/bases/0"),
        Break(
            file: "catalogue/links.json", part: "\"legalBasis\": true",
            replacement: "\"legalBasis\": false", pointer: "/links/2/types/0"),
        Break(
            file: "catalogue/links.json", part: "individual-number.generate.request",
            replacement: "identity.update.request", pointer: "/links/0/types/1"),
        Break(
            file: "catalogue/links.json", part: "\"to\": \"municipalCS\"",
            replacement: "\"to\": \"integratedAddressee\"", pointer: "/links/0/to"),
        Break(
            file: "catalogue/forbidden.json", part: "\"from\": [\"municipalCS\"]",
            replacement: "\"from\": [\"nobody\"]", pointer: "/forbidden/0/from/0"),
        Break(
            file: "catalogue/forbidden.json", part: "\"info-inquiry.request\"",
            replacement: "\"info-inquiry.requests\"", pointer: "/forbidden/6/types/0"),
        Break(
            file: "catalogue/forbidden.json", part: "\"to\": [\"integratedAddressee\"]",
            replacement: "\"to\": [\"prefecturalServer\"]", pointer: "/links/2/types/0",
            errorFile: "catalogue/links.json"),
        Break(
            file: "catalogue/steps.json", part: "\"step\": \"A1-02\"",
            replacement: "\"step\": \"A1-92\"", pointer: "/steps/0/next/0/step"),
        Break(
            file: "catalogue/steps.json", part: "\"messages\": [\"notification.accepted\"]",
            replacement: "\"messages\": [\"notification\"]", pointer: "/steps/0/messages/0"),
        Break(
            file: "catalogue/steps.json", part: "\"group\": \"A1\"",
            replacement: "\"group\": \"A9\"", pointer: "/steps/0/group"),
        Break(
            file: "catalogue/types.json", part: "\"retention\": \"transit-7d\"",
            replacement: "\"retention\": \"for-ever\"", pointer: "/types/0/retention"),
        Break(
            file: "catalogue/types.json", part: "\"replyTo\": \"register.change.draft.request\"",
            replacement: "\"replyTo\": \"nothing\"", pointer: "/types/3/replyTo"),
        Break(
            file: "catalogue/types.json", part: "\"prohibited\": \"X-06\"",
            replacement: "\"prohibited\": \"X-66\"", pointer: "/types/81/prohibited"),
        Break(
            file: "catalogue/types.json", part: "\"majors\": [1, 2],",
            replacement: "\"majors\": [1, 2, 9],", pointer: "",
            errorFile: "messages/notification.accepted/v9.schema.json"),
        Break(
            file: "catalogue/types.json", part: "\"majors\": [1, 2],",
            replacement: "\"majors\": [1, 1],", pointer: "/types/0/majors"),
        Break(
            file: "catalogue/types.json", part: "\"order\": \"case\"",
            replacement: "\"order\": \"person\"", pointer: "",
            errorFile: "messages/notification.accepted/v1.schema.json"),
        Break(
            file: "catalogue/retention.json", part: "\"days\": 7",
            replacement: "\"days\": 7, \"seconds\": 7", pointer: "/classes/0"),
        Break(
            file: "catalogue/causality.json", part: "\"step\": \"B3-02\"",
            replacement: "\"step\": \"B3-92\"", pointer: "/causality/0/then/0/step"),
        Break(
            file: "catalogue/catalogue.schema.json", part: "\"minItems\"",
            replacement: "\"minItem\"", pointer: "/$defs/zones/properties/zones/minItem"),
        Break(
            file: "messages/identity.update.notice/v3.schema.json", part: "\"examples\"",
            replacement: "\"x-examples\"", pointer: "/examples"),
        Break(
            file: "messages/identity.update.notice/v3.schema.json",
            part: "\"x-privacy\": \"never\",\n      \"x-order-key\": \"juminhyoCode\"",
            replacement: "\"x-order-key\": \"juminhyoCode\"",
            pointer: "/properties/juminhyoCode/x-privacy"),
        Break(
            file: "messages/identity.update.notice/v3.schema.json",
            part: "\"x-order-key\": \"juminhyoCode\"",
            replacement: "\"x-order-key\": \"individualNumber\"",
            pointer: "/properties/juminhyoCode/x-order-key"),
        Break(
            file: "messages/identity.update.notice/v3.schema.json",
            part: "\"x-order-key\": \"juminhyoCode\"", replacement: "\"x-order-key\": \"shoeSize\"",
            pointer: "/properties/juminhyoCode/x-order-key"),
        Break(
            file: "messages/identity.update.notice/v3.schema.json", part: "\"x-item\": \"F2-13\",",
            replacement: "\"x-item\": \"F2-13\", \"x-technical-id\": true,",
            pointer: "/properties/individualNumber/x-technical-id"),
        Break(
            file: "messages/identity.update.notice/v3.schema.json", part: "\"nameKanji\"",
            replacement: "\"personId\"", pointer: "/properties/personId"),
        Break(
            file: "messages/identity.update.notice/v3.schema.json",
            part: "urn:jukihub:messages:identity.update.notice:v3",
            replacement: "urn:jukihub:messages:identity.update.notice:v2", pointer: "/$id"),
        Break(
            file: "messages/identity.update.request/v3.schema.json", part: "\"nameKanji\"",
            replacement: "\"addresseeNumber\"", pointer: "/properties/addresseeNumber"),
        Break(
            file: "messages/resident.sync/v1.schema.json", part: "\"nameKanji\"",
            replacement: "\"linkCode\"", pointer: "/properties/linkCode"),
    ]

    @Test("Each defect is found where it is", arguments: breaks)
    func defects(change: Break) throws {
        var files = try Repository.schemas()
        let text = String(decoding: files[change.file] ?? [], as: UTF8.self)
        let range = try #require(text.range(of: change.part), "\(change.file) lacks \(change.part)")
        let broken = text.replacingCharacters(in: range, with: change.replacement)
        files[change.file] = Array(broken.utf8)
        do {
            _ = try Catalogue(files: files)
            Issue.record("the catalogue was accepted")
        } catch {
            #expect(error.file == change.errorFile ?? change.file)
            #expect(error.pointer == change.pointer, "\(error)")
            #expect(!error.reason.isEmpty)
        }
    }

    @Test(
        "A missing file is named",
        arguments: [
            "zones", "participants", "links", "forbidden", "steps", "types", "legal-bases",
            "retention", "functions",
            "causality", "catalogue.schema",
        ])
    func missing(name: String) throws {
        var files = try Repository.schemas()
        files["catalogue/\(name).json"] = nil
        #expect(
            throws: CatalogueError(
                file: "catalogue/\(name).json", pointer: "", reason: "the file is missing")
        ) {
            try Catalogue(files: files)
        }
    }

    @Test("A missing layout is named, and lab's only where lab is loaded")
    func missingLayout() throws {
        var files = try Repository.schemas()
        let file = "messages/lab.state.request/v1.schema.json"
        files[file] = nil
        _ = try Catalogue(files: files)
        do {
            _ = try Catalogue(files: files, options: CatalogueOptions(lab: true))
            Issue.record("the catalogue was accepted")
        } catch {
            #expect(error.file == file)
        }
    }

    @Test("An example that breaks its own layout is a defect")
    func badExample() throws {
        var files = try Repository.schemas()
        let file = "messages/link-code.issued/v1.schema.json"
        let text = String(decoding: files[file] ?? [], as: UTF8.self)
        let broken = text.replacingOccurrences(of: "XLAB0000SYNTHETIC", with: "！")
        try #require(broken != text)
        files[file] = Array(broken.utf8)
        do {
            _ = try Catalogue(files: files)
            Issue.record("the catalogue was accepted")
        } catch {
            #expect(error.file == file)
            #expect(error.pointer == "/examples/0/linkCode")
        }
    }

    @Test("Cut and garbled files never crash the loader")
    func fuzz() throws {
        let files = try Repository.schemas()
        var dice = Dice(seed: 5)
        for name in files.keys.sorted() where name.hasPrefix("catalogue/") {
            for _ in 0..<4 {
                var changed = files
                var bytes = changed[name] ?? []
                let place = Int.random(in: 0..<bytes.count, using: &dice)
                if Bool.random(using: &dice) {
                    bytes[place] = UInt8.random(in: 0...255, using: &dice)
                } else {
                    bytes.removeSubrange(place...)
                }
                changed[name] = bytes
                _ = Result { () throws(CatalogueError) in try Catalogue(files: changed) }
            }
        }
    }
}
