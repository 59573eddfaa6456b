import Foundation
import HTTPClient
import NodeAgent
import PodModel
import ResourceModel
import Testing

/// Models that are really fetched: from files, from addresses and from a web server.
@Suite struct ModelCacheTests {
    /// SHA-256 of `abc`: FIPS 180-4, appendix B.1.
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    private static let stored = StoredModel(sha256: abc, sizeBytes: 3)

    /// How often the server was asked for a path.
    private static func count(_ path: String, _ server: ModelServer) async throws -> String {
        let request = HTTPRequest("GET", server.address + "/count/" + path)
        let answer = try await HTTPConnectionPool().send(request)
        return String(decoding: try await answer.body(bytesMax: 100), as: UTF8.self)
    }

    @Test func `pods that ask at the same time get what was fetched once`() async throws {
        let server = try ModelServer()
        let bench = CacheBench()
        let volume = ModelVolume(uri: server.address + "/model", sha256: Self.abc)
        try await bench.withCache { cache in
            await withTaskGroup { group in
                for pod in 0..<5 {
                    group.addTask { await cache.outcome(of: volume, for: "\(pod)") }
                }
                for await state in group { #expect(state == .present(Self.stored)) }
            }
            let file = cache.folder(of: Self.stored) + "/model"
            #expect(FileManager.default.contents(atPath: file) == Data("abc".utf8))
        }
        #expect(try await Self.count("model", server) == "1")
        // The next agent on this folder has it.
        try await bench.withCache { cache in
            #expect(await cache.outcome(of: volume, for: "6") == .present(Self.stored))
            // Unless somebody has removed it meanwhile.
            try FileManager.default.removeItem(atPath: cache.folder(of: Self.stored))
            #expect(await cache.outcome(of: volume, for: "6") == .present(Self.stored))
        }
        #expect(try await Self.count("model", server) == "2")
    }

    @Test func `what was asked for without a hash is known by its address`() async throws {
        let server = try ModelServer()
        let bench = CacheBench()
        let volume = ModelVolume(uri: server.address + "/redirect/4")
        for _ in 0..<2 {
            try await bench.withCache { cache in
                #expect(await cache.outcome(of: volume, for: "1") == .present(Self.stored))
            }
        }
        #expect(try await Self.count("model", server) == "1")
    }

    @Test func `files and addresses are models too`() async throws {
        let bench = CacheBench()
        let file = NSTemporaryDirectory() + "keelson-model-" + UUID().uuidString
        try Data("abc".utf8).write(to: URL(fileURLWithPath: file))
        defer { unlink(file) }
        try await bench.withCache { cache in
            for uri in ["file://" + file, "data:;base64,YWJj"] {
                let volume = ModelVolume(uri: uri)
                #expect(await cache.outcome(of: volume, for: "1") == .present(Self.stored))
            }
        }
    }

    @Test(arguments: [
        ("/absent", "the server answers 404 Not Found"), ("/redirect/9", "too many redirects"),
        ("/local", "file"), ("/cut", "connection lost"), ("/large", "larger than 10000 bytes"),
        ("/endless", "larger than 10000 bytes"),
    ])
    func `a web server that does not have the model is told apart`(
        _ path: String, _ words: String
    ) async throws {
        let server = try ModelServer()
        try await expectFailure(ModelVolume(uri: server.address + path), words)
    }

    @Test(arguments: [
        (ModelVolume(uri: "file:///none/at/all"), "no such file or directory"),
        (ModelVolume(uri: "file:///etc"), "/etc is no file"),
        (ModelVolume(uri: "data:,abd", sha256: abc), "sha256 mismatch: expected \(abc), found"),
        (ModelVolume(uri: "oci://a/b"), "none of the schemes"),
    ])
    func `what cannot be had says why`(_ volume: ModelVolume, _ words: String) async throws {
        try await expectFailure(volume, words)
    }

    private func expectFailure(_ volume: ModelVolume, _ words: String) async throws {
        let bench = CacheBench()
        try await bench.withCache { cache in
            guard case .failed(let failure, let retryAt) = await cache.outcome(of: volume, for: "1")
            else {
                Issue.record("it was had")
                return
            }
            #expect(failure.description.contains(words), "\(failure)")
            #expect(retryAt == .seconds(2))
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder + "/drafts")
        #expect(left.isEmpty)
    }

    @Test func `what was left half is begun anew by the next agent`() async throws {
        let server = try ModelServer()
        let bench = CacheBench()
        let slow = ModelVolume(uri: server.address + "/stall")
        try await bench.withCache { cache in
            var state = await cache.look(at: [slow], for: "1") {}[0]
            while state == .fetching(receivedBytes: 0, totalBytes: nil, after: nil)
                || state == .fetching(receivedBytes: 0, totalBytes: 100, after: nil)
            {
                await Task.yield()
                state = await cache.look(at: [slow], for: "1") {}[0]
            }
            // The agent is killed: the draft of a power cut is written beside its own.
            let torn = bench.folder + "/drafts/torn"
            try FileManager.default.createDirectory(
                atPath: torn, withIntermediateDirectories: false)
            try Data("ab".utf8).write(to: URL(fileURLWithPath: torn + "/model"))
        }
        try await bench.withCache { cache in
            let left = try FileManager.default.contentsOfDirectory(
                atPath: bench.folder + "/drafts")
            #expect(left.isEmpty)
            let whole = ModelVolume(uri: server.address + "/model", sha256: Self.abc)
            #expect(await cache.outcome(of: whole, for: "1") == .present(Self.stored))
        }
    }

    @Test func `models that nobody uses make room on the disk, others do not`() async throws {
        let bench = CacheBench()
        try await bench.withCache { cache in
            func fetch(_ letter: String, for uid: String) async -> ModelShelf.State {
                let text = String(repeating: letter, count: 9_000)
                return await cache.outcome(of: ModelVolume(uri: "data:," + text), for: uid)
            }
            guard case .present(let first) = await fetch("a", for: "1") else {
                Issue.record("no first")
                return
            }
            await cache.release("1")
            guard case .present = await fetch("b", for: "2") else {
                Issue.record("no second")
                return
            }
            #expect(!FileManager.default.fileExists(atPath: cache.folder(of: first)))
            let refused = await fetch("a", for: "3")
            let due = Duration.seconds(2)
            #expect(refused == .failed(.noRoom(bytesMax: 15_000), retryAt: due))
            await cache.release("2")
            bench.advance(seconds: 2)
            #expect(await fetch("a", for: "3") == .present(first))
        }
    }

    @Test func `a server that says no more is given up`() async throws {
        let server = try ModelServer()
        let bench = CacheBench()
        let volume = ModelVolume(uri: server.address + "/stall")
        try await bench.withCache { cache in
            async let outcome = cache.outcome(of: volume, for: "1")
            // Once the first byte is there, time passes until somebody has had enough.
            var hasBegun = false
            while true {
                let state = await cache.look(at: [volume], for: "2") {}[0]
                switch state {
                case .fetching(1..., _, _): hasBegun = true
                case .failed(let failure, _):
                    #expect(failure == .unavailable("nothing came for 60 seconds"))
                    _ = await outcome
                    return
                default: break
                }
                if hasBegun { bench.advance(seconds: 60) }
                await Task.yield()
            }
        }
    }
}
