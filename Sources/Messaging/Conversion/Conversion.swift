/// How a message of one version becomes one of the neighbouring version (版変換), as data.
package struct Conversion: Hashable, Sendable {
    package let type: MessageTypeName
    package let from: Int
    package let to: Int
    let operations: [ConversionOperation]

    /// What of a message's envelope a conversion may use.
    struct Sent {
        let id: String
        let day: CivilDate
    }

    /// Changes `payload`; the pointers of values that were dropped are appended to `lost`. Throws where the
    /// other version cannot say it.
    func apply(
        to payload: inout JSONTree, sent: Sent, lost: inout [String]
    ) throws(ConversionFailure) {
        for operation in operations {
            try apply(operation, to: &payload, sent: sent, lost: &lost)
        }
    }

    private func apply(
        _ operation: ConversionOperation, to payload: inout JSONTree, sent: Sent,
        lost: inout [String]
    ) throws(ConversionFailure) {
        switch operation {
        case .add(let path, let value):
            payload.visit(path) { members, name, _ in
                if members[name] == nil { members[name] = value }
            }
        case .addFromEnvelope(let path, let source):
            payload.visit(path) { members, name, _ in
                if members[name] == nil { members[name] = source.value(sent) }
            }
        case .drop(let path, let lossless):
            payload.visit(path) { members, name, pointer in
                guard let value = members.removeValue(forKey: name) else { return }
                if !lossless.covers(value) { lost.append(pointer) }
            }
        case .wrap(let path, let member, let others):
            payload.visit(path) { members, name, _ in
                guard let value = members[name] else { return }
                var object = others
                object[member] = value
                members[name] = .object(object)
            }
        case .unwrap(let path, let member, let lossless):
            payload.visit(path) { members, name, pointer in
                guard case .object(let object)? = members[name] else { return }
                for (other, value) in object.sorted(by: { $0.key < $1.key }) where other != member {
                    if !(lossless[other] ?? .values([])).covers(value) {
                        lost.append("\(pointer)/\(other)")
                    }
                }
                members[name] = object[member] ?? .null
            }
        case .rename(let path, let newName):
            payload.visit(path) { members, name, _ in
                if let value = members.removeValue(forKey: name) { members[newName] = value }
            }
        case .map(let path, let values, let lossy):
            payload.visit(path) { members, name, pointer in
                guard let value = members[name] else { return }
                if lossy.contains(value) { lost.append(pointer) }
                if let other = values[value] { members[name] = other }
            }
        case .refuse(let path, let condition, let byReceiver):
            var refused: [String] = []
            let whole = payload
            payload.visit(path) { members, name, pointer in
                if condition.holds(for: members[name], in: whole) { refused.append(pointer) }
            }
            if !refused.isEmpty {
                throw ConversionFailure(
                    byReceiver ? .leftToReceiver : .refused, pointers: refused)
            }
        }
    }
}

extension ConversionOperation.Source {
    fileprivate func value(_ sent: Conversion.Sent) -> JSONTree {
        switch self {
        case .id: .string(sent.id)
        case .date(let days): .string(sent.day.adding(days: days).iso)
        }
    }
}

extension ConversionOperation.Condition {
    fileprivate func holds(for value: JSONTree?, in whole: JSONTree) -> Bool {
        switch self {
        case .always: return true
        case .present: return value != nil && value != .null
        case .equals(let wanted): return value == wanted
        case .equalsFrom(let wanted, let path, let from):
            guard value == wanted else { return false }
            // A date written without hyphens compares like one with them.
            let day = whole.value(at: path)?.text?.filter { $0 != "-" } ?? ""
            return day >= from.filter { $0 != "-" }
        }
    }
}

extension JSONTree {
    /// Calls `body` with the members that hold each place of `path`, the last name and its pointer.
    fileprivate mutating func visit(
        _ path: ConversionPath, _ body: (inout [String: JSONTree], String, String) -> Void
    ) {
        visit(path.segments[...], at: "", body)
    }

    private mutating func visit(
        _ segments: ArraySlice<String>, at pointer: String,
        _ body: (inout [String: JSONTree], String, String) -> Void
    ) {
        guard let name = segments.first else { return }
        switch self {
        case .object(var members):
            // Taken out while it is changed, so that nothing is copied.
            self = .null
            if segments.count == 1 {
                body(&members, name, "\(pointer)/\(name)")
            } else {
                members[name]?.visit(segments.dropFirst(), at: "\(pointer)/\(name)", body)
            }
            self = .object(members)
        case .array(var values):
            guard name == "*" else { return }
            self = .null
            for index in values.indices {
                values[index].visit(segments.dropFirst(), at: "\(pointer)/\(index)", body)
            }
            self = .array(values)
        case .null, .bool, .number, .string: return
        }
    }

    fileprivate func value(at path: ConversionPath) -> JSONTree? {
        var value = self
        for segment in path.segments {
            guard let next = value.members?[segment] else { return nil }
            value = next
        }
        return value
    }
}
