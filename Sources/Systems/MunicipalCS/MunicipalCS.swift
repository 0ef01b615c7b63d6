package import Messaging
package import Participant
package import ParticipantStore
package import Platform

/// 市町村CS: keeps 本人確認情報ファイル and is the city's only door to 住基ネット.
package enum MunicipalCS {
    /// What the CS does with its messages, for a process or a test.
    package static func handler(
        dispatch: Dispatch, organisation: OrganisationCode
    ) -> any MessageHandler {
        CSHandler(dispatch: dispatch, organisation: organisation)
    }

    /// The process: its session in the 住基ネット zone and its database.
    package static func build(_ configuration: ProcessConfiguration) throws -> Participant {
        try SystemProcess(configuration).participant { handler(dispatch: $0, organisation: $1) }
    }
}
