import Foundation
import Messaging

/// What a scenario changes about a lab's configurations (設定の変更), once they are written and before anybody reads them.
struct LabAdjustment {
    private let settings: LabSettings
    private let directory: LabDirectory

    /// Parts of a hub's configuration that are files of their own.
    private static let files = ["grants"]

    init(_ settings: LabSettings, _ directory: LabDirectory) {
        self.settings = settings
        self.directory = directory
    }

    /// Throws ``LabFault`` for a process or participant the lab does not have.
    func apply(to lab: LabDescription) throws {
        for (name, values) in settings.configuration {
            guard lab.processes.contains(where: { $0.name == name }) else {
                throw LabFault("process-unknown", "the lab has no process \(name)")
            }
            try change(name) { configuration in
                guard LabCast.systems.contains(where: { $0.process == name }) else {
                    configuration.merge(try withFiles(values, of: name))
                    return
                }
                configuration.merge(["settings": .object(Self.texts(values))])
            }
        }
    }

    /// Writes the parts that are files and puts their names in their place.
    private func withFiles(_ values: JSONValue, of process: String) throws -> JSONValue {
        guard var members = values.object else { return values }
        for part in Self.files {
            guard let content = members.removeValue(forKey: part) else { continue }
            let path = directory.configurations + "/\(process)-\(part).json"
            try LabFile.write(content, to: path)
            members["\(part)File"] = .string(path)
        }
        return .object(members)
    }

    private func change(_ process: String, _ body: (inout JSONValue) throws -> Void) throws {
        let path = directory.configuration(of: process)
        var configuration = try JSONDecoder().decode(
            JSONValue.self, from: Data(contentsOf: URL(filePath: path)))
        try body(&configuration)
        try LabFile.write(configuration, to: path)
    }

    /// A system's own settings are texts.
    private static func texts(_ values: JSONValue) -> [String: JSONValue] {
        (values.object ?? [:]).mapValues { value in
            switch value {
            case .integer(let number): .string(String(number))
            case .bool(let flag): .string(String(flag))
            case .null, .string, .array, .object: value
            }
        }
    }
}

extension JSONValue {
    /// Takes over what `patch` says (RFC 7396).
    fileprivate mutating func merge(_ patch: JSONValue) {
        guard case .object(let changes) = patch else {
            self = patch
            return
        }
        var members = object ?? [:]
        for (name, change) in changes {
            if change == .null {
                members[name] = nil
            } else {
                var member = members[name] ?? .null
                member.merge(change)
                members[name] = member
            }
        }
        self = .object(members)
    }
}
