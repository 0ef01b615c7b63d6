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
    /// Participant → type → the major it takes; who has no entry takes the newest.
    package var majors: [ParticipantID: [String: Int]] = [:]
    /// Participant → types of which it takes an older version although values are dropped.
    package var lossy: [ParticipantID: [String]] = [:]
    /// Process → settings that differ from the default.
    package var configuration: [String: JSONValue] = [:]

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

    /// These settings with what a scenario wants of its lab.
    package func with(_ scenario: Scenario) -> LabSettings {
        var settings = self
        if settings.start == nil { settings.start = scenario.start }
        let setting = scenario.setting
        settings.peers += setting.peers.filter { !peers.contains($0) }
        settings.businessSystems += setting.businessSystems.filter {
            !businessSystems.contains($0)
        }
        settings.majors = setting.majors
        settings.lossy = setting.lossy
        settings.configuration = setting.configuration
        return settings
    }

    /// The versions a participant takes.
    func spokenMajors(of participant: ParticipantID) -> [String: Int] { majors[participant] ?? [:] }

    /// 水戸市.
    package static let mito: OrganisationCode = {
        guard let code = try? OrganisationCode("082015") else {
            preconditionFailure("水戸市's code follows the grammar.")
        }
        return code
    }()
}
