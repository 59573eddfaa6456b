import Primitives
import Testing

/// docs/decisions/0007-commit-index.md: what a write costs on the network.
@Suite struct MessageCountTests {
    /// To each follower an append and the new commit index, and an answer to each.
    @Test(arguments: [1, 10, 100])
    func `writes of one batch share eight messages, and followers soon know them committed`(
        concurrency: Int
    ) throws {
        let cluster = try TimedCluster(voters: 3)
        try cluster.run(for: 4_000_000)
        let leader = try #require(cluster.leader)
        for _ in 0..<concurrency { cluster.put(at: leader) }
        try cluster.run(for: 200_000)
        cluster.reset()
        try cluster.run(for: 1_000_000)
        let batches = cluster.answered / concurrency
        let heartbeats = cluster.counts["heartbeat", default: 0]
        let messages = cluster.counts.values.reduce(0, +) - heartbeats
        #expect(batches > 1_000 && messages * 10 <= 81 * batches, "\(cluster.counts)")
        let delays = cluster.commitDelays
        #expect(delays.count > 2_000 && delays.sum / delays.count < 400 && delays.longest < 1_000)
    }
}
