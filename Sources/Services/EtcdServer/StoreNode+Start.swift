internal import Environment
internal import EtcdAPI
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Primitives
internal import ReplicatedStore
internal import Storage
internal import StoreModel
internal import Transport
internal import Wire

extension StoreNode {
    /// Opens the folder, joins or forms the cluster, and serves. Blocks until the ports are bound.
    /// - Throws: what the operator has to change; nothing runs then.
    package func start() throws {
        do {
            try settings.check()
            try folder.prepare()
            guard !folder.isRemoved else { throw StartError.removed }
            record = try folder.readRecord()
            if record == nil { record = try makeRecord() }
            try prepareBackups()
            try loop.submit { try self.open() }.wait()
            try bind()
            try loop.submit { self.beginTicking() }.wait()
            gate.open()
        } catch {
            // What went wrong first is what the operator needs to hear.
            try? loop.submit { self.abandon() }.wait()
            // As above.
            try? group.syncShutdownGracefully()
            throw StartError(error)
        }
    }

    /// Who this member is, at its first start.
    private func makeRecord() throws -> MemberRecord {
        let settings = settings
        let mine = settings.advertisePeerURLs.sortedTexts
        let record: MemberRecord
        if settings.joinsExisting {
            let answer = try findCluster()
            let listed = answer.members.first { $0.attributes.peerURLs.sorted() == mine }
            guard let listed else { throw StartError.notListed(mine) }
            record = MemberRecord(
                clusterID: answer.clusterID, memberID: listed.id, name: settings.name,
                token: settings.clusterToken, hasJoined: true,
                members: answer.members.map { ($0.id, $0.attributes) })
        } else {
            record = try MemberRecord(forming: settings)
        }
        try folder.write(record)
        return record
    }

    /// Asks the other members of `--initial-cluster`, a few times.
    private func findCluster() throws -> PeerQuestion.Answer {
        let mine = settings.advertisePeerURLs.sortedTexts
        let others = settings.effectiveInitialCluster.filter { $0.peerURLs.sortedTexts != mine }
            .flatMap(\.peerURLs)
        let files = settings.peerTLS.files
        let port = try loop.submit { [loop] in
            LoopBound(try FramePort(loop: loop, tls: files) { $0.close("not serving yet") })
        }.wait()
        var problem = "--initial-cluster names no other member"
        var unlisting: PeerQuestion.Answer?
        for round in 0..<5 {
            for url in others {
                do {
                    let answer = try loop.flatSubmit { [loop] in
                        PeerQuestion.ask(url, port: port.value, loop: loop)
                    }.wait()
                    let isListed = answer.members.contains {
                        $0.attributes.peerURLs.sorted() == mine
                    }
                    if isListed { return answer }
                    unlisting = answer
                } catch {
                    problem = "\(error)"
                }
            }
            // A member that was just added may not be known everywhere yet.
            if round < 4 { usleep(500_000) }
        }
        if let unlisting { return unlisting }
        throw StartError.noCluster(problem)
    }

    /// Opens the member; on the loop.
    private func open() throws {
        let configuration = memberConfiguration()
        let backends = LMDBBackendProvider(
            directory: folder.backendPath, disk: disk,
            onFault: { [log] error in
                let reason = MemberFailure.backend(error).text
                log.critical("the member failed", metadata: ["reason": "\(reason)"])
                exit(1)
            })
        if settings.forcesNewCluster {
            log.warning("making a cluster of this member alone")
            let own = record.memberID
            record.members.removeAll { $0.0 != own }
            try Member.makeAlone(
                configuration: configuration, disk: disk, backends: backends, now: Clock.now())
            try folder.write(record)
        }
        let opened = try Member.open(
            configuration: configuration, disk: disk, backends: backends, now: Clock.now())
        member = MemberService(member: opened, delegate: self)
        links = try PeerLinks(
            loop: loop, tls: settings.peerTLS, owner: self, log: log, now: Clock.now())
        pages = HTTPPages(node: self)
        router = GRPCRouter(
            http: pages, messageBytesMax: settings.requestBytesMax + (512 << 10))
        router.ended = { [unowned self] path, code in self.metrics.count(path, code) }
        router.dropped = { [unowned self] ticket in
            self.member.forget(RequestID(ticket))
        }
        registerServices()
        turn.body = { [unowned self] in self.runTurn() }
        log.info(
            "opened member",
            metadata: [
                "name": "\(record.name)", "member-id": "\(MemberRecord.hex(member.id.rawValue))",
                "cluster-id": "\(MemberRecord.hex(member.clusterID))",
                "data-dir": "\(folder.root)", "revision": "\(member.revision)",
                "applied-index": "\(member.appliedIndex)",
            ])
    }

