internal import Platform

/// How a command ends for the shell that called it (終了コード); ArgumentParser has an `ExitCode` too.
typealias ExitStatus = Platform.ExitCode

/// Why a command could not do what was asked: a stable code, a sentence Japanese first, what to do next.
///
/// Its text never holds personal data: it is printed, logged and pasted into tickets.
struct CommandFailure: Error, Sendable {
    let code: String
    let message: String
    let hint: String
    let exit: ExitStatus

    init(_ code: String, _ message: String, hint: String, exit: ExitStatus = .infrastructure) {
        self.code = code
        self.message = message
        self.hint = hint
        self.exit = exit
    }
}

/// A command that has printed its answer and the answer is not "yes": nothing more is said.
struct Finding: Error {
    let exit: ExitStatus
}
