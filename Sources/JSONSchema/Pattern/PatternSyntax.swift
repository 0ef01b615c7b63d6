/// A parsed regular expression (正規表現の構文木).
indirect enum PatternSyntax {
    case nothing
    case one(CodePointSet)
    case sequence([PatternSyntax])
    case choice([PatternSyntax])
    /// At least `from` times, at most `to`; nil means without end.
    case repeated(PatternSyntax, from: Int, to: Int?)
    /// `^` and `$`: of the whole string, never of a line.
    case start, end

    /// Whether it can match without reading anything.
    var isEmptyAssertion: Bool {
        switch self {
        case .start, .end: true
        case .nothing, .one, .sequence, .choice, .repeated: false
        }
    }
}
