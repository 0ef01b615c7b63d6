import Testing

/// Tests that run whole labs of real processes, one lab at a time.
@Suite("Labs of real processes", .serialized)
enum Labs {}
