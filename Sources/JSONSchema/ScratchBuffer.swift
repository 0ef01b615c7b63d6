/// A growing array that is emptied, not freed, between two payloads (作業領域).
///
/// One owner, trivial elements: so an append costs a comparison and a store.
@safe struct ScratchBuffer<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 64) {
        self.capacity = capacity
        unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    }

    deinit { unsafe base.deallocate() }

    /// Valid until the next append.
    @inline(__always)
    var view: View<Element> {
        unsafe View(UnsafeBufferPointer(start: base, count: count))
    }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside of scratch")
            return unsafe base[index]
        }
        _modify {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside of scratch")
            yield unsafe &base[index]
        }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow(to: count + 1) }
        unsafe (base + count).initialize(to: element)
        count += 1
    }

    mutating func append(repeating element: Element, count added: Int) {
        if count + added > capacity { grow(to: count + added) }
        unsafe (base + count).initialize(repeating: element, count: added)
        count += added
    }

    mutating func append(_ elements: View<Element>, _ offset: Int, _ length: Int) {
        for index in offset..<offset + length { append(elements[index]) }
    }

    @inline(__always)
    mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count, "truncation never grows")
        count = newCount
    }

    /// Sorts in place; what is in order already costs one comparison each.
    mutating func sort(by precedes: (Element, Element) -> Bool) {
        let isSorted = (1..<max(1, count)).allSatisfy { !precedes(self[$0], self[$0 - 1]) }
        guard !isSorted else { return }
        var elements = unsafe UnsafeMutableBufferPointer(start: base, count: count)
        unsafe elements.sort(by: precedes)
    }

    /// The contents as an ordinary array, for what outlives the scratch.
    var elements: [Element] { (0..<count).map { self[$0] } }

    @inline(never)
    private mutating func grow(to needed: Int) {
        let larger = max(needed, capacity * 2)
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        unsafe memory.moveInitialize(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = memory
        capacity = larger
    }
}
