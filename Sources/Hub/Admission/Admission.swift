import BusProtocol
import Crypto
import FoundationEssentials
import JSONSchema
package import Journal
package import Messaging

/// The checks on every published message, in design §6's order, each with its own code (受付検査).
///
/// One scan of the envelope, one of the payload: the same pass yields validity, the order key and the
/// hits of the content scan. It decides nothing about time or place that it is not given.
package struct Admission: ~Copyable {
    private let catalogue: Catalogue
    private let registry: Registry
    private let zone: ZoneIndex
    private let organisation: [UInt8]
    private let laneKey: LaneKey
    private let tagKey: [UInt8]
    private let maxMessageBytes: Int
    private let typeNames: ByteTable
    private let retentions: [Retention]
    private var grants: GrantDesk
    private var checker = Checker()
    private var recipients: [Int] = []

    /// How long the hub may keep a type's content: its class, and days from today (design §7).
    package struct Retention: Sendable {
        package let keyClass: UInt16
        package let days: Int

        /// Content whose end is an event, not a day, is gone when its last recipient has settled; its
        /// key, at the latest, after this many days.
        private static let daysAtMost = 7

        init(_ retention: RetentionClass, in catalogue: Catalogue) {
            let index = catalogue.retentionClasses.firstIndex { $0.name == retention.name } ?? 0
            keyClass = UInt16(index)
            days =
                switch retention.limit {
                case .days(let days): days
                case .seconds: 1
                case .settlementOfCase: Self.daysAtMost
                }
        }
    }

    /// What a message that passed is made of; its bytes are still in the frame.
    package struct Admitted {
        package var recipients: RecipientSet
        /// Indexes into the registry, for delivery.
        package var recipientIndexes: [Int]
        package var lanes: LaneSet
        package var retention: Retention
        package var expiry: Instant?
        package var topic: TopicIndex
        /// The earlier message of the same source that this one names as its cause.
        package var cause: MessageNumber?
    }

    package init(
        catalogue: Catalogue, registry: Registry, zone: ZoneIndex, organisation: OrganisationCode,
        laneKey: LaneKey, tagKey: [UInt8], maxMessageBytes: Int, grants: GrantDesk
    ) {
        self.catalogue = catalogue
        self.registry = registry
        self.zone = zone
        self.organisation = Array(organisation.rawValue.utf8)
        self.laneKey = laneKey
        self.tagKey = tagKey
        self.maxMessageBytes = maxMessageBytes
        self.grants = grants
        typeNames = ByteTable(catalogue.types.map(\.name.rawValue))
        retentions = catalogue.topics.map { Retention($0.retention, in: catalogue) }
    }

    /// The first two questions: can the envelope be read, and does `source` match the key.
    package func identify(
        _ envelope: Span<UInt8>, party: Int
    ) throws(Refusal) -> EnvelopeView {
        let view: EnvelopeView
        do throws(EnvelopeError) {
            view = try EnvelopeView.scan(envelope)
        } catch {
            throw Refusal(
                .envelopeMalformed, pointer: error.attribute.map { "#\($0)" }, detail: error.code)
        }
        // The hub's own mark on what it converts; no sender's.
        guard view.convertedFrom == nil else {
            throw Refusal(.envelopeMalformed, pointer: "#convertedfrom")
        }
        guard registry.index(envelope, view.source) == party else {
            throw Refusal(.sourceForged, pointer: "#source")
        }
        return view
    }

    /// Everything after the number, in order; the number itself is the session's business.
    package mutating func admit(
        _ view: EnvelopeView, envelope: Span<UInt8>, payload: Span<UInt8>, party: Int, now: Instant
    ) throws(Refusal) -> Admitted {
        guard equal(envelope, view.organisation, organisation) else {
            throw Refusal(.organisationMismatch, pointer: "#organisation")
        }
        guard let index = catalogue.topicIndex(of: envelope, view.dataschema) else {
            throw typeNames.find(envelope, view.type) == nil
                ? Refusal(.typeUnknown, pointer: "#type")
                : Refusal(.versionUnknown, pointer: "#dataschema")
        }
        let topic = catalogue.topic(index)
        let rule = try routes(view, envelope, from: party, index, now: now)
        if rule.needsOperator {
            guard view.operatorID != nil else {
                throw Refusal(.operatorMissing, pointer: "#operator")
            }
            guard view.terminal != nil else {
                throw Refusal(.terminalMissing, pointer: "#terminal")
            }
            try examineGrant(view, envelope, from: party, topic.topic.type, now: now)
        }
        if let fault = rule.basisFault { throw fault }
        guard payload.count <= maxMessageBytes else { throw Refusal(.messageTooLarge) }
        let hits = try check(payload, against: topic.schema, scans: rule.noIndividualNumber)
        guard hits == 0 else { throw Refusal(.individualNumberPresent, detail: "R-020") }
        if let expiry = view.expiryInstant, expiry <= now {
            throw Refusal(.expired, pointer: "#expirytime")
        }
        return Admitted(
            recipients: recipients.count == 1
                ? .one(registry[recipients[0]].number)
                : .many(recipients.map { registry[$0].number }),
            recipientIndexes: recipients, lanes: lanes(of: topic, view, envelope, payload),
            retention: retentions[Int(index.rawValue)],
            expiry: view.expiryInstant, topic: index, cause: view.ownCause(in: envelope))
    }

    /// Where a person acts at a terminal: grants, terminal and factor. What a system hands on was examined where
    /// it came in.
    private mutating func examineGrant(
        _ view: EnvelopeView, _ envelope: Span<UInt8>, from party: Int, _ type: MessageTypeName,
        now: Instant
    ) throws(Refusal) {
        guard grants.isActive, catalogue.family(registry[party].family).kind == .terminal,
            let who = view.operatorID, let terminal = view.terminal
        else { return }
        func text(_ range: Range<Int>) -> String {
            var bytes: [UInt8] = []
            for index in range { bytes.append(envelope[index]) }
            return String(decoding: bytes, as: UTF8.self)
        }
        try grants.examine(
            GrantDesk.Command(
                operatorID: text(who), terminal: text(terminal),
                factor: view.authFactor.flatMap { EnvelopeView.factor(envelope, $0) }, type: type,
                sender: registry[party].id),
            now: now)
    }

    /// SHA-256 of the record, and the keyed tag a repeated number is compared by.
    package func digests(
        envelope: Span<UInt8>, payload: Span<UInt8>
    ) -> (digest: Digest32, tag: ContentTag) {
        var hash = SHA256()
        var length = UInt32(envelope.count).bigEndian
        unsafe withUnsafeBytes(of: &length) { unsafe hash.update(bufferPointer: $0) }
        unsafe envelope.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        unsafe payload.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        let digest = Self.words(hash.finalize())
        var keyed = SHA256()
        unsafe tagKey.withUnsafeBytes { unsafe keyed.update(bufferPointer: $0) }
        var words = (
            digest.0.bigEndian, digest.1.bigEndian, digest.2.bigEndian, digest.3.bigEndian
        )
        unsafe withUnsafeBytes(of: &words) { unsafe keyed.update(bufferPointer: $0) }
        let tag = Self.words(keyed.finalize())
        return (Digest32(words: digest), ContentTag(high: tag.0, low: tag.1))
    }

    private static func words(_ digest: SHA256Digest) -> (UInt64, UInt64, UInt64, UInt64) {
        unsafe digest.withUnsafeBytes { bytes in
            func word(_ offset: Int) -> UInt64 {
                UInt64(
                    bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            return (word(0), word(8), word(16), word(24))
        }
    }

    /// Every recipient is known and linked; the strictest rule of all of them holds.
    private mutating func routes(
        _ view: EnvelopeView, _ envelope: Span<UInt8>, from party: Int, _ topic: TopicIndex,
        now: Instant
    ) throws(Refusal) -> Demands {
        try findRecipients(view, envelope, from: party, topic)
        var demands = Demands()
        for recipient in recipients {
            let verdict = catalogue.route(
                from: registry[party].family, to: registry[recipient].family, zone: zone,
                topic: topic)
            switch verdict {
            case .forbidden(let link):
                throw Refusal(.linkForbidden, pointer: "#recipient", detail: link.rawValue)
            case .notLinked: throw Refusal(.linkNotAllowed, pointer: "#recipient")
            case .allowed(let rule):
                try demands.add(rule, view, envelope, in: catalogue, now: now)
            }
        }
        return demands
    }

    /// What the strictest of the links asks of one message.
    private struct Demands {
        var needsOperator = false
        var noIndividualNumber = false
        /// Found while the links were looked at, told after operator and terminal.
        var basisFault: Refusal?

        mutating func add(
            _ rule: RouteRule, _ view: EnvelopeView, _ envelope: Span<UInt8>,
            in catalogue: borrowing Catalogue, now: Instant
        ) throws(Refusal) {
            if !rule.steps.isEmpty {
                guard let step = view.step, rule.admits(step: envelope, step) else {
                    throw Refusal(.stepNotOnLink, pointer: "#step", detail: rule.link.rawValue)
                }
            }
            if rule.needsLegalBasis {
                if view.legalBasis == nil {
                    basisFault = Refusal(.legalBasisMissing, pointer: "#legalbasis")
                } else if let basis = view.legalBasis, !rule.legalBases.isEmpty,
                    !rule.admits(legalBasis: envelope, basis)
                {
                    basisFault = Refusal(
                        .legalBasisNotOnLink, pointer: "#legalbasis", detail: rule.link.rawValue)
                } else if let basis = view.legalBasis,
                    catalogue.legalBasis(of: envelope, basis)?.isInForce(at: now) == false
                {
                    basisFault = Refusal(.legalBasisNotInForce, pointer: "#legalbasis")
                }
            }
            needsOperator = needsOperator || rule.needsOperator
            noIndividualNumber = noIndividualNumber || rule.noIndividualNumber
        }
    }

    private mutating func findRecipients(
        _ view: EnvelopeView, _ envelope: Span<UInt8>, from party: Int, _ topic: TopicIndex
    ) throws(Refusal) {
        recipients.removeAll(keepingCapacity: true)
        var start = view.recipient.lowerBound
        while start < view.recipient.upperBound {
            var end = start
            while end < view.recipient.upperBound, envelope[end] != UInt8(ascii: ",") { end += 1 }
            guard let index = registry.index(envelope, start..<end) else {
                throw unknown(start..<end, in: envelope, from: party, topic)
            }
            if !recipients.contains(index) { recipients.append(index) }
            start = end + 1
        }
        guard !recipients.isEmpty else { throw Refusal(.recipientUnknown, pointer: "#recipient") }
    }

    /// Nobody of that name is registered here; where the catalogue forbids the way to that family, that is the reason.
    private func unknown(
        _ recipient: Range<Int>, in envelope: Span<UInt8>, from party: Int, _ topic: TopicIndex
    ) -> Refusal {
        guard let family = catalogue.familyIndex(ofParticipant: envelope, recipient),
            case .forbidden(let link) = catalogue.route(
                from: registry[party].family, to: family, zone: zone, topic: topic)
        else { return Refusal(.recipientUnknown, pointer: "#recipient") }
        return Refusal(.linkForbidden, pointer: "#recipient", detail: link.rawValue)
    }

    private mutating func check(
        _ payload: Span<UInt8>, against schema: CompiledSchema, scans: Bool
    ) throws(Refusal) -> Int {
        var hits = 0
        let verdict: Verdict
        if scans {
            var scan = NumberScan()
            verdict = checker.check(payload, against: schema, inspector: &scan)
            hits = scan.hits
        } else {
            verdict = checker.check(payload, against: schema)
        }
        switch verdict {
        case .valid: return hits
        case .invalid(let violation):
            throw Refusal(
                .payloadInvalid, pointer: violation.instancePointer,
                detail: "\(violation.keyword) (\(violation.schemaPointer))")
        case .malformed(let fault):
            throw Refusal(.payloadMalformed, detail: "\(fault.code) @\(fault.offset)")
        }
    }

    /// The lanes of the order keys the check captured; a type ordered by case uses the correlation.
    private func lanes(
        of topic: TopicEntry, _ view: EnvelopeView, _ envelope: Span<UInt8>, _ payload: Span<UInt8>
    ) -> LaneSet {
        var lanes: [LaneID] = []
        var first: LaneID?
        for capture in checker.captures where capture.keyword == Catalogue.orderKeyCapture {
            let lane = lane(capture.value, payload.extracting(capture.range))
            if first == nil {
                first = lane
            } else if lane != first, !lanes.contains(lane) {
                lanes.append(lane)
            }
        }
        if let first { return lanes.isEmpty ? .one(first) : .many([first] + lanes) }
        guard topic.type.order == .case else { return .none }
        return .one(laneKey.lane(kind: "case", value: envelope.extracting(view.correlation)))
    }

    /// The lane of one order key as it stands in the payload. An escaped spelling of the same number is
    /// the same person: it is decoded first, which no encoder of digits makes necessary in practice.
    private func lane(_ kind: String, _ value: Span<UInt8>) -> LaneID {
        var isEscaped = false
        for index in value.indices where value[index] == UInt8(ascii: "\\") { isEscaped = true }
        if isEscaped, let text = try? JSONDecoder().decode(String.self, from: Data(copying: value))
        {
            return laneKey.lane(kind: kind, value: Array(text.utf8))
        }
        let inner = value.count >= 2 ? value.extracting(1..<value.count - 1) : value
        return laneKey.lane(kind: kind, value: inner)
    }

    private func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: [UInt8]) -> Bool {
        guard range.count == text.count else { return false }
        for offset in 0..<text.count where bytes[range.lowerBound + offset] != text[offset] {
            return false
        }
        return true
    }
}

extension Data {
    fileprivate init(copying bytes: Span<UInt8>) {
        self.init()
        for index in bytes.indices { append(bytes[index]) }
    }
}

extension EnvelopeView {
    /// The number of the message named as cause, where that is one of the same source.
    func ownCause(in envelope: Span<UInt8>) -> MessageNumber? {
        guard let cause = causation, cause.count > source.count else { return nil }
        for offset in 0..<source.count
        where envelope[cause.lowerBound + offset] != envelope[source.lowerBound + offset] {
            return nil
        }
        guard envelope[cause.lowerBound + source.count] == UInt8(ascii: "~") else { return nil }
        var text: [UInt8] = []
        for index in cause { text.append(envelope[index]) }
        return try? MessageID(String(decoding: text, as: UTF8.self)).number
    }
}
