package import Transport

/// What an operator can decide about a store member; etcd's flags with etcd's defaults.
package struct StoreSettings: Sendable, Equatable {
    /// How compaction by itself decides.
    package enum AutoCompaction: Sendable, Equatable {
        case off
        /// Keeps the history of so many nanoseconds.
        case periodic(nanoseconds: Int64)
        /// Keeps so many revisions.
        case revisions(Int64)
    }

    /// This member's name for people.
    package var name = "default"
    /// Empty for `NAME.etcd` in the working folder.
    package var dataDirectory = ""
    /// Where clients are served.
    package var listenClientURLs = [ServerURL(host: "localhost", port: 2379)]
    /// Empty for the default where only the listen URLs are the default too.
    package var advertiseClientURLs: [ServerURL] = []
    /// Where other members are accepted.
    package var listenPeerURLs = [ServerURL(host: "localhost", port: 2380)]
    /// Where other members find this one.
    package var advertisePeerURLs = [ServerURL(host: "localhost", port: 2380)]
    /// More places for the pages beside gRPC.
    package var listenMetricsURLs: [ServerURL] = []
    /// Empty for this member alone.
    package var initialCluster: [InitialMember] = []
    /// Joins a cluster that exists.
    package var joinsExisting = false
    /// Makes the identifiers of clusters with equal addresses differ.
    package var clusterToken = "etcd-cluster"
    /// The length of a tick.
    package var heartbeatMilliseconds = 100
    /// How long a follower waits for its leader.
    package var electionMilliseconds = 1_000
    /// Entries kept in the log for followers that lag.
    package var catchUpEntries: UInt64 = 5_000
    /// 0 for the default, negative for no bound.
    package var quotaBytes = 0
    /// Bytes of a file of the log; a new member fills two of them with zeros. Not of etcd.
    package var segmentBytes = 64 << 20
    /// How history is forgotten without being asked.
    package var autoCompaction = AutoCompaction.off
    /// Operations in one branch of a transaction.
    package var transactionOperationsMax = 128
    /// Bytes of one request.
    package var requestBytesMax = 1_572_864
    /// Streams that one connection may have open.
    package var concurrentStreamsMax = 1_024
    /// Pings of and to clients.
    package var keepAlive = KeepAliveSettings()
    /// Members without a vote.
    package var learnersMax = 1
    /// Certificates of the clients' listeners.
    package var clientTLS = TLSSettings()
    /// Certificates between members.
    package var peerTLS = TLSSettings()
    /// Make a cluster of this member alone.
    package var forcesNewCluster = false
    /// Refuse membership changes that would lose the quorum.
    package var checksReconfiguration = true
    /// etcd's name of the lowest level that is logged.
    package var logLevel = "info"
    /// Silence after which a watch is told of progress.
    package var watchProgressNanoseconds: Int64 = 600_000_000_000
    /// Backups made by the clock; not of etcd.
    package var backups = BackupSettings()
    /// Flags that were given and change nothing here, for a warning.
    package var ignoredFlags: [String] = []

    /// The defaults.
    package init() {}

    /// Bytes of the backend above which the NOSPACE alarm is raised; 0 for no bound.
    package var effectiveQuotaBytes: Int {
        quotaBytes == 0 ? 2 << 30 : max(0, quotaBytes)
    }

    /// The folder of all files.
    package var effectiveDataDirectory: String {
        dataDirectory.isEmpty ? "\(name).etcd" : dataDirectory
    }

    /// Client URLs that the cluster is told.
    package var effectiveAdvertiseClientURLs: [ServerURL] {
        advertiseClientURLs.isEmpty ? listenClientURLs : advertiseClientURLs
    }

    /// The first members, this one alone where none are given.
    package var effectiveInitialCluster: [InitialMember] {
        initialCluster.isEmpty
            ? [InitialMember(name: name, peerURLs: advertisePeerURLs)] : initialCluster
    }

    /// Checks what concerns several flags at once.
    /// - Throws: `.contradiction`, `.unsupported`.
    package func check() throws(SettingsError) {
        guard heartbeatMilliseconds > 0, electionMilliseconds > 0 else {
            throw .contradiction("--heartbeat-interval and --election-timeout must be positive")
        }
        guard electionMilliseconds >= 5 * heartbeatMilliseconds else {
            throw .contradiction(
                "--election-timeout[\(electionMilliseconds)ms] should be at least as 5 times as "
                    + "--heartbeat-interval[\(heartbeatMilliseconds)ms]")
        }
        guard electionMilliseconds <= 50_000 else {
            throw .contradiction(
                "--election-timeout[\(electionMilliseconds)ms] is too long, and should be set "
                    + "less than 50000ms")
        }
        try checkTLS(clientTLS, listenClientURLs + listenMetricsURLs, "")
        try checkTLS(peerTLS, listenPeerURLs, "peer-")
    }

    private func checkTLS(
        _ tls: TLSSettings, _ urls: [ServerURL], _ prefix: String
    ) throws(SettingsError) {
        guard tls.certificate.isEmpty == tls.key.isEmpty else {
            throw .contradiction("--\(prefix)cert-file and --\(prefix)key-file go together")
        }
        if tls.certificate.isEmpty, let url = urls.first(where: \.isSecure) {
            throw .contradiction("\(url) needs --\(prefix)cert-file and --\(prefix)key-file")
        }
        if tls.requiresClientCertificate, tls.trustedAuthorities.isEmpty {
            throw .contradiction(
                "--\(prefix)client-cert-auth needs --\(prefix)trusted-ca-file")
        }
    }
}

