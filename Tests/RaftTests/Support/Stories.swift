import Primitives
import Raft

/// Situations that several tests start from; with a deliberate bug to show that they tell.
enum Stories {
    /// Raft figure 8 up to (c): S1, elected again in term 4, has brought the entry of term 2 to a
    /// majority (S1, S2, S3); of its own term's entry only S2 knows. S5 has an entry of term 3.
    static func figure8ThroughC(mutation: Mutation? = nil) -> RaftCluster {
        var cluster = RaftCluster(
            logs: [1: [1, 2], 2: [1, 2], 3: [1], 4: [1], 5: [1, 3]], term: 3
        ) {
            // One entry in each append, so that the entry of term 2 travels alone.
            $0.appendBytesMax = 1
            $0.mutation = mutation
        }
        cluster.toleratesFaults = mutation != nil
        cluster.partition([1], from: [5])
        cluster.campaign(1)
        cluster.deliverElection()
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        cluster.drop(1, 2)
        for _ in 0..<8 where cluster.terms(3).count < 2 {
            cluster.deliver(1, 3)
            cluster.deliver(3, 1)
        }
        cluster.drop()
        return cluster
    }

    /// S1 has a long log of term 1 that nobody else needs; S2 and S3 have committed an entry of
    /// term 2 and the first of term 3.
    static func longOldLog(mutation: Mutation? = nil) -> RaftCluster {
        var cluster = RaftCluster(
            logs: [1: [1, 1, 1, 1, 1, 1], 2: [1, 2], 3: [1, 2]], term: 2
        ) { $0.mutation = mutation }
        cluster.toleratesFaults = mutation != nil
        cluster.isolate(1)
        cluster.elect(2)
        cluster.tick(2, 1)
        cluster.stabilize()
        return cluster
    }

    /// The bug of single-server changes (raft-dev, 2015): in a cluster of four S1 adds S5 in
    /// term 1 and tells only S5; S2 leads term 2, of which only S3 knows, and is told to remove
    /// S1 before anything of term 2 is committed.
    static func singleServerChange(mutation: Mutation? = nil) -> RaftCluster {
        var cluster = RaftCluster(voters: 4) { $0.mutation = mutation }
        cluster.toleratesFaults = mutation != nil
        cluster.elect(1)
        cluster.commit(1, "base")
        cluster.tickAll(2)
        cluster.add(PeerID(5)) { $0.mutation = mutation }
        cluster.partition([1], from: [2, 3, 4])
        cluster.change(1, .addVoter(PeerID(5)))
        for _ in 0..<4 {
            cluster.tick(1, 1)
            cluster.deliver(1, 5)
            cluster.deliver(5, 1)
        }
        cluster.drop()
        for id in [2, 3, 4] as [UInt64] {
            cluster.tick(id, 10)
            cluster.drop()
        }
        cluster.campaign(2)
        cluster.deliverElection()
        cluster.network.blocked.formUnion([Link(2, 4), Link(2, 5), Link(2, 1)])
        cluster.drop()
        return cluster
    }

    /// The member under test, of three, with a held disk, has been sent the entry 1@1, then 1@3
    /// by another leader, then 1@1 again by the leader of term 4: three writes wait in its queue.
    static func appendABA(mutation: Mutation? = nil) -> RaftCluster {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = mutation != nil
        cluster.holdDisk(1)
        cluster.append(to: 1, from: 2, term: 1, after: .zero, [1])
        cluster.append(to: 1, from: 3, term: 3, after: .zero, [3])
        cluster.append(to: 1, from: 2, term: 4, after: .zero, [1])
        return cluster
    }

    /// Member 1 leads and is cut off, in both directions or only in the one towards it.
    static func deafLeader(_ voters: Int = 3, mutation: Mutation? = nil) -> RaftCluster {
        var cluster = RaftCluster(voters: voters) { $0.mutation = mutation }
        cluster.elect(1)
        cluster.commit(1, "a")
        for other in 2...UInt64(voters) { cluster.network.blocked.insert(Link(other, 1)) }
        return cluster
    }
}
