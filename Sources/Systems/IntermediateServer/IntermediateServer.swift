package import Participant
package import ParticipantStore
package import Platform

/// 中間サーバー (副本を保持): answers other bodies from the 副本, by 符号, and holds no 個人番号.
package enum IntermediateServer {
    /// What the server does with its messages, for a process or a test.
    package static func handler(
        dispatch: Dispatch, token: @escaping () -> UInt64
    ) -> any MessageHandler {
        IntermediateHandler(dispatch: dispatch, token: token)
    }

    /// The process: its session in the 番号利用事務 zone and its database.
    package static func build(_ configuration: ProcessConfiguration) throws -> Participant {
        try SystemProcess(configuration).participant { dispatch, _ in
            handler(dispatch: dispatch) { UInt64.random(in: 0...UInt64.max) }
        }
    }
}
