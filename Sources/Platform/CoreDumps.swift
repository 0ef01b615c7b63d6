import CPlatform
import Glibc

/// Keeps this process's memory, which holds keys and personal data, off the disk (コアダンプ禁止).
package enum CoreDumps {
    /// No core file, no attaching debugger of the same user. Call it first in every main.
    package static func disable() throws(FileFailure) {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else {
            throw FileFailure.last("setrlimit", "RLIMIT_CORE")
        }
        guard jukihub_forbid_dumps() == 0 else {
            throw FileFailure.last("prctl", "PR_SET_DUMPABLE")
        }
    }

    /// Whether the kernel may still dump this process.
    package static var arePossible: Bool { jukihub_may_dump() != 0 }
}
