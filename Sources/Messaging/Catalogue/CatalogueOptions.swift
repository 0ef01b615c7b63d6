/// Which additions to the catalogue are loaded (連携定義の追加分).
///
/// Both are off in production (design §8). The digest does not depend on them.
public struct CatalogueOptions: Hashable, Sendable {
    /// `lab.json`: the observer and its questions.
    public var lab: Bool
    /// `bench.json`: producers and consumers of load.
    public var bench: Bool

    public init(lab: Bool = false, bench: Bool = false) {
        self.lab = lab
        self.bench = bench
    }
}
