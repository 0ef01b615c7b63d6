/// The bytes of the records of one commit batch (電文置場), side by side in one buffer.
///
/// Admission copies each record in once; the journal seals from it and live delivery sends from it,
/// so nothing is read back. A record is `envelope length u32 big-endian ‖ envelope ‖ payload`, the
/// same bytes as in PUB and DELIVER.
///
/// `@unchecked Sendable`: filled by one thread, then handed over with its batch and only read. Whoever
/// calls ``reset()`` guarantees that no batch and no delivery in flight still refers to it.
@safe package final class Arena: @unchecked Sendable {
    private var buffer: UnsafeMutableRawBufferPointer
    package private(set) var count = 0

    /// A new arena with room for `capacity` bytes; it doubles when it runs out.
    package init(capacity: Int = 512 * 1024) {
        unsafe buffer = .allocate(byteCount: max(capacity, 4096), alignment: 64)
    }

    deinit { unsafe buffer.deallocate() }

    /// Copies one record in, from its three parts; returns where it stands.
    package func append(envelope: Span<UInt8>, payload: Span<UInt8>) -> ArenaRange {
        let start = count
        reserve(4 + envelope.count + payload.count)
        let length = UInt32(envelope.count)
        unsafe buffer.storeBytes(of: length.bigEndian, toByteOffset: start, as: UInt32.self)
        unsafe envelope.withUnsafeBytes { unsafe copy($0, at: start + 4) }
        unsafe payload.withUnsafeBytes { unsafe copy($0, at: start + 4 + envelope.count) }
        count = start + 4 + envelope.count + payload.count
        return ArenaRange(offset: start, count: count - start)
    }

    /// Copies a whole record in (`envelope length ‖ envelope ‖ payload`); returns where it stands.
    package func append(record: Span<UInt8>) -> ArenaRange {
        let start = count
        reserve(record.count)
        unsafe record.withUnsafeBytes { unsafe copy($0, at: start) }
        count = start + record.count
        return ArenaRange(offset: start, count: record.count)
    }

    /// Lends the bytes of one range, for the call only.
    package func withBytes<R, E: Error>(
        _ range: ArenaRange, _ body: (Span<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        let bytes = unsafe pointer(range).assumingMemoryBound(to: UInt8.self)
        return try unsafe body(Span(_unsafeElements: bytes))
    }

    /// The bytes of one range, valid until the next append or reset. Callers keep the arena alive.
    package func pointer(_ range: ArenaRange) -> UnsafeRawBufferPointer {
        precondition(
            range.offset >= 0 && range.offset + range.count <= count, "range outside the arena")
        return unsafe UnsafeRawBufferPointer(
            rebasing: buffer[range.offset..<range.offset + range.count])
    }

    package func array(_ range: ArenaRange) -> [UInt8] { unsafe Array(pointer(range)) }

    /// Forgets all records and keeps the memory.
    package func reset() { count = 0 }

    private func copy(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard bytes.count > 0 else { return }
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + bytes.count])
            .copyMemory(from: bytes)
    }

    private func reserve(_ more: Int) {
        guard unsafe count + more > buffer.count else { return }
        let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(buffer.count * 2, count + more), alignment: 64)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        unsafe buffer.deallocate()
        unsafe buffer = larger
    }
}

/// Where one record stands in its arena, in bytes.
package struct ArenaRange: Hashable, Sendable {
    package let offset: Int
    package let count: Int

    package init(offset: Int, count: Int) {
        self.offset = offset
        self.count = count
    }
}
