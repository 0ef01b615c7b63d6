import GRDB
package import Messaging
package import Participant
package import ParticipantStore
package import Platform

/// 既存住民基本台帳システム (既存住基): keeps 住民基本台帳ファイル and carries between the zones what the steps say.
package enum ResidentRegister {
    /// What the register does with its messages, for a process or a test.
    package static func handler(
        dispatch: Dispatch, organisation: OrganisationCode,
        settings: RegisterSettings = RegisterSettings(), token: @escaping () -> UInt64
    ) -> any MessageHandler {
        RegisterHandler(
            dispatch: dispatch, organisation: organisation, settings: settings, token: token)
    }

    /// The process: its sessions in three zones and its database.
    package static func build(_ configuration: ProcessConfiguration) throws -> Participant {
        let process = try SystemProcess(configuration)
        let settings = try RegisterSettings(process.settings(RegisterSettings.names)) {
            try SecretFile.readSymmetricKey($0)
        }
        return try process.participant { dispatch, organisation in
            handler(dispatch: dispatch, organisation: organisation, settings: settings) {
                UInt64.random(in: 0...UInt64.max)
            }
        }
    }
}
