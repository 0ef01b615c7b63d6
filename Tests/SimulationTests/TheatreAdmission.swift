import JSONSchema
import Messaging
import Platform
import Testing

/// What a hub would say to a message of the outside (受付検査): a link, its step, its legal basis, its layout, and no 個人番号 where
/// none may be.
final class TheatreAdmission {
    private static let loaded = Result<Catalogue, any Error> {
        try Catalogue(
            files: try SchemaDirectory.read(Repository.schemas),
            options: CatalogueOptions(lab: true))
    }

    private let catalogue: Catalogue
    private var checker = Checker()

    init() throws { catalogue = try Self.loaded.get() }

    /// Why it would be refused, or nil.
    func refusal(of envelope: Envelope, _ payload: [UInt8], in zone: ZoneID) -> String? {
        let label = "\(envelope.topic) \(envelope.source) → \(envelope.recipients[0])"
        guard let topic = catalogue.topicIndex(of: envelope.topic) else {
            return "\(label): no such version"
        }
        guard let zone = catalogue.zoneIndex(of: zone),
            let from = catalogue.familyIndex(of: envelope.source),
            let to = catalogue.familyIndex(of: envelope.recipients[0]),
            case .allowed(let rule) = catalogue.route(from: from, to: to, zone: zone, topic: topic)
        else { return "\(label): no link" }
        if !rule.steps.isEmpty, !(envelope.step.map { rule.steps.contains($0) } ?? false) {
            return "\(label): step"
        }
        if rule.needsLegalBasis, !rule.legalBases.contains(envelope.legalBasis ?? "") {
            return "\(label): legal basis"
        }
        var scan = NumberScan()
        let verdict = checker.check(
            payload.span, against: catalogue.topic(topic).schema, inspector: &scan)
        guard case .valid = verdict else { return "\(label): \(verdict)" }
        if rule.noIndividualNumber, scan.hits > 0 { return "\(label): 個人番号" }
        return nil
    }
}
