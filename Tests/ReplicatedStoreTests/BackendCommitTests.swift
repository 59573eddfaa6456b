import Primitives
import ReplicatedStore
import StoreModel
import Testing

/// When applied changes go to the backend: rarely, since a commit competes with the log for the
/// disk, but never so rarely that much memory or a long restart follows.
@Suite struct BackendCommitTests {
    private func member(
        _ configure: @escaping (inout MemberConfiguration) -> Void
    ) throws -> (cluster: TestCluster, id: PeerID) {
        let cluster = try TestCluster(voters: 1) { configuration in
            configuration.commitTicks = 1_000
            configure(&configuration)
        }
        let id = cluster.elect()
        return (cluster, id)
    }

    @Test func `a few changes wait for the time between two commits`() throws {
        let (cluster, id) = try member { $0.commitTicks = 40 }
        cluster.tick(40)
        let before = cluster.backendCommits[id, default: 0]
        cluster.put(id, "a", "1")
        cluster.tick(5)
        #expect(cluster.backendCommits[id, default: 0] <= before + 1)
        cluster.tick(40)
        let after = cluster.backendCommits[id, default: 0]
        #expect(after > before)
        cluster.tick(200)
        #expect(cluster.backendCommits[id, default: 0] == after, "nothing new was written")
    }

    @Test func `many records or many bytes do not wait`() throws {
        for isMany in [true, false] {
            let (cluster, id) = try member { configuration in
                configuration.commitRecordsMax = isMany ? 10 : 1_000_000
                configuration.commitBytesMax = isMany ? 1 << 30 : 10_000
            }
            let before = cluster.backendCommits[id, default: 0]
            for index in 0..<25 {
                cluster.put(id, "k\(index)", String(repeating: "v", count: 1_000))
            }
            let added = cluster.backendCommits[id, default: 0] - before
            #expect((2...3).contains(added), "\(added) commits")
        }
    }

    @Test func `who waits for the backend does not wait long`() throws {
        let (cluster, id) = try member { _ in }
        cluster.put(id, "a", "1")
        cluster.tick(10)
        let before = cluster.backendCommits[id, default: 0]
        cluster.step(id, .commitSoon)
        cluster.tick(2)
        #expect(cluster.backendCommits[id, default: 0] == before + 1)
        cluster.tick(10)
        #expect(cluster.backendCommits[id, default: 0] == before + 1)
    }

    @Test func `a compaction does not wait`() throws {
        let (cluster, id) = try member { _ in }
        for index in 0..<5 { cluster.put(id, "a", "\(index)") }
        cluster.tick(10)
        let before = cluster.backendCommits[id, default: 0]
        _ = cluster.ask(id, .command(.compact(Revision(4))))
        cluster.tick(5)
        #expect(cluster.backendCommits[id, default: 0] > before)
    }
}
