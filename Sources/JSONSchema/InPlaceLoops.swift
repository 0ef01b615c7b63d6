/// Refuses schemas that apply themselves to one value without end (無限参照), and chains so long
/// that checking would need a deep stack.
struct InPlaceLoops {
    /// Schemas applied to one value inside one another.
    static let maxChain = 48

    private enum Mark {
        case unseen, open
        case done(height: Int)
    }

    private let parts: CompiledSchema.Parts
    private let uri: String
    private var marks: [Mark]

    static func refuse(
        in parts: CompiledSchema.Parts, uri: String
    ) throws(SchemaLoadError) {
        var search = InPlaceLoops(
            parts: parts, uri: uri,
            marks: Array(repeating: .unseen, count: parts.nodes.count))
        for node in parts.nodes.indices { _ = try search.height(node, depth: 0) }
    }

    private mutating func height(_ node: Int, depth: Int) throws(SchemaLoadError) -> Int {
        switch marks[node] {
        case .done(let height): return height
        case .open: throw error(node, "the schema applies itself to the same value without end")
        case .unseen: break
        }
        guard depth <= Self.maxChain else { throw tooLong(node) }
        marks[node] = .open
        var highest = 0
        for next in successors(of: parts.nodes[node]) {
            highest = max(highest, try height(Int(next), depth: depth + 1) + 1)
        }
        guard highest <= Self.maxChain else { throw tooLong(node) }
        marks[node] = .done(height: highest)
        return highest
    }

    private func successors(of node: SchemaNode) -> [Int32] {
        var next: [Int32] = []
        for edge in parts.edges[node.inPlace.range] {
            next += [edge.node, edge.then, edge.otherwise]
            next += parts.lists[edge.branches.range]
        }
        if node.objects >= 0 {
            let dependents = parts.objects[Int(node.objects)].dependents
            next += parts.dependents[dependents.range].map(\.node)
        }
        return next.filter { $0 >= 0 }
    }

    private func tooLong(_ node: Int) -> SchemaLoadError {
        error(node, "more than \(Self.maxChain) schemas apply to the same value, one in another")
    }

    private func error(_ node: Int, _ reason: String) -> SchemaLoadError {
        let location = parts.locations[Int(parts.nodes[node].location)]
        return SchemaLoadError(uri: uri, pointer: location, reason: reason)
    }
}
