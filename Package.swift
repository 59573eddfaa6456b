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
    products: [
        .executable(name: "keelson", targets: ["keelson"]),
        .executable(name: "simulate", targets: ["simulate"]),
        .executable(name: "benchmark", targets: ["benchmark"]),
        // For controllers of one's own: docs/CONTROLLERS.md.
        .library(
            name: "KeelsonControllers",
            targets: [
                "ResourceModel", "Environment", "Planning", "APIClient", "Reconciliation",
                "ControllerHost",
            ]),
    ],
    traits: [
        .default(enabledTraits: ["SwiftCrypto"]),
        .trait(
            name: "SwiftCrypto",
            description: "Hashes with swift-crypto. The simulator's build does without, whose "
                + "compilation would take longer than all the rest."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // Ground
        .systemLibrary(name: "CLMDB", path: "Sources/Ground/CLMDB", pkgConfig: "lmdb"),
        .systemLibrary(
            name: "CNGHTTP2", path: "Sources/Ground/CNGHTTP2", pkgConfig: "libnghttp2"),
        .systemLibrary(name: "CZLIB", path: "Sources/Ground/CZLIB", pkgConfig: "zlib"),
        .systemLibrary(name: "CYAML", path: "Sources/Ground/CYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CCurl", path: "Sources/Ground/CCurl", pkgConfig: "libcurl"),
        .systemLibrary(name: "CChecksum", path: "Sources/Ground/CChecksum"),
        .target(name: "CProcess", path: "Sources/Ground/CProcess"),
        module("Ground", "Primitives", ["CChecksum"]),
        // Vocabulary
        module("Vocabulary", "Environment", ["Primitives"]),
        module("Vocabulary", "StoreModel", ["Primitives"]),
        module("Vocabulary", "Wire", ["Primitives"]),
        module("Vocabulary", "ResourceModel", ["Primitives"]),
        module("Vocabulary", "ServiceModel"),
        // Cores
        module("Cores", "Raft", ["Primitives"]),
        module("Cores", "MVCC", ["Primitives", "Environment", "StoreModel"]),
        module("Cores", "Watching", ["Primitives", "Environment", "StoreModel"]),
        module("Cores", "Leasing", ["Primitives", "Environment", "StoreModel"]),
        module("Cores", "Verification", ["Primitives", "StoreModel"]),
        module("Cores", "Admission", ["Primitives", "ResourceModel"]),
        module("Cores", "Patching", ["Primitives", "ResourceModel"]),
        module("Cores", "Kinds", ["Primitives", "ResourceModel"]),
        module("Cores", "Planning", ["Primitives", "Environment", "ResourceModel"]),
        module("Cores", "Printing", ["Primitives", "ResourceModel"]),
        module("Cores", "Describing", ["Primitives", "ResourceModel"]),
        module("Cores", "Drafting", ["Primitives", "ResourceModel"]),
        module("Cores", "PodModel", ["Primitives", "ResourceModel"]),
        module("Cores", "NameService", ["Primitives", "ServiceModel"]),
        // Adapters
        module("Adapters", "WriteAheadLog", ["Primitives", "Environment", "Raft"]),
        module(
            "Adapters", "Storage",
            [
                "Primitives", "Environment", "CLMDB",
                .product(
                    name: "Crypto", package: "swift-crypto",
                    condition: .when(traits: ["SwiftCrypto"])),
            ]),
        module("Adapters", "SimulatedEnvironment", ["Primitives", "Environment"]),
        module(
            "Adapters", "Certificates",
            ["Primitives", "ResourceModel", .product(name: "Crypto", package: "swift-crypto")]),
        module("Adapters", "EtcdAPI", ["Primitives", "Wire", "StoreModel"]),
        module("Adapters", "ObjectCoding", ["Primitives", "Wire", "ResourceModel"]),
        module("Adapters", "APIClient", ["Primitives", "ResourceModel", "Kinds"]),
        module("Adapters", "Manifests", ["Primitives", "ResourceModel", "CYAML"]),
        module("Adapters", "HTTPClient", ["Primitives", "CCurl"]),
        module(
            "Adapters", "Transport",
            [
                "Primitives", "Wire", "ResourceModel", "CNGHTTP2", "CZLIB",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        module(
            "Adapters", "Runtimes",
            [
                "Primitives", "ResourceModel", "PodModel", "CProcess",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module(
            "Adapters", "NameServer",
            [
                "Primitives", "NameService",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        module(
            "Adapters", "ServiceProxy",
            [
                "ServiceModel",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // Engines
        module(
            "Engines", "ReplicatedStore",
            [
                "Primitives", "Environment", "StoreModel", "Raft", "MVCC", "Watching", "Leasing",
                "WriteAheadLog", "Storage",
            ]),
        module(
            "Engines", "EtcdClient",
            [
                "Primitives", "Wire", "StoreModel", "EtcdAPI", "Transport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        module(
            "Engines", "Backups",
            [
                "Primitives", "Environment", "StoreModel", "ResourceModel", "MVCC", "Storage",
            ]),
        module(
            "Engines", "ClusterAccess",
            ["Primitives", "ResourceModel", "Kinds", "APIClient", "HTTPClient", "Manifests"]),
        module(
            "Engines", "Reconciliation",
            [
                "Primitives", "Environment", "ResourceModel", "Planning", "APIClient",
                .product(name: "Logging", package: "swift-log"),
            ]),
        // Services
        module(
            "Services", "EtcdServer",
            [
                "Primitives", "Wire", "Environment", "StoreModel", "Raft", "Storage", "EtcdAPI",
                "Transport", "ReplicatedStore", "Backups",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        module(
            "Services", "APIServer",
            [
                "Primitives", "Environment", "StoreModel", "ResourceModel", "Kinds", "Admission",
                "Patching", "ObjectCoding", "Manifests", "Certificates", "Transport", "APIClient",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        module(
            "Services", "Controllers",
            [
                "Primitives", "ResourceModel", "ServiceModel", "Planning", "NameService",
                "APIClient", "Reconciliation",
                .product(name: "Logging", package: "swift-log"),
            ]),
        module(
            "Services", "ControllerHost",
            [
                "Primitives", "Environment", "ResourceModel", "Planning", "APIClient",
                "Reconciliation",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        module(
            "Services", "NodeAgent",
            [
                "Primitives", "Environment", "ResourceModel", "Planning", "PodModel", "APIClient",
                "ServiceModel", "NameService", "NameServer", "ServiceProxy", "Runtimes",
                "HTTPClient", "Reconciliation", .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // Programs
        module(
            "Programs", "StoreCommands",
            [
                "Primitives", "Wire", "Environment", "StoreModel", "EtcdAPI", "Transport",
                "EtcdClient", "Storage", "ReplicatedStore", "Backups", "EtcdServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        module(
            "Programs", "Commands",
            [
                "Primitives", "ResourceModel", "Printing", "Describing", "Drafting", "Manifests",
                "HTTPClient", "APIClient", "ClusterAccess", "Wire", "EtcdAPI", "EtcdClient",
                "Transport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "keelson",
            dependencies: [
                "Commands",
                "APIServer", "APIClient", "Controllers", "NodeAgent", "EtcdServer", "Planning",
                "Reconciliation",
                "StoreCommands", "Primitives", "Environment", "Storage", "Runtimes", "HTTPClient",
                "PodModel", "ResourceModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Programs/keelson", swiftSettings: strict),
        module(
            "Programs", "Simulator",
            [
                "Primitives", "Environment", "StoreModel", "Raft", "MVCC", "Watching", "Leasing",
                "Verification", "WriteAheadLog", "Storage", "SimulatedEnvironment",
                "ReplicatedStore",
            ]),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "Simulator", "Primitives",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Programs/simulate", swiftSettings: strict),
        // The example: it sees what everybody sees.
        .executableTarget(
            name: "copier",
            dependencies: [
                "ResourceModel", "Planning", "APIClient", "Reconciliation", "ControllerHost",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Programs/copier", packageAccess: false, swiftSettings: strict),
        .executableTarget(
            name: "benchmark",
            dependencies: [
                "Primitives", "Environment", "StoreModel", "Raft", "MVCC", "WriteAheadLog",
                "Storage", "ReplicatedStore", "Wire", "EtcdAPI", "CNGHTTP2", "ResourceModel",
                "Runtimes",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Sources/Programs/benchmark", swiftSettings: strict),
        // Tests
        testModule("PrimitivesTests", ["Primitives"]),
        testModule("ResourceModelTests", ["ResourceModel", "Primitives"]),
        testModule("RaftTests", ["Raft", "Primitives"]),
        testModule("StoreModelTests", ["StoreModel", "Primitives"]),
        testModule(
            "MVCCTests",
            ["MVCC", "StoreModel", "Primitives", "Environment", "SimulatedEnvironment"]),
        testModule("WatchingTests", ["Watching", "StoreModel", "Primitives", "Environment"]),
        testModule("LeasingTests", ["Leasing", "StoreModel", "Primitives", "Environment"]),
        testModule("AdmissionTests", ["Admission", "ResourceModel", "Primitives"]),
        testModule("PatchingTests", ["Patching", "ResourceModel", "Primitives"]),
        testModule("VerificationTests", ["Verification", "StoreModel", "Primitives"]),
        testModule(
            "WriteAheadLogTests",
            ["WriteAheadLog", "Primitives", "Environment", "Raft", "SimulatedEnvironment"]),
        testModule(
            "StorageTests", ["Storage", "Primitives", "Environment", "SimulatedEnvironment"]),
        testModule(
            "SimulatedEnvironmentTests", ["SimulatedEnvironment", "Environment", "Primitives"]),
        testModule(
            "ReplicatedStoreTests",
            [
                "ReplicatedStore", "Primitives", "Environment", "StoreModel", "Raft", "MVCC",
                "WriteAheadLog", "Storage", "SimulatedEnvironment",
            ]),
        testModule(
            "SimulatorTests",
            ["Simulator", "Primitives", "StoreModel", "Verification", "SimulatedEnvironment"]),
        testModule("KindsTests", ["Kinds", "Admission", "ResourceModel", "Primitives"]),
        testModule(
            "ObjectCodingTests", ["ObjectCoding", "Kinds", "Wire", "ResourceModel", "Primitives"]),
        testModule(
            "PlanningTests",
            ["Planning", "Kinds", "Admission", "Primitives", "Environment", "ResourceModel"]),
        testModule(
            "APIClientTests", ["APIClient", "ResourceModel", "Primitives"]),
        testModule(
            "ReconciliationTests",
            [
                "Reconciliation", "APIClient", "Planning", "Environment", "ResourceModel",
                "Primitives", "copier",
                .product(name: "Logging", package: "swift-log"),
            ]),
        testModule(
            "TransportTests",
            [
                "Transport", "Primitives",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        testModule(
            "ControllersTests",
            [
                "Controllers", "Reconciliation", "Planning", "APIClient", "APIServer",
                "EtcdServer", "Transport", "Storage", "StoreModel", "Environment",
                "ResourceModel", "Primitives",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        testModule("DescribingTests", ["Describing", "ResourceModel"]),
        testModule("PrintingTests", ["Printing", "ResourceModel", "Manifests"]),
        testModule("DraftingTests", ["Drafting", "ResourceModel"]),
        testModule(
            "ClusterAccessTests", ["ClusterAccess", "HTTPClient", "ResourceModel", "Primitives"]),
        testModule("HTTPClientTests", ["HTTPClient", "Primitives"]),
        testModule("ManifestsTests", ["Manifests", "ResourceModel", "Primitives"]),
        testModule(
            "APIServerTests",
            [
                "APIServer", "EtcdServer", "Transport", "Storage", "Certificates", "Kinds",
                "ResourceModel", "StoreModel", "Primitives",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        testModule("PodModelTests", ["PodModel", "ResourceModel", "Primitives"]),
        testModule(
            "RuntimesTests", ["Runtimes", "PodModel", "Primitives", "ResourceModel", "keelson"]),
        testModule(
            "NodeAgentTests",
            [
                "NodeAgent", "ServiceModel", "ResourceModel", "PodModel", "HTTPClient",
                "Reconciliation", "Planning", "Environment",
                .product(name: "Logging", package: "swift-log"),
            ]),
        testModule("CertificatesTests", ["Certificates", "Primitives"]),
        testModule("WireTests", ["Wire", "Primitives"]),
        testModule("NameServiceTests", ["NameService", "ServiceModel", "Primitives"]),
        testModule(
            "ServiceProxyTests",
            [
                "ServiceProxy", "ServiceModel", "Primitives",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        testModule(
            "NameServerTests",
            [
                "NameServer", "NameService", "ServiceModel", "Primitives",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        testModule(
            "BackupsTests",
            [
                "Backups", "EtcdServer", "EtcdClient", "ReplicatedStore", "MVCC", "Storage",
                "StoreModel", "ResourceModel", "Environment", "Primitives", "StoreCommands",
                "SimulatedEnvironment", "Raft",
                "keelson",
                .product(name: "Logging", package: "swift-log"),
            ]),
        testModule("EtcdAPITests", ["EtcdAPI", "Wire", "StoreModel", "Primitives"]),
        testModule(
            "EtcdServerTests",
            [
                "EtcdServer", "ReplicatedStore", "EtcdAPI", "Transport", "Wire", "StoreModel",
                "Primitives", "Environment", "Raft", "Storage", "SimulatedEnvironment",
            ]),
        testModule(
            "EtcdClientTests",
            [
                "EtcdClient", "EtcdServer", "StoreModel", "Primitives", "Storage", "EtcdAPI",
                "Transport", "Wire", "StoreCommands", "keelson",
                .product(name: "Logging", package: "swift-log"),
            ]),
        testModule(
            "BenchmarkTests", ["benchmark", "EtcdAPI", "Wire", "StoreModel", "Primitives"]),
        testModule("HostileTests", ["keelson", "Wire", "Primitives", "CNGHTTP2"]),
        // Starts the program that the same build makes.
        testModule(
            "EndToEndTests",
            [
                "keelson", "copier", "CNGHTTP2", "EtcdAPI", "Verification", "Wire", "StoreModel",
                "ResourceModel", "Primitives",
            ]),
        testModule("TidyTests", []),
    ]
)
