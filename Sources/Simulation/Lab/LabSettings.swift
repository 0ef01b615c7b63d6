package import Messaging

/// What a new lab is made of (検証環境の設定).
package struct LabSettings: Hashable, Sendable {
    /// Holds everything of the lab: keys, state, logs, sockets. Made if missing; mode 0700. Absolute and short: the
    /// control socket's path in it has at most ``LabDirectory/socketPathLimit`` bytes.
    package var directory: String
    /// The schema directory.
    package var schemas: String
    /// The people file.
    package var people: String
    /// Where `jukihub` and the five systems' executables lie.
    package var executables: String
    package var organisation: OrganisationCode
    /// When the lab's clock starts; nil means now.
    package var start: Instant?
    /// Other municipalities, five digits each.
    package var peers: [String]
    /// 移転先No of the 個別業務システム that take part: 庁内連携 is wired to these and to the tax system.
    package var businessSystems: [String]

    package init(
        directory: String, schemas: String, people: String, executables: String,
        organisation: OrganisationCode = LabSettings.mito, start: Instant? = nil,
        peers: [String] = ["08220", "08221", "09201", "13101"],
        businessSystems: [String] = ["2", "3"]
    ) {
        self.directory = directory
        self.schemas = schemas
        self.people = people
        self.executables = executables
        self.organisation = organisation
        self.start = start
        self.peers = peers
        self.businessSystems = businessSystems
    }

    /// 水戸市.
    package static let mito: OrganisationCode = {
        guard let code = try? OrganisationCode("082015") else {
            preconditionFailure("水戸市's code follows the grammar.")
        }
        return code
    }()
}
