package import Messaging
package import Participant
package import ParticipantStore
package import Platform

/// 中間サーバー (副本を保持): answers other bodies from the 副本, by 符号, and holds no 個人番号.
package enum IntermediateServer {
    /// What the server does with its messages, for a process or a test.
    package static func handler(
        dispatch: Dispatch, organisation: OrganisationCode, policy: ServerPolicy,
        token: @escaping () -> UInt64
    ) -> any MessageHandler {
        IntermediateHandler(
            dispatch: dispatch, organisation: organisation, policy: policy, token: token)
    }

    /// The process: its session in the 番号利用事務 zone and its database.
    package static func build(_ configuration: ProcessConfiguration) throws -> Participant {
        let process = try SystemProcess(configuration)
        let policy = try ServerPolicy(
            settings: process.settings(ServerPolicy.settingNames),
            file: process.file("catalogue/intermediate-server.json"))
        return try process.participant { dispatch, organisation in
            handler(dispatch: dispatch, organisation: organisation, policy: policy) {
                UInt64.random(in: 0...UInt64.max)
            }
        }
    }
}
