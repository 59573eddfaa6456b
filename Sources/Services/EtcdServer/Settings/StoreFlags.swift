/// Reads etcd's command line and environment.
package enum StoreFlags {
    /// What the command line asks for.
    package enum Outcome: Sendable, Equatable {
        case run(StoreSettings)
        case showHelp
        case showVersion
    }

    /// Flags that etcd has and that change nothing here, with those that take no value apart.
    private static let ignored: Set<String> = [
        "snapshot-count", "max-snapshots", "max-wals", "wal-dir", "logger", "log-outputs",
        "log-format", "enable-log-rotation", "log-rotation-config-json", "metrics",
        "backend-batch-limit", "backend-batch-interval", "backend-bbolt-freelist-type",
        "cors",
        "host-whitelist", "cipher-suites", "tls-min-version", "tls-max-version", "auth-token",
        "auth-token-ttl", "bcrypt-cost", "compact-hash-check-time", "corrupt-check-time",
        "compaction-batch-limit", "compaction-sleep-interval", "downgrade-check-time",
        "warning-apply-duration", "warning-unary-request-duration", "feature-gates",
        "distributed-tracing-address", "distributed-tracing-service-name",
        "discovery-srv-name", "v2-deprecation", "bootstrap-defrag-threshold-megabytes",
        "distributed-tracing-sampling-rate", "distributed-tracing-instance-id",
    ]
    private static let ignoredSwitches: Set<String> = [
        "pre-vote", "enable-pprof", "enable-v2", "initial-election-tick-advance",
        "initial-corrupt-check", "compact-hash-check-enabled", "enable-lease-checkpoint",
        "enable-lease-checkpoint-persist", "stop-grpc-service-on-defrag", "socket-reuse-port",
        "socket-reuse-address", "memory-mlock", "enable-distributed-tracing",
        "enable-grpc-gateway", "txn-mode-write-with-shared-buffer",
    ]
    /// Flags whose effect somebody would miss.
    private static let refused: [String: String] = [
        "config-file": "give the flags themselves",
        "discovery": "list the members in --initial-cluster",
        "discovery-srv": "list the members in --initial-cluster",
        "discovery-endpoints": "list the members in --initial-cluster",
        "discovery-token": "list the members in --initial-cluster",
        "proxy": "there is no proxy mode",
        "auto-tls": "give --cert-file and --key-file",
        "peer-auto-tls": "give --peer-cert-file and --peer-key-file",
        "client-crl-file": "revocation lists are not read",
        "peer-crl-file": "revocation lists are not read",
        "client-cert-allowed-hostname": "names in clients' certificates are not checked",
        "peer-cert-allowed-cn": "names in peers' certificates are not checked",
        "peer-cert-allowed-hostname": "names in peers' certificates are not checked",
        "unsafe-no-fsync": "every write is synced",
    ]

    /// What was given for auto compaction: its parts depend on each other.
    private struct Compaction {
        var mode = "periodic"
        var retention = "0"
    }

    /// Reads arguments and environment. A flag wins over its variable, the last of several wins.
    /// - Throws: `SettingsError` for the first thing that is wrong.
    package static func parse(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws(SettingsError) -> Outcome {
        var settings = StoreSettings()
        var compaction = Compaction()
        for (variable, value) in environment.sorted(by: { $0.key < $1.key })
        where variable.hasPrefix("ETCD_") && !value.isEmpty {
            let name = variable.dropFirst(5).lowercased().map { $0 == "_" ? "-" : String($0) }
                .joined()
            do {
                try set(name, value, &settings, &compaction)
            } catch .unknownFlag {
                settings.ignoredFlags.append(variable)
            }
        }
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" || argument == "-help" { return .showHelp }
            if argument == "--version" || argument == "-version" { return .showVersion }
            guard argument.hasPrefix("-"), argument.count > 2 else { throw .notAFlag(argument) }
            let text = argument.drop { $0 == "-" }
            if let mark = text.firstIndex(of: "=") {
                let value = String(text[text.index(after: mark)...])
                try set(String(text[..<mark]), value, &settings, &compaction)
            } else if isSwitch(String(text)) {
                try set(String(text), "true", &settings, &compaction)
            } else {
                guard isKnown(String(text)) else { throw .unknownFlag(String(text)) }
                guard let value = rest.popFirst() else { throw .missingValue(flag: String(text)) }
                try set(String(text), value, &settings, &compaction)
            }
        }
        settings.autoCompaction = try resolve(compaction)
        try settings.check()
        return .run(settings)
    }

    private static func plain(_ name: String) -> String {
        name.hasPrefix("experimental-") ? String(name.dropFirst("experimental-".count)) : name
    }

    private static func isSwitch(_ name: String) -> Bool {
        let name = plain(name)
        let isRefused = ["auto-tls", "peer-auto-tls", "unsafe-no-fsync"].contains(name)
        return isRefused || ignoredSwitches.contains(name)
            || StoreFlag.all.contains { $0.name == name && $0.isBoolean }
    }

    private static func isKnown(_ given: String) -> Bool {
        let name = plain(given)
        let isCompaction = name.hasPrefix("auto-compaction-")
        return isCompaction || refused[name] != nil || ignored.contains(name)
            || StoreFlag.all.contains { $0.name == name }
    }

    private static func set(
        _ given: String, _ value: String, _ settings: inout StoreSettings,
        _ compaction: inout Compaction
    ) throws(SettingsError) {
        let name = plain(given)
        if let flag = StoreFlag.all.first(where: { $0.name == name }) {
            try flag.apply(value, &settings)
        } else if name == "auto-compaction-mode" {
            compaction.mode = value
        } else if name == "auto-compaction-retention" {
            compaction.retention = value
        } else if let reason = refused[name] {
            // Explicitly off asks for nothing.
            if GoValues.bool(value) != false { throw .unsupported(flag: name, reason: reason) }
        } else if ignored.contains(name) || ignoredSwitches.contains(name) {
            settings.ignoredFlags.append(given)
        } else {
            throw .unknownFlag(given)
        }
    }

    /// A plain number counts hours in the periodic mode.
    private static func resolve(
        _ compaction: Compaction
    ) throws(SettingsError) -> StoreSettings.AutoCompaction {
        let (flag, retention) = ("auto-compaction-retention", compaction.retention)
        switch compaction.mode {
        case "periodic":
            let hours = Int64(retention).map { $0 < 1_000_000 ? $0 * 3_600_000_000_000 : -1 }
            guard let nanoseconds = hours ?? GoValues.nanoseconds(retention), nanoseconds >= 0
            else {
                throw .badValue(
                    flag: flag, value: retention, expected: "hours, or a duration such as 30m")
            }
            return nanoseconds == 0 ? .off : .periodic(nanoseconds: nanoseconds)
        case "revision":
            guard let count = Int64(retention), count >= 0 else {
                throw .badValue(flag: flag, value: retention, expected: "a number of revisions")
            }
            return count == 0 ? .off : .revisions(count)
        default:
            throw .badValue(
                flag: "auto-compaction-mode", value: compaction.mode,
                expected: "periodic or revision")
        }
    }

    /// The help text.
    package static var help: String {
        let lines = StoreFlag.all.map { flag in
            let name = "  --\(flag.name)" + (flag.isBoolean ? "" : " VALUE")
            let padding = String(repeating: " ", count: max(1, 40 - name.count))
            return name + padding + flag.help
        }
        let compaction = [
            "  --auto-compaction-mode VALUE            periodic or revision",
            "  --auto-compaction-retention VALUE       how much history to keep (0: all)",
        ]
        return """
            USAGE: keelson store [flags]

            A member of a replicated store that speaks the etcd v3 API. Flags are etcd's and may \
            also be given
            as environment variables: ETCD_ and the name in capitals with underscores.

            FLAGS:
            \((lines + compaction).joined(separator: "\n"))
            """
    }
}
