package import BusProtocol
package import Messaging

/// In which version one receiver takes each topic (受信者の版), by the topic's number.
///
/// A type it does not name is taken in the newest version there is.
package struct SpokenVersions: Sendable {
    private let targets: [TopicIndex?]

    /// Throws `version-unknown` for a type or version that the catalogue has not.
    package init(_ majors: [String: Int], in catalogue: Catalogue) throws(ProtocolFault) {
        var wanted: [MessageTypeName: Int] = [:]
        for (name, major) in majors {
            guard let type = try? MessageTypeName(name),
                catalogue.topicIndex(of: Topic(type: type, major: major)) != nil
            else {
                throw ProtocolFault(.versionUnknown, "SUBSCRIBE names a version there is not")
            }
            wanted[type] = major
        }
        self.init(wanted: wanted, in: catalogue)
    }

    /// Who says nothing takes the newest of everything.
    package init(newestOf catalogue: Catalogue) { self.init(wanted: [:], in: catalogue) }

    private init(wanted: [MessageTypeName: Int], in catalogue: Catalogue) {
        targets = catalogue.topics.map { entry in
            let type = entry.topic.type
            let major = wanted[type] ?? catalogue.newestMajor(of: type) ?? entry.topic.major
            guard major != entry.topic.major else { return nil }
            return catalogue.topicIndex(of: Topic(type: type, major: major))
        }
    }

    /// The topic to convert to; nil where the message goes out as it was sent.
    package func target(of topic: TopicIndex) -> TopicIndex? { targets[Int(topic.rawValue)] }
}
