import Glibc

/// Keeps what this process writes from every other user (非公開ファイル): a store holds personal data.
package enum PrivateFiles {
    /// Files made from now on are for their owner alone. Call it first in every main, before any thread.
    package static func only() { umask(0o077) }
}
