internal import Commands
internal import Foundation

/// The operators', integrators' and test harnesses' tool (`jukihub`); one of its verbs is the hub itself.
@main
struct Main {
    static func main() {
        exit(CommandLineTool.run(Array(CommandLine.arguments.dropFirst())))
    }
}
