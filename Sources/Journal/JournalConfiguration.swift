package import Messaging

/// Where one hub's journal stands and what its limits are (台帳設定).
package struct JournalConfiguration: Sendable {
    /// The directory of `hub.sqlite`, its WAL and its lock file; made if absent, mode 0700.
    package var directory: String
    /// The directory of the content keys, apart from the data (design §7); made if absent, 0700.
    package var contentKeysDirectory: String
    package var zone: ZoneID
    /// Names of the retention classes; ``AppendedMessage/keyClass`` is an index into it.
    package var retentionClasses: [String]
    /// A checkpoint is worth while from this many bytes of WAL on.
    package var checkpointBytes = 8 * 1024 * 1024
    /// Beyond this many bytes of WAL the writer waits while the log is restarted.
    package var walLimitBytes = 64 * 1024 * 1024
    /// How long it then waits for readers at most; after that it goes on, and the log grows by a
    /// quarter of the limit before it waits again.
    package var walPatienceMilliseconds = 200
    /// Settled ranges one subscription may hold above its floor; more is the caller's error.
    package var settledRangeLimit = 65_536
    /// Blocks whose content one commit deletes per subscription at most; the next goes on.
    package var releaseBlockLimit = 1024
    /// Pages SQLite keeps in memory for the writer, in KiB.
    package var cacheKiB = 32 * 1024

    package init(
        directory: String, contentKeysDirectory: String, zone: ZoneID, retentionClasses: [String]
    ) {
        self.directory = directory
        self.contentKeysDirectory = contentKeysDirectory
        self.zone = zone
        self.retentionClasses = retentionClasses
    }

    package func keyID(_ keyClass: UInt16, _ expiryDay: CivilDate) -> ContentKeyID {
        ContentKeyID(retentionClass: retentionClasses[Int(keyClass)], expiryDay: expiryDay)
    }
}
