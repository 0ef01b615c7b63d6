/// What a process answers to its caller (終了コード).
package enum ExitCode: Int32, Sendable, CaseIterable {
    /// Done, or the answer is yes.
    case success = 0
    /// The answer is no: a check or an assertion failed.
    case failure = 1
    /// Something outside is broken: the hub, a file, a disk.
    case infrastructure = 2
    /// Nothing ran, or the answer is not known.
    case unknown = 3
    /// The command line was wrong (EX_USAGE).
    case usage = 64
    /// Ended by SIGINT.
    case interrupted = 130
}
