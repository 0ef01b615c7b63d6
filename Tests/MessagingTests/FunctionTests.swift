import Messaging
import Testing

@Suite("Functions that can be granted")
struct FunctionTests {
    @Test(
        "R-060: what a person sends from a terminal belongs to a function that can be granted, with its factor"
    )
    func functions() throws {
        let catalogue = try Catalogue(files: Repository.schemas())
        let granted = Dictionary(
            grouping: catalogue.functions.flatMap { function in
                function.types.map { ($0, function) }
            }, by: \.0)
        let terminals = Set(catalogue.participants.filter { $0.kind == .terminal }.map(\.family))
        for link in catalogue.links where terminals.contains(link.from) {
            for message in link.types where message.operator {
                let functions = granted[message.type]?.map(\.1) ?? []
                #expect(!functions.isEmpty, "\(message.type) can be granted to nobody")
                if link.from != "lgwanTerminal", message.type.rawValue.hasPrefix("staff.") == false
                {
                    #expect(functions.allSatisfy { $0.factor == .biometric }, "\(message.type)")
                }
            }
        }
    }
}