/// When clients may ping and when they are pinged; zero for gRPC's own defaults (etcd).
package struct KeepAliveSettings: Sendable, Equatable {
    /// Time that must lie between a client's pings.
    package var pingNanosecondsMin: Int64 = 5_000_000_000
    /// Silence after which a client is pinged.
    package var intervalNanoseconds: Int64 = 7_200_000_000_000
    /// Time that a client has to answer.
    package var timeoutNanoseconds: Int64 = 20_000_000_000

    /// etcd's defaults.
    package init() {}

    /// Tells a listener.
    func apply(to limits: inout HTTP2Limits) {
        let isOff = intervalNanoseconds == 0 || timeoutNanoseconds == 0
        limits.pingNanosecondsMin = pingNanosecondsMin == 0 ? 300_000_000_000 : pingNanosecondsMin
        limits.silenceNanosecondsMax = isOff ? 7_200_000_000_000 : intervalNanoseconds
        limits.answerNanosecondsMax = isOff ? 20_000_000_000 : timeoutNanoseconds
    }
}

/// One entry of `--initial-cluster`.
package struct InitialMember: Sendable, Equatable {
    /// The member's name.
    package var name: String
    /// Where it can be reached.
    package var peerURLs: [ServerURL]

    /// Names a member.
    package init(name: String, peerURLs: [ServerURL]) {
        self.name = name
        self.peerURLs = peerURLs
    }

    /// Reads `name=url,name=url,…`; a name that comes again adds an address to its member.
    /// - Throws: what is wrong with it.
    package static func list(_ text: String) throws(SettingsError) -> [InitialMember] {
        var members: [InitialMember] = []
        for part in text.split(separator: ",") {
            guard let mark = part.firstIndex(of: "="), mark != part.startIndex else {
                throw .badValue(
                    flag: "initial-cluster", value: String(part), expected: "NAME=URL")
            }
            let name = String(part[..<mark].drop { $0 == " " })
            let url = try ServerURL(String(part[part.index(after: mark)...]))
            if let known = members.firstIndex(where: { $0.name == name }) {
                members[known].peerURLs.append(url)
            } else {
                members.append(InitialMember(name: name, peerURLs: [url]))
            }
        }
        return members
    }
}

/// Certificate files of one kind of listener; empty where not given.
package struct TLSSettings: Sendable, Equatable {
    /// PEM file with the certificate chain.
    package var certificate = ""
    /// PEM file with its key.
    package var key = ""
    /// PEM file with those who sign for the other ends.
    package var trustedAuthorities = ""
    /// Whether who connects must show a certificate.
    package var requiresClientCertificate = false

    /// No TLS.
    package init() {}

    /// For the transport; nil without a certificate.
    package var files: TLSFiles? {
        guard !certificate.isEmpty else { return nil }
        return TLSFiles(
            certificate: certificate, key: key,
            trustedAuthorities: trustedAuthorities.isEmpty ? nil : trustedAuthorities,
            requiresClientCertificate: requiresClientCertificate,
            acceptsClientCertificate: !trustedAuthorities.isEmpty)
    }
}
