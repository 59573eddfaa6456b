import Primitives
import Raft
import Testing

/// Log compaction, Raft §7.
@Suite struct `Snapshots` {
    private static let three = Membership(voters: [PeerID(1), PeerID(2), PeerID(3)])

    /// The first leads; the third has missed everything and the log's beginning is gone.
    private func lagging(
        commands: Int = 10, configure: (inout RaftConfiguration) -> Void = { _ in }
    ) -> RaftCluster {
        var cluster = RaftCluster(voters: 3, configure: configure)
        cluster.elect(1)
        cluster.crash(3)
        for number in 0..<commands { cluster.commit(1, "c\(number)") }
        cluster.tickAll(1)
        cluster.compact(1)
        cluster.restart(3)
        return cluster
    }

    // Raft §7: "the leader must … send snapshots to followers that lag behind".
    @Test func `a follower behind the log's beginning is sent an image`() {
        var cluster = lagging()
        cluster.tickAll(5)
        #expect(cluster.events(of: 1).contains(.startedSnapshot(to: PeerID(3))))
        #expect(cluster.applied(3) == cluster.applied(1))
        #expect(cluster.machine(3).disk.snapshot.lastIncluded == at(11, 1))
        #expect(cluster.node(3).firstIndex == LogIndex(12))
        cluster.commit(1, "more")
        cluster.tickAll(2)
        #expect(cluster.applied(3).last == "more")
    }

