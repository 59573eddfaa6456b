/// One flag of the store, by etcd's name.
package struct StoreFlag: Sendable {
    /// Without dashes.
    package let name: String
    /// A flag that may stand without a value.
    package let isBoolean: Bool
    /// One line.
    package let help: String
    let apply: @Sendable (String, inout StoreSettings) throws(SettingsError) -> Void

    /// The environment variable that stands for it: `ETCD_` and the name in capitals.
    package var variable: String {
        "ETCD_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    private static func text(
        _ name: String, _ help: String,
        _ set: @escaping @Sendable (inout StoreSettings, String) -> Void
    ) -> StoreFlag {
        StoreFlag(name: name, isBoolean: false, help: help) { (value, settings) in
            set(&settings, value)
        }
    }

    private static func urls(
        _ name: String, _ help: String,
        _ set: @escaping @Sendable (inout StoreSettings, [ServerURL]) -> Void
    ) -> StoreFlag {
        StoreFlag(name: name, isBoolean: false, help: help) {
            (value, settings) throws(SettingsError) in
            set(&settings, try ServerURL.list(value))
        }
    }

    private static func number(
        _ name: String, _ help: String, atLeast least: Int = 1,
        _ set: @escaping @Sendable (inout StoreSettings, Int) -> Void
    ) -> StoreFlag {
        StoreFlag(name: name, isBoolean: false, help: help) {
            (value, settings) throws(SettingsError) in
            guard let number = Int(value), number >= least else {
                throw .badValue(
                    flag: name, value: value,
                    expected: least == Int.min ? "a whole number" : "a number from \(least) on")
            }
            set(&settings, number)
        }
    }

    private static func switches(
        _ name: String, _ help: String,
        _ set: @escaping @Sendable (inout StoreSettings, Bool) -> Void
    ) -> StoreFlag {
        StoreFlag(name: name, isBoolean: true, help: help) {
            (value, settings) throws(SettingsError) in
            guard let flag = GoValues.bool(value) else {
                throw .badValue(flag: name, value: value, expected: "true or false")
            }
            set(&settings, flag)
        }
    }

    private static func duration(
        _ name: String, _ help: String, atLeast least: Int64 = 1,
        _ set: @escaping @Sendable (inout StoreSettings, Int64) -> Void
    ) -> StoreFlag {
        StoreFlag(name: name, isBoolean: false, help: help) {
            (value, settings) throws(SettingsError) in
            guard let nanoseconds = GoValues.nanoseconds(value), nanoseconds >= least else {
                throw .badValue(flag: name, value: value, expected: "a duration such as 10m")
            }
            set(&settings, nanoseconds)
        }
    }

    /// The certificate flags of one kind of listener; `change` applies a change to its settings.
    private static func tls(
        _ prefix: String, _ kind: String,
        _ change: @escaping @Sendable (inout StoreSettings, (inout TLSSettings) -> Void) -> Void
    ) -> [StoreFlag] {
        [
            text("\(prefix)cert-file", "PEM file with the certificate for \(kind)") { all, value in
                change(&all) { $0.certificate = value }
            },
            text("\(prefix)key-file", "PEM file with the key of that certificate") { all, value in
                change(&all) { $0.key = value }
            },
            text("\(prefix)trusted-ca-file", "PEM file with the authorities of the other ends") {
                all, value in
                change(&all) { $0.trustedAuthorities = value }
            },
            switches(
                "\(prefix)client-cert-auth", "demand a certificate from those who connect"
            ) { all, value in change(&all) { $0.requiresClientCertificate = value } },
        ]
    }

    /// All flags that have an effect, in the order of the help text.
    package static let all: [StoreFlag] =
        places + cluster + limits + keepAlive + clientTLS + peerTLS + backups

    /// Not of etcd.
    private static let backups: [StoreFlag] = [
        text("backup-dir", "folder in which backups are made by the clock") {
            $0.backups.folder = $1
        },
        duration("backup-interval", "how often (1h)", atLeast: 1_000_000_000) {
            $0.backups.intervalNanoseconds = $1
        },
        number("backup-keep", "how many of this member's backups are kept (24)") {
            $0.backups.count = $1
        },
    ]

    private static let places: [StoreFlag] = [
        text("name", "this member's name") { $0.name = $1 },
        text("data-dir", "folder of all files (default NAME.etcd)") { $0.dataDirectory = $1 },
        urls("listen-client-urls", "where clients are served") { $0.listenClientURLs = $1 },
        urls("advertise-client-urls", "client addresses to tell the cluster") {
            $0.advertiseClientURLs = $1
        },
        urls("listen-peer-urls", "where other members are accepted") { $0.listenPeerURLs = $1 },
        urls("initial-advertise-peer-urls", "peer addresses to tell the cluster") {
            $0.advertisePeerURLs = $1
        },
        urls("listen-metrics-urls", "more places for /metrics and /health") {
            $0.listenMetricsURLs = $1
        },
        text("log-level", "debug, info, warn or error") { $0.logLevel = $1 },
    ]

    private static let cluster: [StoreFlag] = [
        initialCluster, initialState,
        text("initial-cluster-token", "tells clusters apart") { $0.clusterToken = $1 },
        number("heartbeat-interval", "milliseconds between heartbeats") {
            $0.heartbeatMilliseconds = $1
        },
        number("election-timeout", "milliseconds without a leader before an election") {
            $0.electionMilliseconds = $1
        },
        switches("force-new-cluster", "make a cluster of this member alone") {
            $0.forcesNewCluster = $1
        },
        switches("strict-reconfig-check", "refuse changes that would lose the quorum") {
            $0.checksReconfiguration = $1
        },
        number("max-learners", "members without a vote") { $0.learnersMax = $1 },
        catchUpEntries,
    ]

    private static let limits: [StoreFlag] = [
        number(
            "quota-backend-bytes", "bytes above which writes are refused (0: 2 GiB)",
            atLeast: Int.min
        ) { $0.quotaBytes = $1 },
        number(
            "wal-segment-bytes", "bytes of a file of the log; two are made at the start",
            atLeast: 64 << 10
        ) { $0.segmentBytes = $1 },
        number("max-txn-ops", "operations in one transaction") {
            $0.transactionOperationsMax = $1
        },
        number("max-request-bytes", "bytes of one request") { $0.requestBytesMax = $1 },
        number("max-concurrent-streams", "streams of one connection") {
            $0.concurrentStreamsMax = $1
        },
        duration("watch-progress-notify-interval", "silence before a progress notification") {
            $0.watchProgressNanoseconds = $1
        },
    ]

    private static let keepAlive: [StoreFlag] = [
        duration(
            "grpc-keepalive-min-time", "time that must lie between a client's pings", atLeast: 0
        ) { $0.keepAlive.pingNanosecondsMin = $1 },
        duration(
            "grpc-keepalive-interval", "silence after which a client is pinged", atLeast: 0
        ) { $0.keepAlive.intervalNanoseconds = $1 },
        duration(
            "grpc-keepalive-timeout", "time that a client has to answer a ping", atLeast: 0
        ) { $0.keepAlive.timeoutNanoseconds = $1 },
    ]

    private static let clientTLS = tls("", "clients") { settings, change in
        change(&settings.clientTLS)
    }
    private static let peerTLS = tls("peer-", "other members") { settings, change in
        change(&settings.peerTLS)
    }

    private static let initialCluster = StoreFlag(
        name: "initial-cluster", isBoolean: false, help: "first members as NAME=URL,NAME=URL"
    ) { (value, settings) throws(SettingsError) in
        settings.initialCluster = try InitialMember.list(value)
    }

    private static let initialState = StoreFlag(
        name: "initial-cluster-state", isBoolean: false, help: "new, or existing to join one"
    ) { (value, settings) throws(SettingsError) in
        switch value {
        case "new": settings.joinsExisting = false
        case "existing": settings.joinsExisting = true
        default:
            throw .badValue(
                flag: "initial-cluster-state", value: value, expected: "new or existing")
        }
    }

    private static let catchUpEntries = StoreFlag(
        name: "snapshot-catchup-entries", isBoolean: false,
        help: "entries kept in the log for members that lag"
    ) { (value, settings) throws(SettingsError) in
        guard let count = UInt64(value), count > 0 else {
            throw .badValue(
                flag: "snapshot-catchup-entries", value: value, expected: "a positive number")
        }
        settings.catchUpEntries = count
    }
}
