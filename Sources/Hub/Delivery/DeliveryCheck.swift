import Journal
import Messaging

/// Whether a message admitted earlier may still be delivered (配信時の再検査; design §4): its link must stand in
/// the catalogue of today, and its sender must be registered still.
struct DeliveryCheck: Sendable {
    let catalogue: Catalogue
    let registry: Registry
    let zone: ZoneIndex

    func allows(_ view: EnvelopeView, _ envelope: Span<UInt8>, to party: PartyNumber) -> Bool {
        guard let receiver = registry.index(number: party),
            let sender = registry.index(envelope, view.source),
            let topic = catalogue.topicIndex(of: envelope, view.dataschema)
        else { return false }
        let verdict = catalogue.route(
            from: registry[sender].family, to: registry[receiver].family, zone: zone, topic: topic)
        switch verdict {
        case .allowed: return true
        case .forbidden, .notLinked: return false
        }
    }
}
