import Foundation
import Messaging
import Synchronization

/// What the outside took and sent, line by line (対向模擬の記録): a file that outlives the process.
///
/// A line is on disk before anybody sees its effect: before the hub hears that a message was taken, and before one that
/// is sent can leave. Read from the first line on it gives the same world and the same outboxes again, so killing the
/// outside at any instruction changes nothing about the final state. It grows as long as its lab lives; the people in
/// it are invented.
package final class OutsideLedger: Sendable {
    package struct Line: Codable, Sendable {
        enum Cause: Codable, Sendable {
            /// The first line.
            case begun(incarnation: UInt64)
            case took(Taken)
            /// Somebody at the control socket had something sent; `request` is what they call it.
            case asked(request: String?)
            /// A party was asked to do something by its own logic.
            case acted(Acted)
            /// How a party answers was decided.
            case behaved(Behaved)
            /// A message was refused because its party was told to.
            case declined(ParticipantID, String)
            /// Answers kept back until then were sent.
            case released(at: Instant)
        }
        var cause: Cause
        var sent: [Sent] = []
    }

    struct Taken: Codable, Sendable {
        let party: ParticipantID
        let zone: ZoneID
        let position: UInt64
        let at: Instant
        let envelope: String
        var payload: String
    }

    struct Acted: Codable, Sendable {
        let party: ParticipantID
        let verb: String
        let arguments: JSONValue
        let at: Instant
        let request: String?
    }

    struct Behaved: Codable, Sendable {
        let party: ParticipantID
        let type: String?
        /// Nil takes back what was decided.
        let conduct: Conduct?
        let at: Instant
    }

    /// Byte for byte as numbered: the hub compares digests when it comes again.
    struct Sent: Codable, Sendable {
        let party: ParticipantID
        let envelope: String
        var payload: String
        /// Whether its content was destroyed after it had been received.
        var isErased: Bool?
    }

    /// Of every party's numbering, for as long as the file lives.
    let incarnation: UInt64
    private let path: String
    private let file: Mutex<FileHandle>

    private init(incarnation: UInt64, path: String, file: FileHandle) {
        self.incarnation = incarnation
        self.path = path
        self.file = Mutex(file)
    }

    /// Opens or makes the file, and returns what stands in it.
    ///
    /// A last line without its end was being written when the process died, and nobody has seen its effect: it is cut off.
    package static func open(_ path: String) throws -> (ledger: OutsideLedger, lines: [Line]) {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        guard let file = FileHandle(forUpdatingAtPath: path) else {
            throw LabFault("ledger-unusable", "\(path) cannot be opened")
        }
        let data = try file.readToEnd() ?? Data()
        let end = data.lastIndex(of: lineEnd).map { $0 + 1 } ?? 0
        try file.truncate(atOffset: UInt64(end))
        try file.seek(toOffset: UInt64(end))
        let decoder = JSONDecoder()
        var lines = try data[..<end].split(separator: lineEnd).map { text in
            guard let line = try? decoder.decode(Line.self, from: Data(text)) else {
                // The decoder's own error could quote the line.
                throw LabFault("ledger-damaged", "\(path) holds a line that cannot be read")
            }
            return line
        }
        if lines.isEmpty {
            let begun = Line(cause: .begun(incarnation: .random(in: 1...UInt64(Int64.max))))
            try write(begun, to: file)
            lines = [begun]
        }
        guard case .begun(let incarnation) = lines[0].cause else {
            throw LabFault("ledger-damaged", "\(path) has no beginning")
        }
        return (OutsideLedger(incarnation: incarnation, path: path, file: file), lines)
    }

    /// Returns once the line is on disk; a throw ends the process, which never tries again.
    func append(_ line: Line) throws { try file.withLock { try Self.write(line, to: $0) } }

    /// Destroys the content of messages, taken or sent, and leaves what `erasures` says in its place (消去).
    ///
    /// The file is replaced as a whole: a process that dies meanwhile leaves the old one, and does it again.
    func erase(_ erasures: [MessageID: OutsideEffects.Erasure]) throws {
        guard !erasures.isEmpty else { return }
        try file.withLock { file in
            try file.seek(toOffset: 0)
            let data = try file.readToEnd() ?? Data()
            var kept = Data()
            for text in data.split(separator: Self.lineEnd) {
                var line = try JSONDecoder().decode(Line.self, from: Data(text))
                guard line.erase(erasures) else {
                    kept += text + [Self.lineEnd]
                    continue
                }
                kept += try JSONEncoder().encode(line) + [Self.lineEnd]
            }
            file = try WholeFile.replace(path, with: kept)
        }
    }

    private static let lineEnd = UInt8(ascii: "\n")

    private static func write(_ line: Line, to file: FileHandle) throws {
        var data = try JSONEncoder().encode(line)
        data.append(lineEnd)
        try file.write(contentsOf: data)
        try file.synchronize()
    }
}

extension OutsideLedger.Line {
    /// Takes the content of those messages away; false when none of them is here.
    mutating func erase(_ erasures: [MessageID: OutsideEffects.Erasure]) -> Bool {
        var changed = false
        if case .took(var taken) = cause, let erasure = Self.erasure(of: taken.envelope, erasures) {
            let left = String(decoding: erasure.left.encoded, as: UTF8.self)
            changed = taken.payload != left
            taken.payload = left
            cause = .took(taken)
        }
        for index in sent.indices {
            guard sent[index].isErased != true,
                let erasure = Self.erasure(of: sent[index].envelope, erasures)
            else { continue }
            sent[index].payload = String(decoding: erasure.left.encoded, as: UTF8.self)
            sent[index].isErased = true
            keepArguments(erasure.keptArguments)
            changed = true
        }
        return changed
    }

    /// What an act said goes with what it sent.
    private mutating func keepArguments(_ names: Set<String>) {
        guard case .acted(let acted) = cause, let members = acted.arguments.object else { return }
        cause = .acted(
            OutsideLedger.Acted(
                party: acted.party, verb: acted.verb,
                arguments: .object(members.filter { names.contains($0.key) }), at: acted.at,
                request: acted.request))
    }

    private static func erasure(
        of envelope: String, _ erasures: [MessageID: OutsideEffects.Erasure]
    ) -> OutsideEffects.Erasure? {
        (try? Envelope(parsing: Array(envelope.utf8)).id).flatMap { erasures[$0] }
    }
}
