// swift-tools-version: 6.2
import PackageDescription

// The layers, from the ground up (docs/ARCHITECTURE.md); imports go down only, and TidyTests
// hold the sources to it.

/// Settings of every target of ours.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    // The simulator's deliberate bugs and fault points exist in debug builds, and in release
    // builds made with -Xswiftc -DSIMULATION.
    .define("SIMULATION", .when(configuration: .debug)),
]

/// Settings of test targets.
let tests: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .define("SIMULATION", .when(configuration: .debug)),
]

func module(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)",
        swiftSettings: strict)
}

func testModule(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)",
        exclude: [], swiftSettings: tests)
}

let package = Package(
    name: "keelson",
    targets: [
        // Ground
        .systemLibrary(name: "CLMDB", path: "Sources/Ground/CLMDB", pkgConfig: "lmdb"),
        .systemLibrary(name: "CChecksum", path: "Sources/Ground/CChecksum"),
        module("Ground", "Primitives", ["CChecksum"]),
        // Vocabulary
        module("Vocabulary", "Environment", ["Primitives"]),
        module("Vocabulary", "StoreModel", ["Primitives"]),
        // Cores
        module("Cores", "Raft", ["Primitives"]),
        module("Cores", "Watching", ["Primitives", "Environment", "StoreModel"]),
        module("Cores", "Leasing", ["Primitives", "Environment", "StoreModel"]),
        module("Cores", "Verification", ["Primitives", "StoreModel"]),
        // Adapters
        module("Adapters", "WriteAheadLog", ["Primitives", "Environment", "Raft"]),
        module("Adapters", "SimulatedEnvironment", ["Primitives", "Environment"]),
        // Tests
        testModule("WatchingTests", ["Watching", "StoreModel", "Primitives", "Environment"]),
        testModule("LeasingTests", ["Leasing", "StoreModel", "Primitives", "Environment"]),
        testModule("VerificationTests", ["Verification", "StoreModel", "Primitives"]),
        testModule(
            "WriteAheadLogTests",
            ["WriteAheadLog", "Primitives", "Environment", "Raft", "SimulatedEnvironment"]),
        testModule("SimulatedEnvironmentTests", ["SimulatedEnvironment", "Environment", "Primitives"]),
    ]
)
