import Foundation
import JSONSchema
import Messaging
import Testing

@Suite("The catalogue of this repository")
struct CatalogueTests {
    private static let loaded = Result {
        try Catalogue(
            files: Repository.schemas(), options: CatalogueOptions(lab: true, bench: true))
    }

    let catalogue: Catalogue

    init() throws { catalogue = try Self.loaded.get() }

    @Test("Every step of 別添1 has its words, letter by letter")
    func stepTexts() throws {
        struct Row: Decodable {
            let id: String
            let code: String
            let text: String
        }
        let shared = "/work/shared/domain/steps.json"
        var sources = [try Repository.fixture("steps.json")]
        if let original = FileManager.default.contents(atPath: shared) { sources.append(original) }
        for source in sources {
            let rows = try JSONDecoder().decode([Row].self, from: source)
            var expected: [String: String] = [:]
            for row in rows {
                if row.code == "B2-02/03" {
                    expected["B2-02"] = row.text
                    expected["B2-03"] = row.text
                } else {
                    expected[row.code] = row.text
                }
            }
            #expect(expected.count == 52)
            let printed = catalogue.steps.filter { $0.group != "C" }
            #expect(printed.count == 52)
            for step in printed {
                // Swift compares canonically; the words must be the same code points.
                #expect(
                    Array(step.ja.unicodeScalars)
                        == expected[step.id.rawValue].map { Array($0.unicodeScalars) })
                if step.sharesTextWith == nil {
                    #expect(rows.first { $0.code == step.id.rawValue }?.id == step.number)
                }
            }
        }
    }

    @Test(
        "R-020: The steps the assessment marks are exactly these, and their marked messages are scanned"
    )
    func marks() {
        #expect(
            catalogue.steps.filter { $0.mark != nil }.map(\.id.rawValue)
                == ["B1-01", "B2-01", "B3-03", "B3-05"])
        let clean = [
            "notification.accepted", "certificate.issue.request", "move-out-certificate.request",
            "move-in-notice.deliver", "family-register-supplement.deliver",
            "family-register-supplement.apply",
        ]
        for link in catalogue.links {
            for message in link.types where clean.contains(message.type.rawValue) {
                #expect(message.noIndividualNumber, "\(link.id) \(message.type)")
            }
        }
    }

    @Test("Every step is routed, but those that happen inside a system")
    func stepsAreRouted() {
        let silent = Set(["B6-02", "C1-05", "C9", "C12"])
        for step in catalogue.steps {
            let carried = catalogue.links.contains { link in
                link.types.contains { $0.steps.contains(step.id) }
            }
            #expect(carried == !silent.contains(step.id.rawValue), "\(step.id)")
            #expect(carried == !step.messages.isEmpty, "\(step.id)")
        }
    }

    @Test("Links L-01 to L-30 and prohibitions X-01 to X-12 are all there")
    func completeness() {
        func numbers(_ ids: [LinkID]) -> Set<Int> {
            Set(ids.compactMap { Int($0.rawValue.dropFirst(2)) })
        }
        #expect(numbers(catalogue.links.map(\.id)).isSuperset(of: 1...30))
        #expect(numbers(catalogue.forbidden.map(\.id)) == Set(1...12))
    }

    @Test("Every hop of the special move-in (SC-01) is allowed under its link")
    func specialMoveIn() throws {
        let hops = [
            (
                "peerMunicipalCS/08221", "municipalCS", "juki-net",
                "move-out-certificate.deliver/v2", "L-09", "B3-01"
            ),
            (
                "municipalCS", "residentRegister", "juki-net", "move-out-certificate.deliver/v2",
                "L-02", "B3-02"
            ),
            (
                "registerTerminal", "residentRegister", "number-use", "notification.accepted/v2",
                "L-27", "B1-01"
            ),
            (
                "integratedTerminal", "municipalCS", "juki-net", "identity.verify.request/v1",
                "L-10", "B3-03"
            ),
            (
                "municipalCS", "nationalServer", "juki-net", "identity.verify.request/v1", "L-05",
                "B2-03"
            ),
            (
                "nationalServer", "municipalCS", "juki-net", "identity.verify.result/v1", "L-06",
                "B2-04"
            ),
            (
                "municipalCS", "integratedTerminal", "juki-net", "identity.verify.result/v1",
                "L-10", "B2-04"
            ),
            (
                "registerTerminal", "residentRegister", "number-use",
                "register.change.draft.request/v1", "L-27", "B3-04"
            ),
            (
                "registerTerminal", "residentRegister", "number-use",
                "register.change.commit.request/v1", "L-27", "B3-04"
            ),
            (
                "residentRegister", "registerTerminal", "number-use", "register.change.reply/v1",
                "L-27", "B3-04"
            ),
            (
                "residentRegister", "municipalCS", "juki-net", "move-in-notice.deliver/v1", "L-01",
                "B3-05"
            ),
            (
                "residentRegister", "municipalCS", "juki-net", "identity.update.request/v3", "L-01",
                "B3-05"
            ),
            (
                "municipalCS", "residentRegister", "juki-net", "identity.update.reply/v1", "L-02",
                "A1-03"
            ),
            (
                "municipalCS", "peerMunicipalCS/08221", "juki-net", "move-in-notice.deliver/v1",
                "L-09", "B3-05"
            ),
            (
                "municipalCS", "prefecturalServer", "juki-net", "identity.update.notice/v3", "L-03",
                "B3-05"
            ),
            (
                "prefecturalServer", "municipalCS", "juki-net", "identity.update.ack/v1", "L-04",
                "A1-04"
            ),
            (
                "residentRegister", "officeLinkage", "number-use", "resident.sync/v2", "L-11",
                "A1-11"
            ),
            ("officeLinkage", "taxSystem", "number-use", "resident-info.transfer/v1", "L-18", "C5"),
            (
                "officeLinkage", "businessSystem/27", "number-use", "resident-info.transfer/v1",
                "L-18", "C5"
            ),
            (
                "residentRegister", "integratedAddressee", "number-use", "resident.sync/v2", "L-12",
                "A1-11"
            ),
            (
                "residentRegister", "integratedAddressee", "number-use",
                "replica.update.request/v2", "L-12", "A1-12"
            ),
            (
                "integratedAddressee", "intermediateServer", "number-use",
                "replica.update.request/v2", "L-14", "A1-12"
            ),
            (
                "intermediateServer", "integratedAddressee", "number-use",
                "replica.update.reply/v1", "L-14", "A1-12"
            ),
            (
                "integratedAddressee", "residentRegister", "number-use", "replica.update.reply/v1",
                "L-13", "A1-12"
            ),
            (
                "residentRegister", "certificateIssuance", "lgwan", "certificate-data.update/v1",
                "L-19", "A1-13"
            ),
            (
                "certificateIssuance", "residentRegister", "lgwan", "certificate-data.ack/v1",
                "L-19", "A1-13"
            ),
            (
                "integratedAddressee", "intermediateServer", "number-use",
                "addressee-pair.register.request/v1", "L-14", "A5-01"
            ),
            (
                "intermediateServer", "integratedAddressee", "number-use",
                "processing-number.issued/v1", "L-14", "A5-01"
            ),
            (
                "intermediateServer", "integratedAddressee", "number-use",
                "link-code.acquire.request/v1", "L-14", "A5-02"
            ),
            (
                "integratedAddressee", "residentRegister", "number-use",
                "link-code.acquire.request/v1", "L-13", "A5-02"
            ),
            (
                "residentRegister", "municipalCS", "juki-net", "link-code.acquire.request/v1",
                "L-01", "A5-02"
            ),
            (
                "municipalCS", "nationalServer", "juki-net", "link-code.acquire.request/v1", "L-05",
                "A5-03"
            ),
            (
                "infoNetwork", "intermediateServer", "number-use", "link-code.issued/v1", "L-15",
                "A5-04"
            ),
            (
                "residentRegister", "municipalCS", "juki-net",
                "family-register-supplement.deliver/v1", "L-01", "A4-01"
            ),
            (
                "municipalCS", "peerMunicipalCS/09201", "juki-net",
                "family-register-supplement.deliver/v1", "L-09", "A4-02"
            ),
            (
                "residentRegister", "familyRegister", "number-use",
                "family-register-supplement.apply/v1", "L-26", "A4-04"
            ),
            (
                "familyRegister", "residentRegister", "number-use",
                "family-register-supplement.ack/v1", "L-26", "A4-04"
            ),
            (
                "integratedTerminal", "municipalCS", "juki-net", "card.continued-use.request/v1",
                "L-10", "B3-06"
            ),
            (
                "municipalCS", "cardManagement", "juki-net", "card.continued-use.request/v1",
                "L-08", "B3-06"
            ),
            (
                "cardManagement", "municipalCS", "juki-net", "card.continued-use.ack/v1", "L-08",
                "B3-06"
            ),
            (
                "municipalCS", "integratedTerminal", "juki-net", "card.continued-use.ack/v1",
                "L-10", "B3-06"
            ),
        ]
        for (from, to, zone, topic, link, step) in hops {
            guard case .allowed(let rule) = try verdict(from, to, zone, topic) else {
                Issue.record("\(from) → \(to) \(topic) is not allowed")
                continue
            }
            #expect(rule.link.rawValue == link)
            #expect(rule.steps.map(\.rawValue).contains(step), "\(from) → \(to) \(topic)")
            #expect(admits(rule, step: step))
            #expect(!admits(rule, step: String(step.dropLast())))
        }
    }

    @Test("What a way demands is on its rule")
    func demands() throws {
        guard
            case .allowed(let notice) = try verdict(
                "municipalCS", "prefecturalServer", "juki-net", "identity.update.notice/v3"),
            case .allowed(let hop) = try verdict(
                "integratedAddressee", "intermediateServer", "number-use",
                "replica.update.request/v2"),
            case .allowed(let terminal) = try verdict(
                "integratedTerminal", "municipalCS", "juki-net", "identity.verify.request/v1")
        else {
            Issue.record("a way is not allowed")
            return
        }
        #expect(notice.needsLegalBasis)
        #expect(!notice.needsOperator)
        #expect(!notice.noIndividualNumber)
        #expect(admits(notice, legalBasis: "juki-law-30-6"))
        #expect(!admits(notice, legalBasis: "juki-law-14"))
        #expect(hop.noIndividualNumber)
        #expect(terminal.needsOperator)
    }

    @Test("R-006: Default is deny: the wrong zone, the wrong direction, the wrong type")
    func deny() throws {
        #expect(
            try verdict(
                "residentRegister", "municipalCS", "number-use", "identity.update.request/v3")
                == .notLinked)
        #expect(
            try verdict("prefecturalServer", "municipalCS", "juki-net", "identity.update.notice/v3")
                == .notLinked)
        #expect(
            try verdict("residentRegister", "officeLinkage", "number-use", "link-code.issued/v1")
                == .notLinked)
    }

    @Test(
        "R-001, R-002, R-003, R-004, R-007, R-008: Every pair of a prohibition is refused under its number, in every zone"
    )
    func prohibitions() throws {
        var checked: [LinkID: Int] = [:]
        for prohibition in catalogue.forbidden where prohibition.enforcement == .route {
            for sender in catalogue.participants {
                for receiver in catalogue.participants {
                    for entry in catalogue.topics
                    where prohibition.concerns(
                        from: sender.family, to: receiver.family, type: entry.topic.type)
                    {
                        for zone in catalogue.zones {
                            let verdict = catalogue.route(
                                from: try index(of: sender), to: try index(of: receiver),
                                zone: try #require(catalogue.zoneIndex(of: zone.id)),
                                topic: entry.index)
                            guard case .forbidden = verdict else {
                                Issue.record("\(prohibition.id) lets \(sender.family) through")
                                continue
                            }
                            checked[prohibition.id, default: 0] += 1
                        }
                    }
                }
            }
        }
        #expect(
            Set(checked.keys.map(\.rawValue))
                == ["X-01", "X-02", "X-03", "X-05", "X-06", "X-07", "X-08", "X-12"])
    }

    @Test(
        "R-001, R-002, R-003: Prohibitions that the assessment spells out, by hand",
        arguments: [
            ("municipalCS", "integratedAddressee", "resident.sync/v2", "X-01"),
            ("integratedAddressee", "municipalCS", "link-code.acquire.request/v1", "X-01"),
            ("officeLinkage", "municipalCS", "identity.update.request/v3", "X-03"),
            ("municipalCS", "familyRegister", "family-register-supplement.apply/v1", "X-02"),
            ("intermediateServer", "municipalCS", "link-code.acquire.request/v1", "X-02"),
            ("businessSystem/3", "municipalCS", "identity.verify.request/v1", "X-02"),
            ("peerMunicipalCS/08221", "municipalCS", "identity.update.request/v3", "X-03"),
            ("residentRegister", "infoNetwork", "replica.update.request/v2", "X-05"),
            ("infoNetwork", "residentRegister", "link-code.issued/v1", "X-05"),
            ("residentRegister", "intermediateServer", "info-inquiry.request/v1", "X-06"),
            ("eApplication", "residentRegister", "notification.accepted/v2", "X-07"),
            ("certificateIssuance", "residentRegister", "certificate-data.update/v1", "X-08"),
            ("cloudOperator/a", "residentRegister", "audit.record/v1", "X-12"),
            ("intermediateServer", "platformOperator/a", "audit.record/v1", "X-12"),
        ])
    func byHand(from: String, to: String, topic: String, link: String) throws {
        for zone in catalogue.zones {
            #expect(
                try verdict(from, to, zone.id.rawValue, topic) == .forbidden(try LinkID(link)))
        }
    }

    @Test("R-009: X-04 is not linked, but no prohibition (corrections 3)")
    func notLinked() throws {
        #expect(
            try verdict(
                "residentRegister", "intermediateServer", "number-use", "replica.update.request/v2")
                == .notLinked)
    }

    @Test("Everybody in a zone may leave a record, and only there")
    func records() throws {
        for participant in catalogue.participants where participant.kind != .hub {
            for zone in catalogue.zones {
                let verdict = catalogue.route(
                    from: try index(of: participant), to: try #require(try family("hub")),
                    zone: try #require(catalogue.zoneIndex(of: zone.id)),
                    topic: try #require(try catalogue.topicIndex(of: Topic("audit.record/v1"))))
                let isThere = participant.zones.contains(zone.id) && participant.kind != .lab
                if case .allowed(let rule) = verdict {
                    #expect(isThere)
                    #expect(rule.link.rawValue == "L-28")
                } else {
                    #expect(!isThere, "\(participant.family)")
                }
            }
        }
    }

    @Test(
        "A name that is none of its family's members is unknown",
        arguments: [
            "peerMunicipalCS", "peerMunicipalCS/0822", "peerMunicipalCS/082210",
            "peerMunicipalCS/0822a",
            "municipalCS/1", "businessSystem/x", "businessSystem/1234", "operator", "nobody",
            "municipalC",
        ])
    func strangers(text: String) throws {
        #expect(try catalogue.familyIndex(of: ParticipantID(text)) == nil)
    }

    @Test("Topics are found by bytes; unknown ones are not")
    func topics() throws {
        for entry in catalogue.topics {
            #expect(find(entry.topic.rawValue) == entry.index)
            #expect(catalogue.topic(entry.index) === entry)
        }
        for text in [
            "identity.update.notice/v4", "identity.update.notice", "",
            "register.change.committed/v1",
        ] {
            #expect(find(text) == nil)
        }
        #expect(try catalogue.knowsType(MessageTypeName("register.change.committed")))
    }

    @Test(
        "R-007: A prohibited type is known, so that it is refused by name, and no payload satisfies it"
    )
    func prohibitedType() throws {
        let index = try #require(try catalogue.topicIndex(of: Topic("info-inquiry.request/v1")))
        var checker = Checker()
        let verdict = checker.check(Array("{}".utf8).span, against: catalogue.topic(index).schema)
        #expect(!verdict.isValid)
    }

    @Test("Link codes, pairs and processing numbers order by case, and nothing by 個人番号 or 符号")
    func orders() {
        for entry in catalogue.topics {
            for prefix in ["link-code.", "addressee-pair.", "processing-number."]
            where entry.topic.type.rawValue.hasPrefix(prefix) {
                #expect(entry.type.order == .case)
                #expect(entry.retention.limit == .settlementOfCase)
            }
        }
        #expect(
            Set(catalogue.identifiers.filter { !$0.orders }.map(\.kind))
                .isSuperset(of: ["individualNumber", "linkCode"]))
    }

    @Test("R-093: 送付先情報 is in no backup")
    func backups() throws {
        #expect(catalogue.retentionClass("mailing-address")?.backup == false)
        for name in ["mailing-address.extracted", "mailing-address.notify"] {
            #expect(try catalogue.type(MessageTypeName(name))?.retention == "mailing-address")
        }
    }

    @Test("Successors and consequences say what is conditional")
    func causality() throws {
        let committed = try #require(try catalogue.step(StepID("A1-02")))
        #expect(!committed.next.contains { !$0.conditional })
        let update = catalogue.consequences(
            of: try MessageTypeName("identity.update.request"), in: try StepID("A1-03"))
        #expect(update.map(\.type.rawValue) == ["identity.update.reply", "identity.update.notice"])
        let second = catalogue.consequences(
            of: try MessageTypeName("link-code.acquire.request"), in: try StepID("A5-03"))
        #expect(second.map(\.type.rawValue) == ["link-code.issued"])
    }

    @Test("Lab and bench are absent unless asked for, and the digest does not depend on them")
    func additions() throws {
        let plain = try Catalogue(files: Repository.schemas())
        #expect(try plain.topicIndex(of: Topic("lab.state.request/v1")) == nil)
        #expect(try plain.topicIndex(of: Topic("bench.message/v1")) == nil)
        #expect(try plain.familyIndex(of: ParticipantID("labObserver")) == nil)
        #expect(plain.digest == catalogue.digest)
        #expect(plain.digestHex.count == 64)
        var files = try Repository.schemas()
        files["catalogue/zones.json"]?.append(UInt8(ascii: "\n"))
        #expect(try Catalogue(files: files).digest != plain.digest)
    }

    private func verdict(
        _ from: String, _ to: String, _ zone: String, _ topic: String
    ) throws -> RouteVerdict {
        catalogue.route(
            from: try #require(try family(from)), to: try #require(try family(to)),
            zone: try #require(try catalogue.zoneIndex(of: ZoneID(zone))),
            topic: try #require(try catalogue.topicIndex(of: Topic(topic))))
    }

    private func admits(_ rule: RouteRule, step: String) -> Bool {
        let span = step.utf8.span
        return rule.admits(step: span, 0..<span.count)
    }

    private func admits(_ rule: RouteRule, legalBasis: String) -> Bool {
        let span = legalBasis.utf8.span
        return rule.admits(legalBasis: span, 0..<span.count)
    }

    private func find(_ topic: String) -> TopicIndex? {
        catalogue.topicIndex(of: topic.utf8.span)
    }

    private func family(_ name: String) throws -> FamilyIndex? {
        catalogue.familyIndex(of: try ParticipantID(name))
    }

    private func index(of participant: ParticipantFamily) throws -> FamilyIndex {
        let instance =
            switch participant.instance {
            case .none: ""
            case .municipality: "/08221"
            case .number: "/1"
            case .name: "/a"
            }
        return try #require(try family(participant.family + instance))
    }
}
