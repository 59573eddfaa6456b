import Foundation
import Testing

/// `snapshot save`, `check perf` and `make-mirror`: what etcdctl does with a whole store.
struct WholeStoreTests {
    @Test(arguments: Setup.all)
    func `a saved snapshot is whole and has etcd's form`(setup: Setup) throws {
        let cluster = try StoreCluster(.keelson, setup, flags: StoreCluster.impatient)
        for tool in Programs.etcdctls {
            let etcdctl = Session(cluster, tool)
            let value = String(repeating: "s", count: 200_000)
            for number in 0..<10 {
                let answer = try etcdctl.quietly(["put", "s/\(number)"], input: value)
                #expect(answer.exitCode == 0, "\(answer.errors)")
            }
            let path = cluster.scratch.path + "/snapshot-\(tool)"
            // One endpoint: that is etcdctl's own rule.
            let saved = try etcdctl.quietly(
                ["snapshot", "save", path], endpoints: [cluster.endpoints[0]])
            #expect(saved.exitCode == 0, "\(saved.errors)")
            #expect(saved.output.hasPrefix("Snapshot saved at \(path)"))
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(bytes.count % 512 == 32)
            try bytes.dropLast(32).write(to: URL(fileURLWithPath: path + ".image"))
            let sum = try ChildProcess.run(["/usr/bin/sha256sum", path + ".image"]).output
            #expect(sum.hasPrefix(bytes.suffix(32).map { String(format: "%02x", $0) }.joined()))
            #expect(bytes.range(of: Data("s/9".utf8)) != nil)
        }
    }

    @Test(arguments: Programs.etcdctls)
    func `a mirror follows its source`(tool: Programs.Tool) throws {
        let setup = Setup(memberCount: 1, isSecure: false)
        let source = Session(
            try StoreCluster(.keelson, setup, flags: StoreCluster.impatient), tool)
        let copy = Session(
            try StoreCluster(.keelson, setup, flags: StoreCluster.impatient), tool)
        for number in 0..<5 { try source("put", "m/\(number)", "before") }
        try source("put", "other", "is not mirrored")
        let mirror = try source.start(
            "make-mirror", "--prefix=m/", "--dest-prefix=copy/",
            String(copy.cluster.endpoints[0].dropFirst("http://".count)))
        func follows() throws {
            let wanted = try source.quietly(["get", "m/", "--prefix"]).output
                .replacing("m/", with: "copy/")
            try eventually("the mirror to follow") {
                try copy.quietly(["get", "", "--prefix"]).output == wanted ? true : nil
            }
        }
        try follows()
        try source("put", "m/1", "after")
        try source("del", "m/2")
        try source("txn", input: "\n\nput m/3 together\nput m/new together\n\n\n")
        try follows()
        #expect(mirror.isRunning)
    }

    /// Sixty seconds of 150 writes a second, which etcdctl judges itself. They are spent waiting,
    /// so other tests go on meanwhile.
    @Test func `check perf passes`() async throws {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread { done.resume(with: Result { try Self.checkPerformance() }) }
        }
    }

    private static func checkPerformance() throws {
        let tool = try #require(Programs.etcdctls.last)
        let cluster = try StoreCluster(
            .keelson, Setup(memberCount: 1, isSecure: false), flags: [])
        let answer = try ChildProcess.run(
            [tool.path] + cluster.flagsOfTools()
                + ["check", "perf", "--load=s", "--prefix=/perf/"],
            variables: ["ETCDCTL_API": "3"], within: .seconds(120))
        // A bar that has not come to its end has no end of line either.
        let verdicts = answer.output.split(whereSeparator: \.isNewline).suffix(4)
            .map { $0.replacing(#/.*%/#, with: "") }
        #expect(verdicts.allSatisfy { $0.hasPrefix("PASS") }, "\(verdicts) \(answer.errors)")
        #expect(answer.exitCode == 0)
        let left = try Session(cluster, tool).quietly(["get", "/perf/", "--prefix"])
        #expect(left.output.isEmpty, "the keys of the check are gone")
    }
}
