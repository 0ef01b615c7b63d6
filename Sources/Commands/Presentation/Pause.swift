internal import Glibc

/// A wait of the command's own thread (待ち), where a tool looks again and again.
enum Pause {
    static func milliseconds(_ count: UInt32) { usleep(count * 1000) }
    static func microseconds(_ count: UInt32) { usleep(count) }
}
