import Glibc
package import Messaging

/// Who may act at which terminal, and in which functions (利用権限; ): one zone's `grants.json`.
///
/// A person each: an id that several share is refused when the file is read.
package struct Grants: Codable, Hashable, Sendable {
    /// What one person may do, from when to when (発効・失効).
    package struct Grantee: Codable, Hashable, Sendable {
        package var id: OperatorID
        /// Ids of `Schemas/catalogue/functions.json`.
        package var functions: [String]
        package var from: Instant?
        package var to: Instant?
        /// Must be false: nobody acts under another's id.
        package var shared: Bool
        /// The company, where the person is a contractor's (委託先; corrections 2).
        package var contractor: String?

        package init(
            id: OperatorID, functions: [String], from: Instant? = nil, to: Instant? = nil,
            shared: Bool = false, contractor: String? = nil
        ) {
            self.id = id
            self.functions = functions
            self.from = from
            self.to = to
            self.shared = shared
            self.contractor = contractor
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case id, functions, from, to, shared, contractor
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
            id = try container.decode(OperatorID.self, forKey: .id)
            functions = try container.decode([String].self, forKey: .functions)
            from = try container.decodeIfPresent(Instant.self, forKey: .from)
            to = try container.decodeIfPresent(Instant.self, forKey: .to)
            shared = try container.decodeIfPresent(Bool.self, forKey: .shared) ?? false
            contractor = try container.decodeIfPresent(String.self, forKey: .contractor)
            guard !shared else {
                throw container.corrupted(.shared, "共用のIDは使えません(R-064)")
            }
        }
    }

    /// A registered terminal and the participant whose key it uses (登録端末; R-061).
    package struct Terminal: Codable, Hashable, Sendable {
        package var id: TerminalID
        package var participant: ParticipantID
        package var from: Instant?
        package var to: Instant?

        package init(
            id: TerminalID, participant: ParticipantID, from: Instant? = nil, to: Instant? = nil
        ) {
            self.id = id
            self.participant = participant
            self.from = from
            self.to = to
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case id, participant, from, to
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
            id = try container.decode(TerminalID.self, forKey: .id)
            participant = try container.decode(ParticipantID.self, forKey: .participant)
            from = try container.decodeIfPresent(Instant.self, forKey: .from)
            to = try container.decodeIfPresent(Instant.self, forKey: .to)
        }
    }

    package static let granteeLimit = 20_000
    package static let terminalLimit = 20_000

    package var operators: [Grantee]
    package var terminals: [Terminal]

    package init(operators: [Grantee], terminals: [Terminal]) {
        self.operators = operators
        self.terminals = terminals
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case operators, terminals
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
        operators = try container.decode([Grantee].self, forKey: .operators)
        terminals = try container.decode([Terminal].self, forKey: .terminals)
        guard operators.count <= Self.granteeLimit, terminals.count <= Self.terminalLimit else {
            throw container.corrupted(.operators, "件数の上限を超えています")
        }
        guard Set(operators.map(\.id)).count == operators.count else {
            throw container.corrupted(.operators, "同じ操作者IDが二度書かれています(R-064)")
        }
        guard Set(terminals.map(\.id)).count == terminals.count else {
            throw container.corrupted(.terminals, "同じ端末IDが二度書かれています")
        }
    }

    /// Reads the file at `path`.
    package static func load(_ path: String) throws(ConfigurationError) -> Grants {
        try ConfigurationFile.load(Grants.self, from: path)
    }
}

/// Which state of a file was read last (ファイルの版), so that a change shows without reading it.
package struct FileVersion: Hashable, Sendable {
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// Nil where there is no such file.
    package init?(of path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = Int64(status.st_mtim.tv_sec)
        nanoseconds = Int64(status.st_mtim.tv_nsec)
    }
}
