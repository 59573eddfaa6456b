internal import Environment
internal import Logging
internal import NIOCore
internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel
internal import Wire

/// What time brings about.
extension StoreNode {
    /// Starts the timer.
    func beginTicking() {
        // A cluster of one need not wait for an election that nobody else can win, others start
        // with half of their patience used up (etcd's --initial-election-tick-advance).
        let isAlone = member.membership.voters == [member.id]
        let advance = isAlone ? 2 * electionTicks : electionTicks / 2
        for _ in 0..<advance where !member.isLeader { member.tick(Clock.now()) }
        isLearner = member.membership.learners.contains(member.id)
        turn.schedule()
        nextTick = NIODeadline.now()
        scheduleTick()
    }

    private func scheduleTick() {
        let interval = TimeAmount.milliseconds(Int64(settings.heartbeatMilliseconds))
        // A tick that came late is not made up for: the next is a whole interval away, and the
        // clock that goes with it is the real one.
        nextTick = max(nextTick + interval, NIODeadline.now())
        loop.assumeIsolated().scheduleTask(deadline: nextTick) { [weak self] in self?.tick() }
    }

    private func tick() {
        guard !hasEnded else { return }
        scheduleTick()
        let now = Clock.now()
        member.tick(now)
        guard !hasEnded else { return }
        router.expire(NIODeadline.now())
        links.tick(now)
        isLearner = member.membership.learners.contains(member.id)
        countLeaderless()
        publish()
        compactByItself(now)
        backUpByItself(now)
        finishTurn()
        turn.schedule()
    }

    /// Ends the streams of clients that asked to be told when there is no leader.
    private func countLeaderless() {
        guard member.leader == .zero else {
            noLeaderTicks = 0
            return
        }
        noLeaderTicks += 1
        guard noLeaderTicks == 3 * electionTicks else { return }
        log.warning("no leader", metadata: ["term": "\(member.term)"])
        for stream in streams.values where stream.wantsLeader {
            stream.finish(EtcdError.noLeader)
        }
    }

    /// Tells the cluster this member's name and client URLs once it takes part and somebody
    /// leads; clients are served in the full sense from then on.
    private func publish() {
        switch publication {
        case .done, .waiting: return
        case .retry(let instant) where instant > NIODeadline.now(): return
        case .due, .retry: break
        }
        guard member.leader != .zero, let known = member.attributes(of: member.id) else { return }
        var wanted = known
        wanted.name = record.name
        wanted.clientURLs = settings.effectiveAdvertiseClientURLs.sortedTexts
        guard wanted != known else {
            announce()
            return
        }
        publication = .waiting
        ask(.command(.setMember(member.id, wanted))) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success: self.announce()
            case .failure: self.publication = .retry(at: NIODeadline.now() + .seconds(1))
            }
        }
    }

    private func announce() {
        publication = .done
        guard !isReady else { return }
        isReady = true
        for (url, port) in zip(settings.listenClientURLs, clientPorts) {
            log.info(
                "ready to serve client requests",
                metadata: [
                    "address": "\(url.bindHost):\(port)",
                    "traffic": url.isSecure ? "https" : "http",
                ])
        }
    }

    private func compactByItself(_ now: MonotonicInstant) {
        guard let revision = compactor.tick(now, revision: member.revision), member.isLeader
        else { return }
        log.info("auto compaction", metadata: ["revision": "\(revision)"])
        ask(.command(.compact(revision))) { [log] result in
            if case .failure(let error) = result, error.status.code != .outOfRange {
                log.warning("auto compaction failed", metadata: ["error": "\(error)"])
            }
        }
    }
}
