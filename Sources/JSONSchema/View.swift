/// A bounds-checked look at elements that somebody else keeps alive (借用範囲).
///
/// Reading outside stops the process. Lifetime is the holder's duty: a `TapeView` lives only inside
/// the closure that lent the bytes, a table's view only while its `CompiledSchema` does.
@safe struct View<Element: BitwiseCopyable> {
    private let elements: UnsafeBufferPointer<Element>

    @inline(__always)
    init(_ elements: UnsafeBufferPointer<Element>) {
        unsafe self.elements = elements
    }

    static var empty: View { unsafe View(UnsafeBufferPointer(start: nil, count: 0)) }

    @inline(__always)
    var count: Int { unsafe elements.count }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside of a view")
        return unsafe elements[index]
    }

    /// The same memory from `offset` on, for the standard library's raw consumers.
    @inline(__always)
    func slice(_ offset: Int, _ length: Int) -> UnsafeBufferPointer<Element> {
        precondition(offset >= 0 && length >= 0 && offset <= count - length, "outside of a view")
        return unsafe UnsafeBufferPointer(rebasing: elements[offset..<offset + length])
    }
}

typealias Bytes = View<UInt8>

extension Span where Element: BitwiseCopyable {
    /// Lends the elements as a view, which must not leave `body`.
    @inline(__always)
    func lend<Result, Failure: Error>(
        _ body: (View<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeBufferPointer { elements throws(Failure) in
            try body(unsafe View(elements))
        }
    }
}

extension Array where Element: BitwiseCopyable {
    /// Lends the elements as a view, which must not leave `body`.
    func lend<Result, Failure: Error>(
        _ body: (View<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try span.lend(body)
    }
}

extension View where Element == UInt8 {
    /// Eight bytes from `offset`, the first in the lowest place.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= count - 8, "outside of a view")
        let base = unsafe UnsafeRawPointer(slice(0, count).baseAddress.unsafelyUnwrapped)
        return UInt64(
            littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether `length` bytes here and there are the same.
    @inline(__always)
    func equals(_ offset: Int, _ length: Int, _ other: Bytes, _ otherOffset: Int) -> Bool {
        var at = 0
        while at + 8 <= length {
            guard word(at: offset + at) == other.word(at: otherOffset + at) else { return false }
            at += 8
        }
        while at < length {
            guard self[offset + at] == other[otherOffset + at] else { return false }
            at += 1
        }
        return true
    }

    /// The text of a range that is known to be UTF-8.
    func text(_ offset: Int, _ length: Int) -> String {
        unsafe String(decoding: slice(offset, length), as: UTF8.self)
    }
}
