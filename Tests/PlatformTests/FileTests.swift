import Glibc
import Platform
import Testing
import ZeroMQ

@Suite("Files")
struct FileTests {
    @Test("A key file is written for its owner only and read back")
    func keys() throws {
        let directory = try TemporaryDirectory()
        let pair = try CurveKeyPair.generate()
        let curve = directory.path + "/curve.key"
        try SecretFile.create(curve, pair.secretKey)
        #expect(try SecretFile.readCurveKey(curve).publicKey() == pair.publicKey)

        let symmetric = directory.path + "/store.key"
        try SecretFile.createSymmetricKey(symmetric)
        let key = try SecretFile.readSymmetricKey(symmetric)
        #expect(key.count == 32 && Set(key).count > 8)
    }

    @Test("A key that exists is never overwritten")
    func existing() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("store.key", "precious")
        let error = #expect(throws: SecretFileError.self) {
            try SecretFile.createSymmetricKey(path)
        }
        guard case .unusable(let failure) = error?.problem else {
            Issue.record("another problem")
            return
        }
        #expect(failure.code == EEXIST)
        #expect(try SecretFile.read(path) == Array("precious".utf8))
    }

    @Test(
        "A key others may read is refused, with the command that mends it",
        arguments: [mode_t(0o640), 0o604, 0o620, 0o666, 0o610])
    func readable(mode: mode_t) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("store.key", "secret", mode: mode)
        let error = #expect(throws: SecretFileError.self) { try SecretFile.read(path) }
        #expect(error?.problem == .readableByOthers)
        #expect(error?.description.contains("chmod 600 \(path)") == true)
        #expect(error?.description.contains("secret") == false)
    }

    @Test("A directory or a FIFO in the key's place is refused, and does not hold the process up")
    func notAFile() throws {
        let directory = try TemporaryDirectory()
        let fifo = directory.path + "/fifo"
        #expect(unsafe mkfifo(fifo, 0o600) == 0)
        for path in [directory.path, fifo] {
            let error = #expect(throws: SecretFileError.self) { try SecretFile.read(path) }
            #expect(error?.problem == .notAFile)
        }
    }

    @Test(
        "What is no key of the kind is refused, and not repeated",
        arguments: [
            "", "abc", String(repeating: "g", count: 64), String(repeating: "a", count: 63),
            String(repeating: "a", count: 66),
        ])
    func malformed(text: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("store.key", text)
        for read in [
            { _ = try SecretFile.readSymmetricKey(path) },
            { _ = try SecretFile.readCurveKey(path) },
        ] {
            let error = #expect(throws: SecretFileError.self) { try read() }
            guard case .malformed = error?.problem else {
                Issue.record("another problem")
                return
            }
            #expect(text.isEmpty || error?.description.contains(": \(text)") == false)
        }
    }

    @Test("The schemas are read with their paths; other files and hidden ones are passed over")
    func schemas() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.write("catalogue/zones.json", "[1]")
        _ = try directory.write("messages/a.b/v1.schema.json", "{}")
        _ = try directory.write("wire-protocol.md", "# wire")
        _ = try directory.write(".git/hidden.json", "{}")
        let files = try SchemaDirectory.read(directory.path)
        #expect(
            files == [
                "catalogue/zones.json": Array("[1]".utf8),
                "messages/a.b/v1.schema.json": Array("{}".utf8),
            ])
    }

    @Test("A directory without end is refused, not followed")
    func depth() throws {
        let directory = try TemporaryDirectory()
        #expect(unsafe symlink(directory.path, directory.path + "/loop") == 0)
        let error = #expect(throws: FileFailure.self) { try SchemaDirectory.read(directory.path) }
        #expect(error?.code == 0)
    }

    @Test("A missing directory is named")
    func missing() {
        let error = #expect(throws: FileFailure.self) { try SchemaDirectory.read("/nowhere") }
        #expect(error?.isMissing == true && error?.description.contains("/nowhere") == true)
    }

    @Test("Schemas come from the configuration, else from beside the executable")
    func location() {
        #expect(SchemaDirectory.locate("/etc/schemas") == "/etc/schemas")
        #expect(SchemaDirectory.locate(nil).hasSuffix("/../share/jukihub/schemas"))
        #expect(SchemaDirectory.locate(nil).hasPrefix("/"))
    }
}
