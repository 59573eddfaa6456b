import Foundation
import Runtimes
import Testing

/// What is kept of a container's output, and how it is read.
@Suite struct LogTests {
    @Test func `a log is put aside before it grows too large, the oldest goes`() async throws {
        try await Workshop.open { shop in
            var spec = try await shop.spec("for i in $(seq 100); do echo line $i; done")
            spec.log.sizeBytesMax = 1000
            spec.log.filesMax = 3
            let id = try await shop.start(spec)
            _ = try await shop.exit(of: id)
            let folder = shop.folder + "/logs/main"
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(names == ["0.log", "0.log.1", "0.log.2"])
            for name in names { #expect(text(folder + "/" + name).utf8.count <= 1000) }
            let lines = try await read(shop, id).split(separator: "\n")
            #expect(lines.last == "line 100" && lines.count > 20)
            let first = 101 - lines.count
            #expect(lines.map(String.init) == (first...100).map { "line \($0)" })
        }
    }

    @Test func `long lines and unfinished ones come out as they went in`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start(
                "head -c 40000 /dev/zero | tr '\\0' x; echo; printf 'no end'")
            _ = try await shop.exit(of: id)
            let tags = shop.log().map { $0.split(separator: " ")[2] }
            #expect(tags == ["P", "P", "F", "P"])
            let said = try await read(shop, id)
            #expect(said == String(repeating: "x", count: 40_000) + "\nno end")
        }
    }

    @Test(arguments: [
        (0, ""), (1, "c\n"), (2, "b\nc\n"), (3, "a\nb\nc\n"), (9, "a\nb\nc\n"),
    ])
    func `the last lines can be asked for`(_ count: Int, _ expected: String) async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("echo a; echo b; echo c")
            _ = try await shop.exit(of: id)
            var query = LogQuery()
            query.tailLines = count
            #expect(try await read(shop, id, query) == expected)
        }
    }

    @Test func `times are told and asked for, bytes are bounded`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("echo a; sleep 0.1; echo b")
            _ = try await shop.exit(of: id)
            var query = LogQuery()
            query.hasTimestamps = true
            let lines = try await read(shop, id, query).split(separator: "\n")
            #expect(lines.map { $0.split(separator: " ")[1] } == ["a", "b"])
            let whole = shop.log().map { $0.replacing(" stdout F", with: "") }
            #expect(lines.map(String.init) == whole)
            let record = try await shop.runtime.container(id)
            query.hasTimestamps = false
            query.since = try #require(record.state.exit).startedAt + 60_000_000
            #expect(try await read(shop, id, query) == "b\n")
            query.since = nil
            query.bytesMax = 3
            #expect(try await read(shop, id, query) == "a\nb")
        }
    }

    @Test func `who follows sees everything over rotations, to the end`() async throws {
        try await Workshop.open { shop in
            var spec = try await shop.spec(
                "for i in $(seq 300); do echo line $i; done; while [ ! -e \(shop.folder)/go ]; "
                    + "do sleep 0.01; done; for i in $(seq 301 600); do echo line $i; done")
            spec.log.sizeBytesMax = 4000
            spec.log.filesMax = 100
            let id = try await shop.start(spec)
            var query = LogQuery()
            query.isFollowing = true
            var said = ""
            try await shop.runtime.readLog(of: id, query) { piece in
                said += String(decoding: piece, as: UTF8.self)
                if said.hasSuffix("line 300\n") {
                    try Data().write(to: URL(fileURLWithPath: shop.folder + "/go"))
                }
            }
            #expect(said == (1...600).map { "line \($0)\n" }.joined())
        }
    }

    private func read(
        _ shop: Workshop, _ id: String, _ query: LogQuery = LogQuery()
    ) async throws -> String {
        var bytes: [UInt8] = []
        try await shop.runtime.readLog(of: id, query) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
