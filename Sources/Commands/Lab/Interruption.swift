internal import Glibc
internal import Platform
internal import Synchronization

/// What has to be put away when a person stops a command (中断): done once, then the process ends with 130.
///
/// A command that waits deep inside a scenario has no loop to look at a flag in; so a thread of its own does it. A
/// second signal ends the process at once, and its children with it.
final class Interruption: Sendable {
    private let signals: ShutdownSignals
    private let cleanUp = Mutex<(@Sendable () -> Void)?>(nil)

    init() throws {
        signals = try ShutdownSignals()
        try signals.onRequest { [self] _ in
            Printer.message("終了中 stopping")
            cleanUp.withLock { $0 }?()
            _exit(ExitStatus.interrupted.rawValue)
        }
    }

    /// Sets what a signal has to put away; nil for nothing.
    func onSignal(_ action: (@Sendable () -> Void)?) { cleanUp.withLock { $0 = action } }
}
