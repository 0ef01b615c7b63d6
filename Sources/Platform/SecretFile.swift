import Glibc
package import ZeroMQ

/// A file that holds a key (鍵ファイル), which only its owner may read.
package enum SecretFile {
    /// No key of ours is longer.
    package static let limitBytes = 4096
    /// A symmetric key: 32 bytes, written as 64 hexadecimal digits.
    package static let symmetricKeyBytes = 32

    /// Reads a secret; refuses what another user owns or the group or others may read.
    package static func read(_ path: String) throws(SecretFileError) -> [UInt8] {
        let problem: SecretFileError.Problem?
        let bytes: [UInt8]
        do throws(FileFailure) {
            // Not blocking, or a FIFO in the file's place would hold the process up.
            let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
            problem = Self.problem(try file.status())
            bytes = problem == nil ? try file.readAll(limit: limitBytes) : []
        } catch {
            throw SecretFileError(error)
        }
        if let problem { throw SecretFileError(path: path, problem: problem) }
        return bytes
    }

    private static func problem(_ status: stat) -> SecretFileError.Problem? {
        if status.st_mode & S_IFMT != S_IFREG { return .notAFile }
        if status.st_uid != geteuid() { return .foreignOwner }
        if status.st_mode & 0o077 != 0 { return .readableByOthers }
        return nil
    }

    /// Reads a CURVE secret key: 40 characters of Z85, and white space after it.
    package static func readCurveKey(_ path: String) throws(SecretFileError) -> CurveSecretKey {
        let text = try text(path)
        do throws(InvalidCurveKey) {
            return try CurveSecretKey(text)
        } catch {
            throw SecretFileError(path: path, problem: .malformed("Z85 40文字のCURVE秘密鍵"))
        }
    }

    /// Reads a symmetric key: 64 hexadecimal digits, and white space after it.
    package static func readSymmetricKey(_ path: String) throws(SecretFileError) -> [UInt8] {
        let digits = Array(try text(path).utf8)
        var key: [UInt8] = []
        for index in stride(from: 0, to: digits.count - 1, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else {
                break
            }
            key.append(high << 4 | low)
        }
        guard digits.count == 2 * symmetricKeyBytes, key.count == symmetricKeyBytes else {
            throw SecretFileError(path: path, problem: .malformed("16進数字64文字の鍵"))
        }
        return key
    }

    /// Writes a new secret with mode 0600, on disk when this returns; an existing file is left alone.
    package static func create(_ path: String, _ bytes: [UInt8]) throws(SecretFileError) {
        do throws(FileFailure) {
            let file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            try file.writeAll(bytes)
            try file.synchronise()
            let parent = try OpenFile(directory(of: path), O_RDONLY | O_DIRECTORY)
            try parent.synchronise()
        } catch {
            throw SecretFileError(error)
        }
    }

    /// Writes a CURVE secret key as `readCurveKey` reads it.
    package static func create(_ path: String, _ key: CurveSecretKey) throws(SecretFileError) {
        try create(path, Array((key.secretText + "\n").utf8))
    }

    /// Draws a symmetric key from the system's generator and writes it as `readSymmetricKey` reads it.
    package static func createSymmetricKey(_ path: String) throws(SecretFileError) {
        var generator = SystemRandomNumberGenerator()
        var digits: [UInt8] = []
        for _ in 0..<symmetricKeyBytes {
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            digits.append(Self.digits[Int(byte >> 4)])
            digits.append(Self.digits[Int(byte & 15)])
        }
        try create(path, digits + [0x0A])
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        case _: nil
        }
    }

    private static func text(_ path: String) throws(SecretFileError) -> String {
        var bytes = try read(path)
        while let last = bytes.last, last == 0x20 || (0x09...0x0D).contains(last) {
            bytes.removeLast()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Why a secret was not read or written (鍵ファイルの失敗). It never holds a byte of the secret.
package struct SecretFileError: Error, Hashable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        case notAFile
        case foreignOwner
        case readableByOthers
        /// What was expected instead.
        case malformed(String)
        case unusable(FileFailure)
    }

    package let path: String
    package let problem: Problem

    package init(path: String, problem: Problem) {
        self.path = path
        self.problem = problem
    }

    init(_ failure: FileFailure) {
        self.init(path: failure.path, problem: .unusable(failure))
    }

    package var description: String {
        switch problem {
        case .notAFile: "鍵ファイル \(path) は通常のファイルではありません。"
        case .foreignOwner:
            "鍵ファイル \(path) の所有者が実行ユーザーではありません。chown で所有者を合わせてください。"
        case .readableByOthers:
            "鍵ファイル \(path) を他のユーザーが読めます。chmod 600 \(path) を実行してください。"
        case .malformed(let expected): "鍵ファイル \(path) の内容が\(expected)ではありません。"
        case .unusable(let failure): "鍵ファイルを使えません: \(failure)"
        }
    }
}
