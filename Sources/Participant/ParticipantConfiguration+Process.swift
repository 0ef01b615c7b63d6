package import Messaging
package import Platform

extension ParticipantConfiguration {
    /// What a process's configuration file says (設定ファイルからの参加設定); reads the secret key of each zone.
    ///
    /// Throws `SecretFileError` for a key file that is missing, readable by others or no key.
    package init(
        process: ProcessConfiguration, catalogueDigest: String?, software: String
    ) throws {
        let zones = try process.zones.map {
            try ZoneAccess(
                zone: $0.zone, endpoint: $0.endpoint, hubKey: $0.hubPublicKey,
                secretKey: SecretFile.readCurveKey($0.secretKeyFile))
        }
        self.init(
            participant: process.participant, catalogueDigest: catalogueDigest,
            software: software, zones: zones, majors: try process.spokenMajors())
    }
}

extension ProcessConfiguration {
    /// The versions of the configuration, their types' names checked.
    package func spokenMajors() throws -> [MessageTypeName: Int] {
        var majors: [MessageTypeName: Int] = [:]
        for (type, major) in self.majors { majors[try MessageTypeName(type)] = major }
        return majors
    }
}
