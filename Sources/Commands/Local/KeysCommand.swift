internal import ArgumentParser
internal import Platform
internal import ZeroMQ

/// 鍵: who a participant is, to the hub, and what seals its store.
struct KeysCommand: ExampledCommand {
    static let examples = ["jukihub keys new /etc/jukihub/keys/taxSystem"]
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "鍵 Keys: a participant's identity, and what seals its store.",
        subcommands: [KeysNewCommand.self])
}

struct KeysNewCommand: ExampledCommand {
    static let examples = [
        "jukihub keys new taxSystem                # taxSystem.key (0600) と taxSystem.pub",
        "jukihub keys new store-taxSystem --secret # 保存用の鍵 a symmetric key: lane, signing, store",
    ]
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "作成 Make a CURVE key pair: NAME.key (mode 0600) and NAME.pub. Never overwrites.",
        discussion: """
            NAME.key は端末の外に出さないこと。 Give the hub only NAME.pub; the secret never leaves its machine.
            """)

    @Argument(help: "ファイル名の幹 The files' common name, with or without a directory.")
    var name: String

    @Flag(name: .long, help: "対称鍵 One symmetric key of 32 bytes instead: NAME.key only.")
    var secret = false

    @OptionGroup var output: OutputOptions

    struct Made: Encodable {
        let secretKeyFile: String
        var publicKeyFile: String?
        var publicKey: String?
    }

    func validate() throws {
        guard name.contains(where: { !$0.isWhitespace }), !name.hasSuffix("/") else {
            throw ValidationError("NAME を指定 (a file's name is needed)")
        }
    }

    func run() throws {
        let printer = Printer(output)
        let made = secret ? try makeSecret() : try makePair()
        try printer.answer(made) {
            ["秘密鍵 secret  \(made.secretKeyFile)  (0600)"]
                + [
                    made.publicKeyFile.map { "公開鍵 public  \($0)" },
                    made.publicKey.map { "  \($0)" },
                ]
                .compactMap { $0 }
        }
        if !secret {
            printer.next(
                "ハブの設定 participants に登録 (add {\"id\": …, \"publicKey\": …} to the hub's file)")
        }
    }

    private func makeSecret() throws -> Made {
        do throws(SecretFileError) { try SecretFile.createSymmetricKey(name + ".key") } catch {
            throw Self.notWritten(error)
        }
        return Made(secretKeyFile: name + ".key")
    }

    private func makePair() throws -> Made {
        let pair: CurveKeyPair
        do throws(ZeroMQError) { pair = try CurveKeyPair.generate() } catch {
            throw CommandFailure(
                "curve-unavailable", "libzmq に CURVE がありません (libzmq was built without CURVE)",
                hint: "apt-get install libzmq5")
        }
        do throws(SecretFileError) {
            try SecretFile.create(name + ".key", pair.secretKey)
        } catch {
            throw Self.notWritten(error)
        }
        try NewFile.write(pair.publicKey.text + "\n", to: name + ".pub", mode: 0o644)
        return Made(
            secretKeyFile: name + ".key", publicKeyFile: name + ".pub",
            publicKey: pair.publicKey.text)
    }

    private static func notWritten(_ error: SecretFileError) -> CommandFailure {
        CommandFailure(
            "file-not-created", "鍵ファイルを作成できません (cannot create): \(error)",
            hint: "別の名前を指定 choose another name; 既存の鍵は上書きしません existing keys are kept")
    }
}
