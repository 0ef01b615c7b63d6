package import Messaging
package import Participant
package import ParticipantStore
package import Platform

/// 市町村CS: keeps 本人確認情報ファイル and 送付先情報ファイル and is the city's only door to 住基ネット.
package enum MunicipalCS {
    /// What the CS does with its messages, for a process or a test.
    package static func handler(
        dispatch: Dispatch, organisation: OrganisationCode, settings: CSSettings = .lab
    ) -> any MessageHandler {
        CSHandler(dispatch: dispatch, organisation: organisation, settings: settings)
    }

    /// The process: its session in the 住基ネット zone and its database.
    package static func build(_ configuration: ProcessConfiguration) throws -> Participant {
        let process = try SystemProcess(configuration)
        let settings = try CSSettings(
            process.settings(CSSettings.names),
            defaults: configuration.lab == nil ? CSSettings() : .lab
        ) { try SecretFile.readSymmetricKey($0) }
        return try process.participant {
            handler(dispatch: $0, organisation: $1, settings: settings)
        }
    }
}
