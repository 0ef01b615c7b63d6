import Dispatch
import Glibc
import Synchronization
import ZeroMQ

/// One process of a lab (子プロセス): in a process group of its own, its output in a log, dead when the lab is.
///
/// A thread of its own starts it and waits for its end. That thread's life matters: Linux sends the parent-death signal
/// when the *thread* that made the child ends, so no pooled thread may. `setpriv` sets that signal, since between
/// `posix_spawn`'s fork and exec no code of ours can run.
final class ChildProcess: Sendable {
    enum Ending: Hashable, Sendable {
        case exited(Int32)
        case killed(Int32)
    }

    private enum Phase {
        case starting
        case running(pid_t)
        case failed(Int32)
        case ended(Ending)
    }

    /// What the keeper thread and everybody else share.
    private final class State: Sendable {
        let phase = Mutex(Phase.starting)
        let started = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
    }

    let name: String
    private let state: State
    private let keeper: SocketThread

    /// Where util-linux has it.
    private static let setpriv = "/usr/bin/setpriv"

    init(name: String, executable: String, arguments: [String], log: String) throws {
        guard unsafe access(executable, X_OK) == 0 else {
            throw LabFault("executable-missing", "\(executable) is not there: build it first")
        }
        let command = [Self.setpriv, "--pdeathsig", "KILL", "--", executable] + arguments
        let state = State()
        self.name = name
        self.state = state
        keeper = try SocketThread(name: name) { Self.keep(command, log: log, state) }
        state.started.wait()
        if case .failed(let code) = state.phase.withLock({ $0 }) {
            throw LabFault("spawn-failed", unsafe "\(name): \(String(cString: strerror(code)))")
        }
    }

    private static func keep(_ command: [String], log: String, _ state: State) {
        let (code, pid) = spawn(command, log: log)
        state.phase.withLock { $0 = code == 0 ? .running(pid) : .failed(code) }
        state.started.signal()
        if code == 0 { waitForEnd(of: pid, state) }
        state.ended.signal()
    }

    var isRunning: Bool {
        if case .running = state.phase.withLock({ $0 }) { true } else { false }
    }

    var ending: Ending? {
        if case .ended(let ending) = state.phase.withLock({ $0 }) { ending } else { nil }
    }

    /// Sends `signal` to the process and whatever it has started; nothing if it has ended.
    func send(_ signal: Int32) {
        // Under the lock: once it has been waited for, the number may be somebody else's.
        state.phase.withLock { phase in
            if case .running(let pid) = phase { _ = Glibc.kill(-pid, signal) }
        }
    }

    /// Whether it had ended before `milliseconds` had passed.
    func waitForEnd(milliseconds: Int) -> Bool {
        guard state.ended.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else {
            return false
        }
        state.ended.signal()
        return true
    }

    /// Waits for the end without reaping and reaps under the lock, so that `send` never meets a number that has
    /// become somebody else's.
    private static func waitForEnd(of pid: pid_t, _ state: State) {
        var info = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &info, Int32(WEXITED | WNOWAIT)) != 0 {
            if errno != EINTR { break }
        }
        state.phase.withLock { phase in
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            phase = .ended(signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal))
        }
    }

    private static func spawn(_ command: [String], log: String) -> (Int32, pid_t) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(
            &actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { while let argument = unsafe arguments.popLast() { unsafe free(argument) } }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(
            &pid, command[0], &actions, &attributes, arguments, environ)
        return (code, pid)
    }
}
