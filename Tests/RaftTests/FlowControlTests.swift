import Primitives
import Raft
import Testing

/// Pipelining and the bounds on what is under way.
@Suite struct `Flow control` {
    private func text(_ number: Int, length: Int = 100) -> String {
        String(repeating: "\(number % 10)", count: length)
    }

    /// Three members led by the first, which knows the others' logs.
    private func ledCluster(_ configure: (inout RaftConfiguration) -> Void) -> RaftCluster {
        var cluster = RaftCluster(voters: 3, configure: configure)
        cluster.elect(1)
        cluster.commit(1, "start")
        cluster.tickAll(2)
        return cluster
    }

    // Thesis §10.2.2: the leader need not wait for an answer before it sends more.
    @Test func `appends are pipelined`() {
        var cluster = ledCluster { _ in }
        for number in 0..<10 { cluster.propose(1, text(number)) }
        let sent = cluster.messages(1, 2).flatMap(\.entries)
        #expect(sent == Array(cluster.log(1).suffix(10)))
        cluster.stabilize()
        #expect(cluster.applied(1).count == 11)
    }

    @Test func `an append keeps to its bytes, or has one entry`() {
        var cluster = ledCluster { $0.appendBytesMax = 300 }
        cluster.crash(3)
        for number in 0..<20 { cluster.propose(1, text(number)) }
        cluster.propose(1, text(1, length: 1_000))
        cluster.stabilize()
        cluster.restart(3)
        var largest = 0
        for _ in 0..<10 {
            cluster.tick(1)
            while let message = cluster.network.takeFirst() {
                let size = message.entries.map(\.sizeBytes).reduce(0, +)
                #expect(size <= 300 || message.entries.count == 1, "\(size) bytes")
                largest = max(largest, message.entries.count)
                cluster.hand(over: message)
            }
        }
        #expect(largest == 2, "entries of 124 bytes go in pairs")
        #expect(cluster.applied(3).count == 22)
    }

    @Test func `no more appends are in flight than allowed`() {
        var cluster = ledCluster { $0.inflightAppendsMax = 3 }
        cluster.network.held = [Link(1, 2)]
        for number in 0..<20 {
            cluster.propose(1, text(number))
            let inFlight = cluster.messages(1, 2).count { !$0.entries.isEmpty }
            #expect(inFlight <= 3)
        }
        #expect(cluster.messages(1, 2).count { !$0.entries.isEmpty } == 3)
        cluster.heal()
        cluster.tickAll(3)
        #expect(cluster.applied(2).count == 21)
    }

    @Test func `no more bytes are in flight than allowed`() {
        var cluster = ledCluster {
            $0.inflightBytesMax = 1_000
            $0.appendBytesMax = 400
        }
        cluster.network.held = [Link(1, 2)]
        for number in 0..<40 { cluster.propose(1, text(number)) }
        let bytes = cluster.messages(1, 2).flatMap(\.entries).map(\.sizeBytes).reduce(0, +)
        #expect((600...1_400).contains(bytes), "\(bytes)")
        cluster.heal()
        cluster.tickAll(3)
        #expect(cluster.applied(2).count == 41)
    }

    // A follower whose log is unknown is not flooded before it has answered.
    @Test func `a follower that has not answered is probed, not flooded`() {
        var cluster = RaftCluster(voters: 3)
        cluster.stand(1)
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        for number in 0..<50 { cluster.propose(1, text(number)) }
        #expect(cluster.messages(1, 3).count { !$0.entries.isEmpty } <= 1)
        cluster.stabilize()
        cluster.tickAll(2)
        #expect(cluster.applied(3).count == 50)
    }

    @Test func `a silent follower costs no more than the bound, for ever`() {
        var cluster = ledCluster { $0.inflightAppendsMax = 4 }
        cluster.network.held = [Link(1, 3)]
        for number in 0..<30 {
            cluster.propose(1, text(number))
            cluster.tickAll(1)
        }
        #expect(cluster.messages(1, 3).count { !$0.entries.isEmpty } <= 4)
        #expect(cluster.applied(1).count == 31)
    }

    @Test func `too much uncommitted is refused until some of it commits`() {
        var cluster = ledCluster { $0.uncommittedBytesMax = 1_000 }
        cluster.network.held = [Link(1, 2), Link(1, 3)]
        var accepted = 0
        while cluster.refusedProposals.isEmpty, accepted < 100 {
            cluster.propose(1, text(accepted))
            accepted += 1
        }
        #expect((6...14).contains(accepted), "\(accepted) proposals of 124 bytes")
        #expect(cluster.refusedProposals.map(\.1) == [.tooMuchUncommitted])
        let length = cluster.log(1).count
        cluster.propose(1, text(1), text(2))
        #expect(cluster.refusedProposals.count == 3 && cluster.log(1).count == length)
        cluster.heal()
        cluster.tickAll(2)
        cluster.commit(1, "again")
        #expect(cluster.applied(1).last == "again")
    }

    // One huge command must be possible, or it could never be proposed at all.
    @Test func `a single command above the bound passes when nothing else is under way`() {
        var cluster = ledCluster { $0.uncommittedBytesMax = 100 }
        cluster.commit(1, text(1, length: 500))
        #expect(cluster.applied(1).count == 2)
    }
}