    @Test func `a follower that needs only kept entries is sent no image`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.commit(1, "a")
        cluster.tickAll(1)
        cluster.crash(3)
        cluster.commit(1, "b", "c", "d")
        cluster.compact(1, keeping: 3)
        #expect(cluster.node(1).firstIndex == LogIndex(3))
        cluster.restart(3)
        cluster.tickAll(5)
        #expect(cluster.applied(3) == ["a", "b", "c", "d"])
        #expect(!cluster.events(of: 1).contains(.startedSnapshot(to: PeerID(3))))
    }

    // Raft §7: where the log's beginning is gone there is nothing to back off to; the probe at the
    // log's base was rejected, so only an image helps. Once they spoke of it without end.
    @Test(arguments: [0, 1, 2, 3] as [UInt64])
    func `a follower whose log conflicts where the leader's begins is sent an image`(
        _ keeping: UInt64
    ) {
        var cluster = RaftCluster(
            logs: [1: [1, 2, 2], 2: [1, 2, 2], 3: [1, 1, 1, 1, 1]], term: 2)
        cluster.isolate(3)
        cluster.elect(1)
        cluster.commit(1, "x")
        cluster.tickAll(1)
        cluster.compact(1, keeping: keeping)
        cluster.heal()
        cluster.tickAll(5)
        #expect(cluster.events(of: 1).contains(.startedSnapshot(to: PeerID(3))))
        #expect(cluster.applied(3) == cluster.applied(1))
    }

    @Test func `an image travels in chunks of bounded size and number`() {
        var cluster = lagging(commands: 40) {
            $0.snapshotChunkBytes = 16
            $0.inflightSnapshotChunksMax = 3
        }
        cluster.network.held = [Link(1, 3)]
        cluster.tickAll(3)
        var chunks = 0
        for _ in 0..<2_000 where cluster.applied(3).count < 40 {
            let inFlight = cluster.messages(1, 3).compactMap(\.chunk)
            #expect(inFlight.count <= 3)
            #expect(inFlight.allSatisfy { $0.bytes.count <= 16 })
            chunks += inFlight.count
            if cluster.messages(1, 3).isEmpty { cluster.tick(1) }
            cluster.deliver(1, 3)
            cluster.deliver(3, 1)
        }
        #expect(chunks > 10)
        #expect(cluster.applied(3) == cluster.applied(1))
    }

    // Raft §7: chunks carry their offset; the shell of the receiver gets them in order, each once.
    @Test func `reordered and doubled chunks reach the disk in order`() {
        var cluster = lagging(commands: 30) { $0.snapshotChunkBytes = 32 }
        for _ in 0..<400 where cluster.applied(3).count < 30 {
            cluster.tick(1)
            cluster.duplicate(1, 3)
            cluster.network.inFlight.reverse()
            cluster.deliver()
        }
        #expect(cluster.applied(3) == cluster.applied(1))
    }

    @Test func `a lost chunk is sent again`() {
        var cluster = lagging(commands: 30) { $0.snapshotChunkBytes = 32 }
        var lost = 0
        for _ in 0..<100 where cluster.applied(3).count < 30 {
            cluster.tickAllLosing { message in
                guard let chunk = message.chunk, chunk.offset > 32, lost < 5 else { return false }
                lost += 1
                return true
            }
        }
        #expect(lost > 0)
        #expect(cluster.applied(3) == cluster.applied(1))
    }

    @Test func `a lost answer does not end the transfer`() {
        var cluster = lagging(commands: 30) { $0.snapshotChunkBytes = 32 }
        var lost = 0
        for _ in 0..<100 where cluster.applied(3).count < 30 || lost < 5 {
            cluster.tickAllLosing { message in
                guard case .snapshotResponse = message.body, lost < 5 else { return false }
                lost += 1
                return true
            }
            if cluster.applied(3).count == 30 { break }
        }
        #expect(lost > 0)
        cluster.commit(1, "x")
        cluster.tickAll(30)
        #expect(cluster.applied(3) == cluster.applied(1))
    }

    @Test func `a damaged image is sent again`() {
        var cluster = lagging()
        cluster.machines[PeerID(3)]!.damagesNextImage = true
        cluster.tickAll(60)
        #expect(!cluster.machine(3).damagesNextImage)
        #expect(cluster.applied(3) == cluster.applied(1))
    }

    @Test func `an image that cannot be read is tried again later`() {
        var cluster = lagging()
        cluster.machines[PeerID(1)]!.holdsImages = true
        cluster.tickAll(5)
        #expect(!cluster.machine(1).waitingReads.isEmpty)
        cluster.releaseImages(1, failing: true)
        cluster.tickAll(60)
        #expect(cluster.applied(3) == cluster.applied(1))
    }

    @Test func `an image replaced in the middle of its transfer is begun anew`() {
        var cluster = lagging(commands: 30) { $0.snapshotChunkBytes = 32 }
        cluster.network.held = [Link(1, 3)]
        cluster.tickAll(2)
        cluster.deliver(1, 3)
        cluster.commit(1, "new")
        cluster.tickAll(1)
        cluster.compact(1)
        cluster.heal()
        cluster.tickAll(80)
        #expect(cluster.applied(3) == cluster.applied(1))
        #expect(cluster.applied(3).last == "new")
    }

    @Test func `a receiver that crashes half-way is served again`() {
        var cluster = lagging(commands: 30) { $0.snapshotChunkBytes = 32 }
        cluster.network.held = [Link(1, 3)]
        cluster.tickAll(2)
        for _ in 0..<3 {
            cluster.deliver(1, 3)
            cluster.stabilize()
        }
        #expect(cluster.machine(3).spool != nil)
        cluster.crash(3)
        cluster.restart(3)
        cluster.heal()
        cluster.tickAll(80)
        #expect(cluster.applied(3) == cluster.applied(1))
    }

    @Test func `a new leader serves the image that the old one began`() {
        var cluster = lagging(commands: 30) { $0.snapshotChunkBytes = 32 }
        cluster.compact(2)
        cluster.network.held = [Link(1, 3)]
        cluster.tickAll(2)
        cluster.deliver(1, 3)
        cluster.crash(1)
        cluster.drop()
        cluster.heal()
        cluster.elect(2)
        cluster.tickAll(80)
        #expect(cluster.leaders == [2])
        #expect(cluster.applied(3) == cluster.applied(2))
    }

    // Raft §7: "If instead the follower receives a snapshot that describes a prefix of its log …
    // then log entries covered by the snapshot are deleted but entries following the snapshot are
    // still valid and must be retained." Raft figure 13, 6.
    @Test func `entries behind an image that the log agrees with are kept`() {
        var cluster = RaftCluster(logs: [1: [1, 1, 1, 1]], term: 1, voters: [1, 2, 3])
        install(&cluster, at(2, 1), term: 1)
        #expect(cluster.node(1).lastEntry == at(4, 1))
        #expect(cluster.commitIndex(1) == 2)
    }

    // Raft §7: otherwise "the follower discards its entire log".
    @Test(arguments: [[1, 1, 2, 2, 2], [1, 1, 2], [1], []] as [[UInt64]])
    func `an image takes the place of a log that does not agree`(_ log: [UInt64]) {
        var cluster = RaftCluster(logs: [1: log], term: 4, voters: [1, 2, 3])
        install(&cluster, at(4, 3), term: 4)
        #expect(cluster.node(1).lastEntry == at(4, 3))
        #expect(cluster.node(1).firstIndex == LogIndex(5))
        #expect(cluster.commitIndex(1) == 4)
        #expect(cluster.applied(1) == ["a", "b"])
        cluster.append(to: 1, from: 2, term: 4, after: at(4, 3), [4], commit: 5)
        #expect(cluster.commitIndex(1) == 5)
        // And after a restart the same.
        cluster.crash(1)
        cluster.restart(1)
        #expect(cluster.node(1).lastEntry == at(5, 4))
        #expect(cluster.applied(1).prefix(2) == ["a", "b"])
    }

    private func install(
        _ cluster: inout RaftCluster, _ last: EntryID, term: UInt64
    ) {
        let image = TestStateMachine(commands: [Bytes("a".utf8), Bytes("b".utf8)]).encoded()
        cluster.answer(
            of: 1, to: 2, term: term,
            .snapshotChunk(
                SnapshotChunk(
                    description: SnapshotDescription(lastIncluded: last, membership: Self.three),
                    offset: 0, bytes: image, isLast: true)))
    }

    @Test func `an image of what is committed already is answered and not stored`() {
        var cluster = RaftCluster(logs: [1: [1, 1, 1]], term: 1, voters: [1, 2, 3])
        cluster.append(to: 1, from: 2, term: 1, after: at(3, 1), [], commit: 3)
        cluster.drop()
        install(&cluster, at(2, 1), term: 1)
        #expect(cluster.applied(1).count == 3)
        #expect(cluster.node(1).firstIndex == LogIndex(1))
        let matches = cluster.messages(1, 2).compactMap { message -> UInt64? in
            if case .snapshotResponse(.installed(let match)) = message.body {
                return match.rawValue
            }
            return message.match
        }
        #expect(matches.count == 1 && (2...3).contains(matches[0]))
    }

    @Test func `an image of a past leader is ignored`() {
        var cluster = RaftCluster(logs: [1: [1]], term: 5, voters: [1, 2, 3])
        install(&cluster, at(4, 3), term: 4)
        #expect(cluster.terms(1) == [1])
        #expect(cluster.applied(1).isEmpty)
    }

    // Raft §7: the snapshot "includes the latest configuration in the log as of last included
    // index".
    @Test func `an image brings its membership along`() {
        var cluster = lagging()
        cluster.add(PeerID(4))
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.crash(3)
        cluster.tickAll(5)
        cluster.compact(1)
        cluster.restart(3)
        cluster.tickAll(5)
        #expect(cluster.node(3).membership.learners == [PeerID(4)])
        cluster.crash(3)
        cluster.restart(3)
        #expect(cluster.node(3).membership.learners == [PeerID(4)])
    }

    @Test func `compacting forgets entries and nothing else`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.commit(1, "a", "b", "c")
        cluster.tickAll(1)
        cluster.compact(1, keeping: 1)
        let node = cluster.node(1)
        #expect(node.firstIndex == LogIndex(4))
        #expect(node.lastEntry == at(4, 1))
        #expect(node.term(at: LogIndex(3)) == Term(1), "the last forgotten term is remembered")
        #expect(node.term(at: LogIndex(2)) == nil)
        #expect(node.term(at: LogIndex(5)) == nil)
        #expect(node.commitIndex == LogIndex(4))
        cluster.commit(1, "d")
        cluster.tickAll(1)
        #expect(cluster.applied(2) == ["a", "b", "c", "d"])
    }

    // Raft §7: a durable image vouches for what it includes, whatever the log's writes do.
    @Test(arguments: [0, 1])
    func `an image may be in force before the appends that it covers are durable`(
        _ finished: Int
    ) {
        var cluster = RaftCluster(logs: [1: [1]], term: 1, voters: [1, 2, 3])
        cluster.holdDisk(1)
        install(&cluster, at(3, 1), term: 1)
        cluster.append(to: 1, from: 2, term: 1, after: at(1, 1), [1, 1, 1], commit: 2)
        cluster.persist(1, count: 1)
        #expect(cluster.applied(1) == ["a", "b"])
        #expect(cluster.commitIndex(1) == 3)
        #expect(cluster.node(1).lastEntry == at(4, 1))
        cluster.persist(1, count: finished)
        cluster.crash(1)
        cluster.restart(1)
        cluster.releaseDisk(1)
        #expect(cluster.node(1).lastEntry == (finished == 0 ? at(3, 1) : at(4, 1)))
        #expect(cluster.applied(1) == ["a", "b"])
    }

    // Writes under way when an image arrives belong to the log that it replaces.
    @Test(arguments: [true, false])
    func `an image and appends may overtake each other on the disk`(_ imageFirst: Bool) {
        var cluster = RaftCluster(logs: [1: [1, 2]], term: 4, voters: [1, 2, 3])
        cluster.holdDisk(1)
        cluster.append(to: 1, from: 2, term: 4, after: at(1, 1), [3, 3])
        install(&cluster, at(6, 4), term: 4)
        if imageFirst {
            cluster.persist(1)
            cluster.append(to: 1, from: 2, term: 4, after: at(6, 4), [4], commit: 7)
        } else {
            cluster.append(to: 1, from: 2, term: 4, after: at(3, 3), [3], commit: 2)
            cluster.persist(1)
            cluster.append(to: 1, from: 2, term: 4, after: at(6, 4), [4], commit: 7)
        }
        cluster.releaseDisk(1)
        #expect(cluster.node(1).lastEntry == at(7, 4))
        #expect(cluster.commitIndex(1) == 7)
        #expect(cluster.applied(1) == ["a", "b", "4.7"])
    }
}
