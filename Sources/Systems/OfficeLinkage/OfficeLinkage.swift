import Messaging
package import Participant
package import ParticipantStore
package import Platform

/// 共通基盤システム(庁内連携システム): distributes resident data inside city hall, to each recipient what its profile names.
package enum OfficeLinkage {
    /// The setting that names the wired recipients, separated by commas; without it every recipient with a profile is one.
    package static let connectedSetting = "connectedRecipients"

    /// What the system does with its messages, for a process or a test.
    package static func handler(
        dispatch: Dispatch, profiles: TransferProfiles
    ) -> any MessageHandler {
        LinkageHandler(dispatch: dispatch, profiles: profiles)
    }

    /// The process: its session in the 番号利用事務 zone, its database and the profiles of the schema directory.
    package static func build(_ configuration: ProcessConfiguration) throws -> Participant {
        let process = try SystemProcess(configuration)
        let connected = try process.settings([connectedSetting])[connectedSetting].map { text in
            try text.split(separator: ",").map { try ParticipantID(String($0)) }
        }
        let profiles = try TransferProfiles.read(process.file("catalogue/transfer-profiles.json"))
            .connected(connected)
        return try process.participant { dispatch, _ in
            handler(dispatch: dispatch, profiles: profiles)
        }
    }
}
