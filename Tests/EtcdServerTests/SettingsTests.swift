import EtcdServer
import Testing

/// etcd's command line.
@Suite struct `Flags of the store` {
    private func settings(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> StoreSettings {
        guard case .run(let settings) = try StoreFlags.parse(arguments, environment: environment)
        else {
            Issue.record("no settings")
            return StoreSettings()
        }
        return settings
    }

    @Test func `nothing given means etcd's defaults`() throws {
        let settings = try settings([])
        #expect(settings == StoreSettings())
        #expect(settings.effectiveDataDirectory == "default.etcd")
        #expect(settings.effectiveQuotaBytes == 2 << 30)
        #expect(settings.listenClientURLs.map(\.port) == [2_379])
        #expect(settings.effectiveInitialCluster.map(\.name) == ["default"])
    }

    @Test(arguments: [
        ["--name", "a"], ["--name=a"], ["-name", "a"], ["-name=a"],
        ["--name", "b", "--name=a"], ["--name=b", "--name", "a"],
    ])
    func `both forms are read and the last one wins`(arguments: [String]) throws {
        #expect(try settings(arguments).name == "a")
    }

    @Test func `a flag wins over its variable, and a variable over the default`() throws {
        let environment = ["ETCD_NAME": "e", "ETCD_INITIAL_CLUSTER_TOKEN": "t", "OTHER": "x"]
        let settings = try settings(["--name", "f"], environment)
        #expect(settings.name == "f")
        #expect(settings.clusterToken == "t")
        #expect(StoreFlag.all.first { $0.name == "data-dir" }?.variable == "ETCD_DATA_DIR")
    }

    @Test(arguments: [
        (["--force-new-cluster"], true), (["--force-new-cluster=true"], true),
        (["--force-new-cluster=false"], false), (["--force-new-cluster=0"], false),
    ])
    func `a switch may stand alone`(arguments: [String], expected: Bool) throws {
        #expect(try settings(arguments).forcesNewCluster == expected)
    }

    @Test(arguments: [
        ([], StoreSettings.AutoCompaction.off),
        (["--auto-compaction-retention=1"], .periodic(nanoseconds: 3_600_000_000_000)),
        (["--auto-compaction-retention=30m"], .periodic(nanoseconds: 1_800_000_000_000)),
        (["--auto-compaction-retention", "1h30m"], .periodic(nanoseconds: 5_400_000_000_000)),
        (
            ["--auto-compaction-mode=revision", "--auto-compaction-retention=1000"],
            .revisions(1_000)
        ),
        (["--auto-compaction-retention=5", "--auto-compaction-mode", "revision"], .revisions(5)),
    ])
    func `auto compaction has two modes`(
        arguments: [String], expected: StoreSettings.AutoCompaction
    ) throws {
        #expect(try settings(arguments).autoCompaction == expected)
    }

    @Test func `a cluster is read with several addresses for a name`() throws {
        let settings = try settings([
            "--initial-cluster", "a=http://h:1,b=http://i:2,a=http://j:3",
            "--initial-cluster-state=existing",
        ])
        #expect(settings.initialCluster.map(\.name) == ["a", "b"])
        #expect(settings.initialCluster[0].peerURLs.sortedTexts == ["http://h:1", "http://j:3"])
        #expect(settings.joinsExisting)
    }

    @Test func `pings have etcd's three flags, whose zeros mean gRPC's defaults`() throws {
        var expected = KeepAliveSettings()
        #expect(try settings([]).keepAlive == expected)
        expected.pingNanosecondsMin = 0
        expected.intervalNanoseconds = 90_000_000_000
        expected.timeoutNanoseconds = 500_000_000
        let given = try settings([
            "--grpc-keepalive-min-time=0s", "--grpc-keepalive-interval=1m30s",
            "--grpc-keepalive-timeout", "500ms",
        ])
        #expect(given.keepAlive == expected)
        #expect(throws: SettingsError.self) {
            try settings(["--grpc-keepalive-interval=fast"])
        }
    }

