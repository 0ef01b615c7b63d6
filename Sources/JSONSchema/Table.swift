/// A fixed array that a compiled schema owns (不変表); read without reference counting.
@safe struct Table<Element: BitwiseCopyable & Sendable>: ~Copyable, @unchecked Sendable {
    // Sendable: the memory is written in `init` and never again.
    private let elements: UnsafeMutableBufferPointer<Element>

    init(_ source: [Element]) {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: source.count)
        _ = unsafe memory.initialize(from: source)
        unsafe elements = memory
    }

    deinit { unsafe elements.deallocate() }

    var view: View<Element> { unsafe View(UnsafeBufferPointer(elements)) }

    var count: Int { unsafe elements.count }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside of a table")
        return unsafe elements[index]
    }
}
