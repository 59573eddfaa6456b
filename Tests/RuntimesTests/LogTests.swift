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
            let time = "1970-01-01T00:00:02"
            let path = shop.folder + "/log"
            let texts = ["P a", "F b", "F c", "F d"]
            let log = texts.enumerated().map { "\(time).00000000\($0)Z stdout \($1)\n" }.joined()
            try log.write(toFile: path, atomically: false, encoding: .utf8)
            func read(_ change: (inout LogQuery) -> Void) async throws -> String {
                var query = LogQuery()
                change(&query)
                var reader = try LogReader(path, query)
                var said = ""
                try await reader.read(isOver: { true }) {
                    said += String(decoding: $0, as: UTF8.self)
                }
                return said
            }
            let told = try await read { $0.hasTimestamps = true }
            #expect(
                told == "\(time).000000000Z ab\n\(time).000000002Z c\n\(time).000000003Z d\n")
            #expect(try await read { $0.since = 2_000_000_002 } == "c\nd\n")
            #expect(try await read { ($0.since, $0.tailLines) = (2_000_000_002, 1) } == "d\n")
            #expect(try await read { $0.bytesMax = 4 } == "ab\nc")
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
