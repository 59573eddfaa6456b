internal import Dispatch
internal import Logging
internal import NIOCore
internal import Primitives
package import Raft
package import ReplicatedStore
package import StoreModel

/// What the member says to the outside.
extension StoreNode: MemberServiceDelegate {
    /// Hands messages for other members to their links.
    package func send(_ messages: [PeerMessage]) {
        links.send(messages)
    }

    /// Hands deliveries to the streams that they are for.
    package func deliver(_ deliveries: [WatchDelivery]) {
        for delivery in deliveries {
            sinks[delivery.stream]?.deliver(delivery)
        }
    }

    /// Logs and counts what Raft says.
    package func note(_ events: [RaftEvent]) {
        for event in events {
            metrics.count(event)
            switch event {
            case .becameLeader(let term): log.info("became leader", metadata: ["term": "\(term)"])
            case .leaderChanged(let leader, let term):
                log.info(
                    leader == .zero ? "lost the leader" : "leader changed",
                    metadata: [
                        "leader": "\(MemberRecord.hex(leader.rawValue))", "term": "\(term)",
                    ])
            case .membershipChanged(let membership, let index):
                isLearner = membership.learners.contains(member.id)
                log.info(
                    "membership changed",
                    metadata: [
                        "voters": "\(hexList(membership.voters))",
                        "learners": "\(hexList(membership.learners))", "index": "\(index)",
                    ])
            case .removedFromMembership: leaveCluster()
            case .startedSnapshot(let peer):
                log.info(
                    "sending image to follower",
                    metadata: ["peer": "\(MemberRecord.hex(peer.rawValue))"])
            default: log.debug("raft", metadata: ["event": "\(event)"])
            }
        }
    }

    /// Ends the node.
    package func failed(_ failure: MemberFailure) {
        guard !hasEnded else { return }
        hasEnded = true
        for sink in sinks.values { sink.nodeStopped() }
        onEnd(.failed(failure.text))
    }

    /// Runs a job of the member beside the loop.
    package func run(
        _ work: @escaping @Sendable () -> Result<MemberJobResult, MemberFailure>,
        completion: @escaping (Result<MemberJobResult, MemberFailure>) -> Void
    ) {
        let completion = LoopBound(completion)
        let began = Clock.now()
        jobs.async { [self] in
            let result = work()
            loop.execute {
                guard !self.hasEnded else { return }
                if case .success(.committed) = result {
                    let nanoseconds = Clock.now().nanoseconds(since: began)
                    self.metrics.backendCommits.observe(nanoseconds: nanoseconds)
                }
                completion.value(result)
                self.turn.schedule()
            }
        }
    }

    private func hexList(_ peers: [PeerID]) -> String {
        peers.map { MemberRecord.hex($0.rawValue) }.joined(separator: ",")
    }

    /// The cluster goes on without this member. What it has still to say leaves first.
    private func leaveCluster() {
        guard !hasEnded, !isLeaving else { return }
        isLeaving = true
        do {
            try folder.markRemoved()
        } catch {
            // The other members refuse it at the next start too.
            log.error("cannot mark the folder", metadata: ["error": "\(error)"])
        }
        loop.assumeIsolated().scheduleTask(in: .seconds(1)) { [self] in
            guard !hasEnded else { return }
            onEnd(.removed)
        }
    }
}

/// What the links ask and say.
extension StoreNode: PeerLinksOwner {
    var peerFacts: PeerFacts {
        var members = member.latestMembers
        // Until the store knows the members, those of the first start are all there is.
        if !members.contains(where: { $0.id == member.id }) {
            for (id, attributes) in record.members where !members.contains(where: { $0.id == id }) {
                members.append(
                    MemberDescription(id: id, attributes: attributes, isLearner: false))
            }
        }
        return PeerFacts(
            id: member.id, clusterID: member.clusterID, appliedIndex: member.appliedIndex,
            isMember: member.appliedMembership.everyone.contains(member.id),
            peerURLs: settings.advertisePeerURLs.sortedTexts, members: members)
    }

    func received(_ message: PeerMessage) {
        member.receive(.peer(message))
        turn.schedule()
    }

    func unreachable(_ peer: PeerID) {
        guard !hasEnded else { return }
        member.receive(.peerUnreachable(peer))
        turn.schedule()
    }

    func wasRemoved(saidBy peer: PeerID) {
        guard !isLeaving else { return }
        log.error(
            "the member has been permanently removed from the cluster",
            metadata: ["said-by": "\(MemberRecord.hex(peer.rawValue))"])
        leaveCluster()
    }
}
