package import Participant
package import ParticipantStore
package import Platform

/// 団体内統合宛名システム: knows 個人番号 ⇔ 団体内統合宛名番号 and stands between the register and the 中間サーバー.
package enum IntegratedAddressee {
    /// What the system does with its messages, for a process or a test.
    package static func handler(
        dispatch: Dispatch, policy: AddresseePolicy
    ) -> any MessageHandler {
        AddresseeHandler(dispatch: dispatch, policy: policy)
    }

    /// The process: its session in the 番号利用事務 zone and its database.
    package static func build(_ configuration: ProcessConfiguration) throws -> Participant {
        let process = try SystemProcess(configuration)
        let policy = try AddresseePolicy(
            settings: process.settings(AddresseePolicy.settingNames),
            file: process.file("catalogue/number-use-departments.json"))
        return try process.participant { dispatch, _ in
            handler(dispatch: dispatch, policy: policy)
        }
    }
}
