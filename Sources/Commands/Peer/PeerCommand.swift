internal import ArgumentParser

/// 対向として投入: act as another municipality, or as 都道府県, 機構, 番号生成, カード管理 or 情報提供NWS, against a running lab.
struct PeerCommand: ExampledCommand {
    static let examples = [
        "jukihub peer send-certificate 08221 --person P04 --planned-date 2025-10-01",
        "jukihub peer request-certificate 08220 --person P05",
        "jukihub peer move-in-notice 08220 --person P05 --date 2025-10-28",
        "jukihub peer answer cardManagement never --on mailing-address.notify",
        "jukihub peer act individualNumberGenerator assign --with person=P03 --twice",
        "jukihub peer received 08221",
    ]
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract:
            "対向として投入 Act as another municipality, or as 都道府県・機構・番号生成・カード管理・情報提供NWS, in a running lab.",
        discussion: """
            人物は people.yaml の鍵で People are named by their key (P04). 先に jukihub dev. \
            0 受け付けられた admitted (or refused as expected) · 1 拒否 refused · 2 検証環境なし no lab · \
            3 まだ不明 not known yet. 同じことはシナリオの act・behave・inject でも the same from a scenario file; \
            自分の鍵での接続は README a client with a key of its own: README.
            """,
        subcommands: [
            PeerListCommand.self, SendCertificateCommand.self, WithdrawCertificateCommand.self,
            RequestCertificateCommand.self, MoveInNoticeCommand.self, SupplementCommand.self,
            PeerAnswerCommand.self, PeerActCommand.self, PeerInjectCommand.self,
            ReceivedCommand.self, PeerStateCommand.self,
        ])
}
