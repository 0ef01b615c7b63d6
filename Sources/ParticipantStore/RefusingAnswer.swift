import Messaging

/// What an answer says no with (拒否の回答): read from its content once, so that a trace shows the step as refused although
/// nobody there sees the content.
enum RefusingAnswer {
    private struct Answer: Decodable {
        let result: String?
        let code: String?
        let reason: String?
    }

    /// The stable code of a refusing answer; nil where the answer says yes, or says nothing of the kind.
    static func code(in payload: [UInt8], of type: MessageTypeName) -> String? {
        guard let answer = try? PayloadCoding.decode(Answer.self, from: payload) else { return nil }
        let isRefusal =
            answer.result.map { $0 == "refused" }
            ?? (answer.code != nil || type.rawValue.hasSuffix(".refused"))
        return isRefusal ? Envelope.refusalCode(answer.code ?? answer.reason) : nil
    }
}
