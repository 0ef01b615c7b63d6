/// Why a lane is held (保留理由), as it is stored: a code, and after it the places it is about.
struct HeldCode {
    let code: String
    /// JSON pointers.
    let pointers: [String]

    init(_ stored: String) {
        let parts = stored.split(separator: " ").map(String.init)
        code = parts.first ?? ""
        pointers = Array(parts.dropFirst())
    }
}
