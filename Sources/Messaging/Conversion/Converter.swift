internal import JSONSchema

/// Hands messages to receivers in the version they speak (版変換器), one neighbour at a time.
///
/// For one thread. It stands beside the hot path: a message that is of its receiver's version never comes here.
package struct Converter: ~Copyable {
    private let catalogue: Catalogue
    private var checker = Checker()

    package init(_ catalogue: Catalogue) { self.catalogue = catalogue }

    /// A message in another version.
    package struct Converted: Sendable {
        /// With the other `type`, `dataschema`, and `convertedfrom`.
        package let envelope: [UInt8]
        package let payload: [UInt8]
        /// Pointers of the values that were dropped.
        package let lost: [String]
    }

    /// Converts a message that is in the catalogue as `from` into the version `to` of the same type.
    ///
    /// Throws where a value would be lost and the receiver does not accept that, or where the other version
    /// cannot say it.
    package mutating func convert(
        envelope: [UInt8], payload: [UInt8], from: TopicIndex, to: TopicIndex, acceptsLoss: Bool
    ) throws(ConversionFailure) -> Converted {
        let source = catalogue.topic(from).topic
        let target = catalogue.topic(to)
        guard var tree = JSONTree.parse(payload), var header = try? Envelope(parsing: envelope)
        else { throw ConversionFailure(.invalid) }
        let sent = Conversion.Sent(id: header.id.rawValue, day: header.time.day)
        var lost: [String] = []
        var major = source.major
        while major != target.topic.major {
            let next = catalogue.neighbour(of: major, towards: target.topic.major, in: source.type)
            guard let next, let step = catalogue.conversion(source.type, from: major, to: next)
            else { throw ConversionFailure(.missing) }
            try step.apply(to: &tree, sent: sent, lost: &lost)
            major = next
        }
        guard lost.isEmpty || acceptsLoss else {
            throw ConversionFailure(.wouldLose, pointers: lost)
        }
        let converted = tree.encoded()
        switch checker.check(converted.span, against: target.schema) {
        case .valid: break
        case .invalid(let violation):
            throw ConversionFailure(.invalid, pointers: [violation.instancePointer])
        case .malformed: throw ConversionFailure(.invalid)
        }
        header.topic = target.topic
        header.convertedFrom = source
        return Converted(
            envelope: header.encoded(), payload: converted,
            lost: Array(lost.prefix(ConversionFailure.pointerLimit)))
    }
}
