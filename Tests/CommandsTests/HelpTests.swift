import Commands
import Testing

@Suite("Help of every command")
struct HelpTests {
    @Test("Every --help starts with an example", arguments: CommandLineTool.paths)
    func exampleFirst(path: [String]) throws {
        let lines = CommandLineTool.help(for: path).split(separator: "\n").map(String.init)
        #expect(lines.first == "例 Example:")
        let call = (["jukihub"] + path).joined(separator: " ")
        #expect(try #require(lines.dropFirst().first).hasPrefix("  " + call), "of \(call)")
    }

    @Test("Every example parses as the command it belongs to", arguments: CommandLineTool.paths)
    func examplesParse(path: [String]) {
        #expect(CommandLineTool.unparsableExamples(of: path).isEmpty)
    }

    @Test("The verbs of the issue are there")
    func verbs() {
        let paths = Set(CommandLineTool.paths.map { $0.joined(separator: " ") })
        let wanted = [
            "dev", "hub", "outside", "sim run", "status", "watch", "trace", "msg ls", "msg show",
            "lane ls", "lane show", "dead-letter ls", "dead-letter show", "dead-letter retry",
            "peer send-certificate", "peer request-certificate", "peer move-in-notice",
            "peer supplement",
            "peer answer", "peer act", "peer inject", "peer received", "dead-letter replace",
            "dead-letter skip", "dead-letter release", "flow ls",
            "flow show", "schema ls", "schema show", "schema validate", "keys new", "check",
            "bench", "flow coverage", "rule ls", "rule coverage",
        ]
        #expect(wanted.filter { !paths.contains($0) }.isEmpty)
    }
}
