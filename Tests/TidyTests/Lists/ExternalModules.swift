/// The layers from the ground up. A module imports only modules of lower ones.
let layers = [
    "Ground", "Vocabulary", "Cores", "Adapters", "Engines", "Services", "Programs",
]

/// Which modules of others may be imported where: by layer or by module. What is not listed is
/// not allowed, so that a new dependency is a decision and not an accident. To allow more, add a
/// line or a name here.
let externalModules: [String: Set<String>] = [
    "ArgumentParser": ["Programs"],
    "Crypto": [
        "APIServer", "Certificates", "Commands", "EtcdServer", "Runtimes", "Storage", "Transport",
    ],
    "Dispatch": ["Adapters", "Engines", "Services", "Programs"],
    "Foundation": ["Services", "Programs"],
    "Glibc": ["Ground", "Adapters", "Engines", "Services", "Programs"],
    "Logging": ["Reconciliation", "Services", "Programs"],
    "Synchronization": ["Adapters", "Engines", "Services", "Programs", "StoreModel"],
]

/// What tests may import beside our own modules.
let externalModulesOfTests: Set<String> = [
    "Dispatch", "Foundation", "Glibc", "Logging", "NIOCore", "NIOPosix", "Synchronization",
    "Testing",
]
