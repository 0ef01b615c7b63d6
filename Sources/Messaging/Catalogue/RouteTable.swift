/// Every route verdict, worked out when the catalogue is loaded (経路判定表).
struct RouteTable: Sendable {
    private let verdicts: [RouteVerdict]
    /// Place of the verdict by zone, sender, receiver and topic.
    private let places: [UInt16]
    private let families: Int
    private let topics: Int

    init(parts: CatalogueParts, topics entries: [TopicEntry]) {
        var verdicts: [RouteVerdict] = [.notLinked]
        var forbidden: [LinkID: UInt16] = [:]
        for prohibition in parts.forbidden where forbidden[prohibition.id] == nil {
            forbidden[prohibition.id] = UInt16(verdicts.count)
            verdicts.append(.forbidden(prohibition.id))
        }
        let families = parts.participants.count
        let zoneSize = families * families * entries.count
        var places = [UInt16](repeating: 0, count: parts.zones.count * zoneSize)
        let names = Dictionary(
            uniqueKeysWithValues: parts.participants.enumerated().map { ($1.family, $0) })
        for link in parts.links {
            guard let zone = parts.zones.firstIndex(where: { $0.id == link.zone }),
                let from = names[link.from], let to = names[link.to]
            else { continue }
            for message in link.types {
                let verdict = UInt16(verdicts.count)
                verdicts.append(.allowed(RouteRule(link: link.id, message: message)))
                for (topic, entry) in entries.enumerated() where entry.topic.type == message.type {
                    places[((zone * families + from) * families + to) * entries.count + topic] =
                        verdict
                }
            }
        }
        for prohibition in parts.forbidden where prohibition.enforcement == .route {
            guard let verdict = forbidden[prohibition.id] else { continue }
            for (from, sender) in parts.participants.enumerated() {
                for (to, receiver) in parts.participants.enumerated()
                where prohibition.concernsPair(from: sender.family, to: receiver.family) {
                    for (topic, entry) in entries.enumerated()
                    where prohibition.concerns(
                        from: sender.family, to: receiver.family, type: entry.topic.type)
                    {
                        let place = (from * families + to) * entries.count + topic
                        for zone in 0..<parts.zones.count {
                            places[zone * zoneSize + place] = verdict
                        }
                    }
                }
            }
        }
        self.verdicts = verdicts
        self.places = places
        self.families = families
        self.topics = entries.count
    }

    func verdict(
        from: FamilyIndex, to: FamilyIndex, zone: ZoneIndex, topic: TopicIndex
    ) -> RouteVerdict {
        let pair =
            (Int(zone.rawValue) * families + Int(from.rawValue)) * families + Int(to.rawValue)
        return verdicts[Int(places[pair * topics + Int(topic.rawValue)])]
    }
}
