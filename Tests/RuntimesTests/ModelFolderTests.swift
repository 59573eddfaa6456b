import Foundation
import PodModel
import Primitives
import Runtimes
import Testing

/// Models' files on the disk.
@Suite struct ModelFolderTests {
    /// SHA-256 of `abc`: FIPS 180-4, appendix B.1.
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    private static func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    private func inFolder(_ body: (ModelFolder, String) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "keelson-models-" + UUID().uuidString
        // What cannot be removed is left to whoever cleans the temporary folder.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(ModelFolder(path), path)
    }

    @Test func `a file is under its hash once it is whole, and nobody can write to it`()
        async throws
    {
        try await inFolder { folder, path in
            #expect(try folder.open().stored.isEmpty)
            let draft = folder.draft("1")
            try await draft.write(Bytes("ab".utf8))
            #expect(try Self.names(path) == ["addresses", "drafts"])
            try await draft.write(Bytes("c".utf8))
            let model = try await draft.commit(expecting: Self.abc)
            #expect(model == StoredModel(sha256: Self.abc, sizeBytes: 3))
            let file = folder.folder(of: Self.abc) + "/model"
            #expect(FileManager.default.contents(atPath: file) == Data("abc".utf8))
            let facts = try FileManager.default.attributesOfItem(atPath: file)
            #expect(facts[.posixPermissions] as? Int == 0o444)
            #expect(try Self.names(path + "/drafts").isEmpty)
            // The same from elsewhere changes nothing; an empty file is a file.
            let again = folder.draft("2")
            try await again.write(Bytes("abc".utf8))
            #expect(try await again.commit(expecting: "") == model)
            #expect(try Self.names(path + "/drafts").isEmpty)
            let empty = try await folder.draft("3").commit(expecting: "")
            #expect(empty.sizeBytes == 0 && folder.has(empty))
            #expect(try folder.open().stored.count == 2)
        }
    }

    @Test func `another file than the one that is asked for leaves nothing`() async throws {
        try await inFolder { folder, path in
            _ = try folder.open()
            let draft = folder.draft("1")
            try await draft.write(Bytes("abd".utf8))
            let failure = await #expect(throws: ModelFailure.self) {
                try await draft.commit(expecting: Self.abc)
            }
            guard case .mismatch(Self.abc, _) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            await draft.discard()
            #expect(try folder.open().stored.isEmpty)
            #expect(try Self.names(path) == ["addresses", "drafts"])
        }
    }

    @Test func `what an interrupted agent has left goes, what was whole stays`() async throws {
        try await inFolder { folder, path in
            _ = try folder.open()
            let whole = folder.draft("1")
            try await whole.write(Bytes("abc".utf8))
            _ = try await whole.commit(expecting: "")
            try folder.note(Self.abc, from: "http://m/a b")
            try folder.note(String(repeating: "0", count: 64), from: "http://m/lost")
            try await folder.draft("7").write(Bytes("half".utf8))
            let hollow = path + "/" + String(repeating: "1", count: 64)
            try FileManager.default.createDirectory(
                atPath: hollow, withIntermediateDirectories: false)
            try Data("?".utf8).write(to: URL(fileURLWithPath: path + "/addresses/torn"))

            let (stored, hashes) = try ModelFolder(path).open()
            #expect(stored == [StoredModel(sha256: Self.abc, sizeBytes: 3)])
            #expect(hashes == ["http://m/a b": Self.abc])
            #expect(try Self.names(path) == ["addresses", Self.abc, "drafts"].sorted())
            #expect(try Self.names(path + "/drafts").isEmpty)
            #expect(try Self.names(path + "/addresses").count == 1)
        }
    }

    @Test func `the order of the last use outlives the agent`() async throws {
        try await inFolder { folder, path in
            _ = try folder.open()
            var hashes: [String] = []
            for (number, text) in ["a", "b", "c"].enumerated() {
                let draft = folder.draft(text)
                try await draft.write(Bytes(text.utf8))
                hashes.append(try await draft.commit(expecting: "").sha256)
                let time = timeval(tv_sec: 1_000 + number, tv_usec: 0)
                utimes(folder.folder(of: hashes[number]) + "/model", [time, time])
            }
            folder.touch(hashes[0])
            #expect(
                try folder.open().stored.map(\.sha256) == [hashes[1], hashes[2], hashes[0]])
            try folder.remove(hashes[1])
            #expect(try folder.open().stored.count == 2)
        }
    }

    @Test func `only files are read, and whoever waits for none is not kept waiting`()
        async throws
    {
        try await inFolder { _, path in
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            mkfifo(path + "/pipe", 0o600)
            for (name, words) in [
                ("none", "no such file"), ("", "is no file"), ("pipe", "is no file"),
            ] {
                let failure = await #expect(throws: ModelFailure.self) {
                    try await ModelFile(path + "/" + name).open()
                }
                #expect(failure?.description.contains(words) == true, "\(name)")
            }
            let content = Bytes(repeating: 7, count: 3 << 20) + [1]
            try Data(content).write(to: URL(fileURLWithPath: path + "/large"))
            let file = ModelFile(path + "/large")
            #expect(try await file.open() == Int64(content.count))
            var read = Bytes()
            while let piece = try await file.next() { read += piece }
            #expect(read == content)
        }
    }
}