    private func memberConfiguration() -> MemberConfiguration {
        // Not even a restart may repeat the numbers of requests.
        var random = SystemRandomNumberGenerator()
        var configuration = MemberConfiguration(
            id: record.memberID, clusterID: record.clusterID, directory: folder.memberPath,
            seed: random.next())
        configuration.initialMembers = record.hasJoined ? [] : record.members
        configuration.tickNanoseconds = Int64(settings.heartbeatMilliseconds) * 1_000_000
        configuration.commitTicks = max(1, 5_000 / settings.heartbeatMilliseconds)
        configuration.raft.electionTicks = electionTicks
        configuration.limits.transactionOperationsMax = settings.transactionOperationsMax
        configuration.entriesKept = settings.catchUpEntries
        // The services bound what clients send; in the log many small operations take more.
        configuration.requestBytesMax = 4 * settings.requestBytesMax
        configuration.quotaBytes = settings.effectiveQuotaBytes
        configuration.segmentBytes = settings.segmentBytes
        let timeout = 5_000 + 2 * settings.electionMilliseconds
        configuration.requestTimeoutTicks = timeout / settings.heartbeatMilliseconds
        configuration.watchProgressTicks = max(
            1, Int(settings.watchProgressNanoseconds / configuration.tickNanoseconds))
        return configuration
    }

    /// Binds all ports, the peers' first.
    private func bind() throws {
        for url in settings.listenPeerURLs {
            peerPorts.append(try bound(url, "peers") { [links] in
                links!.port.bind(host: url.bindHost, port: url.port, usesTLS: url.isSecure)
            })
        }
        for url in settings.listenClientURLs {
            clientPorts.append(try bind(url, "clients", router))
        }
        for url in settings.listenMetricsURLs {
            metricsPorts.append(try bind(url, "metrics", MetricsOnly(pages: pages)))
        }
    }

    private func bind(_ url: ServerURL, _ kind: String, _ router: any StreamRouter) throws -> Int {
        var limits = HTTP2Limits()
        limits.streamsMax = settings.concurrentStreamsMax
        settings.keepAlive.apply(to: &limits)
        let listener = try Listener(
            loop: loop, router: router, turn: turn,
            tls: url.isSecure ? settings.clientTLS.files : nil, limits: limits)
        try loop.submit { self.listeners.append(listener) }.wait()
        return try bound(url, kind) { listener.bind(host: url.bindHost, port: url.port) }
    }

    private func bound(
        _ url: ServerURL, _ kind: String, _ bind: () -> EventLoopFuture<Int>
    ) throws -> Int {
        do {
            let port = try bind().wait()
            log.info("listening", metadata: ["for": "\(kind)", "url": "\(url)", "port": "\(port)"])
            return port
        } catch {
            let code = (error as? IOError)?.errnoCode
            throw StartError.cannotListen(url, code.map(systemText) ?? "\(error)")
        }
    }

    /// Lets go of what a start that failed has opened; on the loop.
    private func abandon() {
        hasEnded = true
        links?.close()
        for listener in listeners { _ = listener.close(graceSeconds: 0) }
        member?.close()
        member = nil
    }
}

extension ServerURL {
    /// `localhost` means the IPv4 address, as in etcd.
    var bindHost: String { host == "localhost" ? "127.0.0.1" : host }
}

extension MemberRecord {
    /// The first member of a new cluster, from the flags.
    /// - Throws: `StartError` where the flags contradict each other.
    init(forming settings: StoreSettings) throws {
        let cluster = settings.effectiveInitialCluster
        let mine = settings.advertisePeerURLs.sortedTexts
        guard let own = cluster.first(where: { $0.name == settings.name }) else {
            throw StartError.nameMissing(settings.name)
        }
        guard own.peerURLs.sortedTexts == mine else {
            throw StartError.otherURLs(
                settings.name, given: own.peerURLs.sortedTexts, advertised: mine)
        }
        let members = cluster.map { member in
            let urls = member.peerURLs.sortedTexts
            return (
                ClusterIdentity.memberID(peerURLs: urls, token: settings.clusterToken),
                MemberAttributes(name: member.name, peerURLs: urls)
            )
        }
        guard Set(members.map(\.0)).count == members.count else { throw StartError.sameURLs }
        self.init(
            clusterID: ClusterIdentity.clusterID(of: members.map(\.0)),
            memberID: ClusterIdentity.memberID(peerURLs: mine, token: settings.clusterToken),
            name: settings.name, token: settings.clusterToken, hasJoined: false, members: members)
    }
}