    @Test func `etcd's other flags are taken with a warning, experimental names too`() throws {
        let settings = try settings([
            "--snapshot-count=5000", "--logger", "zap", "--pre-vote",
            "--experimental-initial-corrupt-check=true",
            "--experimental-watch-progress-notify-interval=5s",
        ])
        #expect(
            settings.ignoredFlags
                == ["snapshot-count", "logger", "pre-vote", "experimental-initial-corrupt-check"])
        #expect(settings.watchProgressNanoseconds == 5_000_000_000)
    }

    @Test(arguments: ["--help", "-h"])
    func `help is asked for`(flag: String) throws {
        #expect(try StoreFlags.parse(["--name", "a", flag]) == .showHelp)
        #expect(StoreFlags.help.contains("--listen-client-urls"))
    }

    @Test func `the version is asked for`() throws {
        #expect(try StoreFlags.parse(["--version"]) == .showVersion)
    }

    private static let wrong: [([String], String)] = [
        (["--bogus"], "flag provided but not defined: --bogus"),
        (["--bogus=1"], "flag provided but not defined: --bogus"),
        (["extra"], "'extra' is not a valid flag"),
        (["--name"], "flag needs an argument: --name"),
        (["--heartbeat-interval=x"], "invalid value \"x\" for flag --heartbeat-interval"),
        (["--heartbeat-interval=0"], "invalid value \"0\" for flag --heartbeat-interval"),
        (["--heartbeat-interval=500"], "should be at least as 5 times"),
        (["--election-timeout=60000"], "is too long"),
        (["--initial-cluster-state=old"], "expected new or existing"),
        (["--initial-cluster=http://h:1"], "expected NAME=URL"),
        (["--initial-cluster=a=h:1"], "has no scheme"),
        (["--initial-cluster=nothing"], "expected NAME=URL"),
        (["--strict-reconfig-check=perhaps"], "expected true or false"),
        (["--auto-compaction-mode=daily"], "expected periodic or revision"),
        (["--auto-compaction-retention=-1"], "expected hours"),
        (["--listen-client-urls=https://h:1"], "needs --cert-file and --key-file"),
        (["--peer-cert-file=a"], "--peer-cert-file and --peer-key-file go together"),
        (["--client-cert-auth"], "needs --trusted-ca-file"),
        (["--config-file=x"], "flag --config-file is not supported"),
        (["--auto-tls"], "flag --auto-tls is not supported"),
        (["--watch-progress-notify-interval=5"], "expected a duration"),
    ]

    @Test(arguments: wrong)
    func `what is wrong is said`(arguments: [String], text: String) {
        do {
            _ = try StoreFlags.parse(arguments)
            Issue.record("\(arguments) was accepted")
        } catch {
            #expect(error.description.contains(text), "\(error)")
        }
    }

    @Test(arguments: ["--auto-tls=false", "--unsafe-no-fsync=false"])
    func `what is not supported may be switched off`(flag: String) throws {
        _ = try settings([flag])
    }
}

/// Addresses as etcd's flags have them.
@Suite struct `Server URLs` {
    private static func address(
        _ host: String, _ port: Int, isSecure: Bool = false
    ) -> ServerURL {
        ServerURL(isSecure: isSecure, host: host, port: port)
    }

    private static let good: [(String, ServerURL)] = [
        ("http://name:23790", address("name", 23_790)),
        ("https://10.0.0.1:1/", address("10.0.0.1", 1, isSecure: true)),
        ("http://[fe80::2]:65535", address("fe80::2", 65_535)),
        ("http://h:0", address("h", 0)),
    ]

    @Test(arguments: good)
    func `a URL is read`(text: String, expected: ServerURL) throws {
        let url = try ServerURL(text)
        #expect(url == expected)
        #expect(try ServerURL(url.description) == url)
    }

    @Test(arguments: [
        "", "host:2379", "ftp://h:1", "unix://h:1", "http://", "http://h", "http://h:",
        "http://h:x", "http://h:65536", "http://h:-1", "http://:1", "http://h:1/path",
        "http://h:1?q", "http://h:1#f", "http://u@h:1", "http://::1:2379", "http://[::1]",
        "http://h h:1", "http://\u{E9}:1",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: SettingsError.self) { try ServerURL(text) }
    }

    @Test func `lists have commas, and spaces around them do not matter`() throws {
        let list = try ServerURL.list("http://b:2, http://a:1,")
        #expect(list.map(\.host) == ["b", "a"])
        #expect(list.sortedTexts == ["http://a:1", "http://b:2"])
    }
}
