import Crypto
import FoundationEssentials
import Platform

/// Where the LGWAN terminal and the 電子申請機能 of a lab find their keys and media (電子申請の設定).
package struct ElectronicApplicationFiles: Codable, Hashable, Sendable {
    /// What signatures are verified with: ``SignatureTrust`` as JSON, no secret.
    package var trustFile: String
    /// The lab's own authority, which signs for the applicants.
    package var authorityKeyFile: String
    /// Where a medium is mounted.
    package var mediaDirectory: String
    /// What media are encrypted with.
    package var mediaKeyFile: String
    /// 登録済みの媒体番号.
    package var media: [String]
    package var accounts: [TerminalAccounts.Account]

    /// The media and users of a lab.
    static let labMedia = ["USB-01", "USB-02"]
    static let labPassword = "lab-password"
    static let labAccounts = [
        ("denshi-06", "電子申請担当06"), ("denshi-07", "電子申請担当07"), ("kanri-03", "所属長03"),
    ].map { id, holder in
        TerminalAccounts.Account(id: id, holder: holder, salt: "lab-" + id, password: labPassword)
    }

    /// Makes keys, authority and the empty medium of a new lab.
    static func make(in directory: LabDirectory) throws -> ElectronicApplicationFiles {
        let files = ElectronicApplicationFiles(
            trustFile: directory.configurations + "/signature-trust.json",
            authorityKeyFile: directory.keys + "/signing-authority.key",
            mediaDirectory: directory.media, mediaKeyFile: directory.mediaKey, media: labMedia,
            accounts: labAccounts)
        try SecretFile.createSymmetricKey(files.mediaKeyFile)
        let authority = try SigningAuthority()
        try SecretFile.create(files.authorityKeyFile, hexadecimal(authority.secret))
        try LabFile.write(try authority.trust(), to: files.trustFile)
        return files
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { Array((String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16)).utf8) }
    }
}

/// What stands at the terminal (LGWAN接続端末の装備): read once from ``ElectronicApplicationFiles``.
package struct ElectronicApplicationEquipment: Sendable {
    let trust: SignatureTrust
    let authority: SigningAuthority
    let medium: MediumWriter
    let media: [String]
    let accounts: TerminalAccounts

    package init(
        trust: SignatureTrust, authority: SigningAuthority, medium: MediumWriter, media: [String],
        accounts: TerminalAccounts
    ) {
        self.trust = trust
        self.authority = authority
        self.medium = medium
        self.media = media
        self.accounts = accounts
    }

    /// Throws `SecretFileError`, `FileFailure`, `TerminalAccounts.Fault` and what a damaged file brings.
    package init(_ files: ElectronicApplicationFiles) throws {
        try self.init(
            trust: JSONDecoder().decode(
                SignatureTrust.self, from: Data(FileText.bytes(files.trustFile))),
            authority: SigningAuthority(
                secret: SecretFile.readSymmetricKey(files.authorityKeyFile)),
            medium: MediumWriter(
                directory: files.mediaDirectory,
                key: SecretFile.readSymmetricKey(files.mediaKeyFile)),
            media: files.media, accounts: TerminalAccounts(files.accounts))
    }
}
