import Foundation
import Glibc
import ResourceModel
import Testing

/// A store is saved while clients write, wiped and restored, again and again.
struct RestoreCycleTests {
    /// `make drill` asks for more.
    private static let cycles =
        ProcessInfo.processInfo.environment["KEELSON_DRILLS"].flatMap { Int($0) } ?? 3

    @Test(arguments: [
        Setup(memberCount: 1, isSecure: false), Setup(memberCount: 3, isSecure: true),
    ])
    func `what was saved is there after each restore, and nothing else`(setup: Setup) throws {
        let cluster = try StoreCluster(.keelson, setup, flags: StoreCluster.impatient)
        let etcdctl = Session(cluster, Programs.etcdctls.last!)
        for number in 0..<50 { try etcdctl("put", "start/\(number)", "value \(number)") }
        try etcdctl("del", "start/1")
        for cycle in 0..<Self.cycles {
            try Cycle(cluster: cluster, etcdctl: etcdctl, number: cycle).run()
        }
    }
}

/// One time around.
private struct Cycle {
    let cluster: StoreCluster
    let etcdctl: Session
    let number: Int

    private var backup: String { cluster.scratch.path + "/backup-\(number)" }
    /// Every third restore keeps the revisions.
    private var keepsRevisions: Bool { number % 3 == 2 }

    func run() throws {
        let writer = try startWriter()
        try eventually("the writer to write") {
            try etcdctl.quietly(["get", "writer/\(number)/5"]).output.isEmpty ? nil : true
        }
        try save()
        let facts = try JSON(parsing: keelson("snapshot", "status", backup, "-w", "json"))
        let revision = try #require(facts["revision"].integerValue)
        // The writer goes on; at its revision, the store must be what the backup is.
        let hashes = try hashes(at: revision)
        #expect(hashes == ["\(facts["hash"].integerValue ?? 0)"])
        let before = try content(at: revision)
        #expect(before.count == Int(facts["totalKey"].integerValue ?? 0))
        // What it has begun must not reach the restored store.
        writer.signal(SIGTERM)
        _ = try writer.finish()
        for index in cluster.members.indices {
            cluster.kill(index)
            try FileManager.default.removeItem(atPath: cluster.members[index].dataFolder)
            try restore(index)
        }
        for index in cluster.members.indices { try cluster.start(index) }
        try cluster.waitUntilServing()
        try compare(before, hashes, revision)
        try FileManager.default.removeItem(atPath: backup)
    }

    private func startWriter() throws -> ChildProcess {
        let put = ([etcdctl.tool.path] + cluster.flagsOfTools()).joined(separator: " ")
        return try ChildProcess(
            [
                "/bin/sh", "-c",
                """
                trap 'ends=yes' TERM
                i=0
                while [ ! "$ends" ]; do
                    \(put) put writer/\(number)/$i $i
                    i=$((i + 1))
                done
                """,
            ], variables: ["ETCDCTL_API": "3"], voice: .file("/dev/null"))
    }

    /// With our tool and etcd's in turn.
    private func save() throws {
        let endpoint = [cluster.endpoints[number % cluster.endpoints.count]]
        if number % 2 == 0 {
            try keelson(
                ["snapshot", "save", backup] + cluster.flagsOfTools(endpoints: endpoint))
        } else {
            let saved = try etcdctl.quietly(["snapshot", "save", backup], endpoints: endpoint)
            #expect(saved.exitCode == 0, "\(saved.errors)")
        }
        #expect(try keelson("snapshot", "verify", backup).contains(": good ("))
    }

    private func restore(_ index: Int) throws {
        let member = cluster.members[index]
        let all = cluster.members.map { "\($0.name)=\($0.peer)" }.joined(separator: ",")
        try keelson(
            [
                "snapshot", "restore", backup, "--data-dir", member.dataFolder,
                "--name", member.name, "--initial-cluster", all,
                "--initial-advertise-peer-urls", member.peer,
                "--initial-cluster-token", "restored-\(number)",
            ] + (keepsRevisions ? ["--bump-revision", "0"] : []))
    }

    private func compare(_ before: [JSON], _ hashes: Set<String>, _ revision: Int64) throws {
        // Versions, leases and revisions of each key included.
        #expect(try content(at: 0) == before)
        if keepsRevisions { #expect(try self.hashes(at: revision) == hashes) }
        let now = try eventually("equal histories") {
            let found = try self.hashes(at: 0)
            return found.count == 1 ? found : nil
        }
        #expect(now.count == 1)
        let again = backup + "-again"
        try keelson(
            ["snapshot", "save", again]
                + cluster.flagsOfTools(endpoints: [cluster.endpoints[0]]))
        #expect(try keelson("snapshot", "diff", backup, again).isEmpty)
        let facts = try JSON(parsing: keelson("snapshot", "status", again, "-w", "json"))
        let step: Int64 = keepsRevisions ? 0 : 1_000_000_000
        #expect(facts["revision"].integerValue == revision + step)
        try FileManager.default.removeItem(atPath: again)
        try etcdctl("put", "after/\(number)", "written")
    }

    /// All keys as etcdctl prints them.
    private func content(at revision: Int64) throws -> [JSON] {
        let answer = try etcdctl.quietly(
            ["get", "", "--prefix", "-w", "json"] + (revision > 0 ? ["--rev=\(revision)"] : []))
        return try JSON(parsing: answer.output)["kvs"]?.arrayValue ?? []
    }

    /// What the members say of their histories.
    private func hashes(at revision: Int64) throws -> Set<String> {
        let lines = try keelson(
            ["endpoint", "hashkv", "--rev", "\(revision)"] + cluster.flagsOfTools())
        return Set(lines.split(separator: "\n").map { String($0.split(separator: " ").last!) })
    }

    @discardableResult
    private func keelson(_ words: String...) throws -> String { try keelson(words) }

    @discardableResult
    private func keelson(_ words: [String]) throws -> String {
        let answer = try ChildProcess.run([Programs.keelson] + words, within: .seconds(120))
        guard answer.exitCode == 0 else {
            throw TooLate(
                description: "\(words.joined(separator: " ")): \(answer.output)\(answer.errors)")
        }
        return answer.output
    }
}
