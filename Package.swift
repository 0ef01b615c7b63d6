// swift-tools-version: 6.2
import PackageDescription

/// One room of the house (style.md, Layout): a library target and who it may import.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path)
}

/// One process: a main that reads configuration, calls the room's `build`, and runs.
func process(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies + ["Participant", "ParticipantStore", "Platform"]
            + [argumentParser],
        path: "Sources/Executables/\(name)")
}

func tests(
    _ room: String, _ dependencies: [Target.Dependency] = [], fixtures: [String] = []
) -> Target {
    .testTarget(
        name: "\(room)Tests", dependencies: [.init(stringLiteral: room)] + dependencies,
        exclude: fixtures)
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let systems = [
    "ResidentRegister", "MunicipalCS", "IntegratedAddressee", "IntermediateServer", "OfficeLinkage",
    "FileAdapter",
]
let processes = [
    "resident-register": "ResidentRegister", "municipal-cs": "MunicipalCS",
    "integrated-addressee": "IntegratedAddressee", "intermediate-server": "IntermediateServer",
    "office-linkage": "OfficeLinkage",
]

let package = Package(
    name: "JukiHub",
    products: [
        .library(
            name: "JukiHubParticipant", targets: ["Messaging", "Participant", "ParticipantStore"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CZeroMQ"),
        .systemLibrary(name: "CPlatform"),
        room("ZeroMQ", ["CZeroMQ"]),
        room("JSONSchema"),
        room("Messaging", ["JSONSchema", crypto]),
        room("BusProtocol", ["Messaging"]),
        room("Operations", ["Messaging"]),
        room("Platform", ["CPlatform", "Messaging", "ZeroMQ", logging]),
        room(
            "Journal", ["Messaging", "JSONSchema", "Platform", grdb, grdbSQLite, crypto, logging]),
        room(
            "Hub",
            [
                "ZeroMQ", "BusProtocol", "Journal", "Messaging", "JSONSchema", "Operations",
                "Platform", crypto, logging, collections,
            ]),
        room("Participant", ["ZeroMQ", "BusProtocol", "Messaging", "Platform", logging]),
        room(
            "ParticipantStore", ["Participant", "Messaging", "Platform", grdb, crypto, logging]),
        room(
            "Simulation",
            [
                "Participant", "Messaging", "JSONSchema", "ZeroMQ", "Platform", "Operations", yams,
                logging, crypto, x509, asn1,
            ]),
        room(
            "Commands",
            [
                "Hub", "Journal", "Simulation", "Participant", "ParticipantStore", "Operations",
                "Messaging",
                "JSONSchema", "ZeroMQ", "BusProtocol", "Platform", "FileAdapter", argumentParser,
                logging, crypto,
            ]),
        process("jukihub", ["Commands"]),
        .target(
            name: "TestSupport",
            dependencies: [
                "Messaging", "Platform", "ZeroMQ", "BusProtocol", "Participant", "Operations",
                "Simulation",
            ],
            path: "Tests/TestSupport"),
        tests("ZeroMQ"), tests("Platform", ["Messaging", "ZeroMQ", logging]),
        tests("JSONSchema", fixtures: ["Corpus"]),
        tests("Messaging", ["JSONSchema"], fixtures: ["Fixtures"]),
        tests("BusProtocol", ["Messaging"]),
        tests("Journal", ["Messaging", "Platform", crypto, grdb]),
        .executableTarget(
            name: "journal-layout-benchmark", dependencies: [grdbSQLite, crypto],
            path: "Tests/Benchmarks/JournalLayout"),
        .executableTarget(
            name: "journal-commit-benchmark", dependencies: ["Journal", "Messaging"],
            path: "Tests/Benchmarks/JournalCommit"),
        tests("Hub", ["Journal", "Messaging", "BusProtocol", "ZeroMQ", "Platform"]),
        tests("Participant", ["Messaging", "BusProtocol", "ZeroMQ", logging]),
        tests("ParticipantStore", ["Participant", "Messaging", "Platform", grdb]),
        tests("Commands", ["TestSupport"]),
        tests(
            "Simulation",
            ["JSONSchema", "Messaging", "Participant", "Platform", "ZeroMQ", logging]),
        .testTarget(
            name: "SystemsTests",
            dependencies: systems.map { .init(stringLiteral: $0) } + [
                "Participant", "ParticipantStore", "Messaging", "Platform", "JSONSchema", grdb,
                crypto,
            ]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "TestSupport", "Messaging", "Platform", "Participant", "BusProtocol", "ZeroMQ",
                "Operations", "Simulation",
            ]),
    ]
        + systems.map {
            room(
                $0, ["Participant", "ParticipantStore", "Messaging", "Platform", grdb, crypto],
                path: "Sources/Systems/\($0)")
        }
        + processes.sorted { $0.key < $1.key }.map {
            process($0.key, [.init(stringLiteral: $0.value)])
        }
)

// One settings loop (style.md, Layout 5): every room is built under the same strictness.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .treatWarning("DeprecatedDeclaration", as: .warning),
    ]
}

// `Message.bytes` lends libzmq's memory as a `Span` that cannot outlive the message; only the room
// that declares such a property needs the feature, not those that read it.
for target in package.targets where target.name == "ZeroMQ" {
    target.swiftSettings?.append(.enableExperimentalFeature("Lifetimes"))
}
