import Messaging
import Platform
import Testing
import ZeroMQ

@Suite("Configurations")
struct ConfigurationTests {
    static let key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

    static let zone = """
        {"zone": "juki-net", "endpoint": "tcp://127.0.0.1:5101", "hubPublicKey": "\(key)",
         "secretKeyFile": "keys/municipal-cs"}
        """

    static let process = """
        {"participant": "municipalCS", "organisation": "082015", "stateDirectory": "state",
         "schemas": "/usr/share/jukihub/schemas",
         "zones": [\(zone)],
         "storeKeyFile": "/etc/jukihub/store.key"}
        """

    static let hub = """
        {"zone": "juki-net", "organisation": "082015", "endpoint": "tcp://127.0.0.1:5101",
         "tapEndpoint": "ipc:///run/jukihub/tap", "stateDirectory": "state", "schemas": "../Schemas",
         "secretKeyFile": "hub.key", "laneKeyFile": "lane.key", "contentKeysDirectory": "content",
         "signingKeyFile": "signing.key", "grantsFile": "grants.json",
         "participants": [{"id": "municipalCS", "publicKey": "\(key)",
                           "since": "2025-10-01T00:00:00.000+09:00"}],
         "limits": {"heartbeatMilliseconds": 250}}
        """

    @Test("A participant's configuration is read, and relative paths start at the file")
    func processConfiguration() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("municipal-cs.json", Self.process)
        let read = try ProcessConfiguration.load(file)
        #expect(read.participant.rawValue == "municipalCS")
        #expect(read.stateDirectory == directory.path + "/state")
        #expect(read.zones.first?.secretKeyFile == directory.path + "/keys/municipal-cs")
        #expect(read.zones.first?.hubPublicKey.text == Self.key)
        #expect(read.storeKeyFile == "/etc/jukihub/store.key" && read.lab == nil)
        #expect(read.schemas == "/usr/share/jukihub/schemas")
    }

    @Test("A hub's configuration is read; limits it leaves out are the documented ones")
    func hubConfiguration() throws {
        let directory = try TemporaryDirectory()
        let read = try HubConfiguration.load(directory.write("hub.json", Self.hub))
        var limits = HubLimits()
        limits.heartbeatMilliseconds = 250
        #expect(read.limits == limits && read.limits.maxMessageBytes == 1_048_576)
        #expect(read.contentKeysDirectory == directory.path + "/content")
        let participant = try #require(read.participants.first)
        let start = try Instant(rfc3339: "2025-10-01T00:00:00+09:00")
        #expect(participant.isValid(at: start))
        #expect(!participant.isValid(at: start + .nanoseconds(-1)))
    }

    @Test("A key is good from its start until its revocation, and not at it")
    func validity() throws {
        let directory = try TemporaryDirectory()
        let text = Self.hub.replacing(
            "\"since\": \"2025",
            with: "\"revokedAt\": \"2025-10-02T00:00:00+09:00\", \"since\": \"2025")
        let read = try HubConfiguration.load(directory.write("hub.json", text))
        let end = try Instant(rfc3339: "2025-10-02T00:00:00+09:00")
        let participant = try #require(read.participants.first)
        #expect(participant.isValid(at: end + .nanoseconds(-1)) && !participant.isValid(at: end))
    }

    @Test(
        "A wrong configuration names the file and the field, and says what to do",
        arguments: [
            ("\"municipalCS\"", "\"市町村CS\"", "participant"),
            ("\"municipalCS\"", "7", "participant"),
            ("\"participant\": \"municipalCS\", ", "", "participant"),
            ("\"participant\"", "\"particpant\"", "particpant"),
            ("\"juki-net\"", "\"\"", "zones[0].zone"),
            ("tcp://127.0.0.1:5101", "127.0.0.1:5101", "zones[0].endpoint"),
            ("\"\(key)\"", "\"\(key)x\"", "zones[0].hubPublicKey"),
            ("\"secretKeyFile\"", "\"secretkeyfile\"", "zones[0].secretkeyfile"),
            ("\"state\"", "\"\"", "stateDirectory"),
            ("\"zones\": [", "\"lab\": {}, \"zones\": [", "lab.clockFile"),
            ("\"zones\": [", "\"zones\": [], \"x\": [", "x"),
            ("{\"participant\"", "{{", ""),
        ])
    func wrongField(old: String, new: String, field: String) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("wrong.json", Self.process.replacing(old, with: new))
        let error = #expect(throws: ConfigurationError.self) { try ProcessConfiguration.load(file) }
        #expect(error?.file == file && error?.field == field)
        #expect(error?.problem.isEmpty == false && error?.remedy.isEmpty == false)
        #expect(error?.description.contains(file) == true)
    }

    @Test("No zone, the same zone twice, or too many are refused", arguments: [0, 2, 9])
    func zoneCount(count: Int) throws {
        let directory = try TemporaryDirectory()
        let zones = Array(repeating: Self.zone, count: count).joined(separator: ",")
        let text = Self.process.replacing(Self.zone, with: zones)
        let file = try directory.write("wrong.json", text)
        let error = #expect(throws: ConfigurationError.self) { try ProcessConfiguration.load(file) }
        #expect(error?.field == "zones")
    }

    @Test(
        "A limit outside its range, misspelt or at odds with another is refused",
        arguments: [
            ("\"heartbeatMilliseconds\": 0", "limits.heartbeatMilliseconds"),
            ("\"heartbeatMilliseconds\": 1.5", "limits.heartbeatMilliseconds"),
            ("\"heartbeatSeconds\": 1", "limits.heartbeatSeconds"),
            ("\"backoffInitialMilliseconds\": 60000", "limits.backoffInitialMilliseconds"),
            ("\"maxMessageBytes\": 16777216", "limits.maxMessageBytes"),
        ])
    func wrongLimit(limit: String, field: String) throws {
        let directory = try TemporaryDirectory()
        let text = Self.hub.replacing("\"heartbeatMilliseconds\": 250", with: limit)
        let file = try directory.write("hub.json", text)
        let error = #expect(throws: ConfigurationError.self) { try HubConfiguration.load(file) }
        #expect(error?.field == field)
    }

    @Test("Two participants with one key are refused")
    func keyTwice() throws {
        let directory = try TemporaryDirectory()
        let text = Self.hub.replacing(
            "\"participants\": [",
            with:
                "\"participants\": [{\"id\": \"residentRegister\", \"publicKey\": \"\(Self.key)\"},"
        )
        let file = try directory.write("hub.json", text)
        let error = #expect(throws: ConfigurationError.self) { try HubConfiguration.load(file) }
        #expect(error?.field == "participants")
    }

    @Test("A file that is not there is named")
    func missingFile() {
        let error = #expect(throws: ConfigurationError.self) {
            try HubConfiguration.load("/nowhere/hub.json")
        }
        #expect(error?.file == "/nowhere/hub.json" && error?.field == "")
    }
}
