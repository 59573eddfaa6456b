import Foundation
import Testing

/// What an operator reads when a store cannot start: a sentence that names the file and the place.
@Suite struct `A store that cannot start` {
    private struct Damage: Sendable {
        var name: String
        /// What is done to the data folder.
        var harm: @Sendable (String) throws -> Void
        var expected: String
    }

    private static func overwrite(
        _ path: String, at offset: UInt64, _ text: String = "XXXXXXXX"
    ) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    private static func segment(_ folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/member/log")
        return folder + "/member/log/" + (try #require(names.first { $0.hasSuffix(".wal") }))
    }

    private static let damages: [Damage] = [
        Damage(
            name: "a log that is none", harm: { try overwrite(segment($0), at: 0) },
            expected: ".wal is damaged at offset 4: this is no log segment"),
        Damage(
            name: "the header of the log", harm: { try overwrite(segment($0), at: 24) },
            expected: ".wal is damaged at offset 0: the bytes do not fit their checksum"),
        Damage(
            name: "a record of the log", harm: { try overwrite(segment($0), at: 520) },
            expected: ".wal is damaged at offset 512: the bytes do not fit their checksum"),
        Damage(
            name: "a log that is gone",
            harm: { try FileManager.default.removeItem(atPath: $0 + "/member/log") },
            expected: "there is no log in "),
        Damage(
            name: "the backend's first page",
            harm: { try overwrite($0 + "/member/backend/data-1/data.mdb", at: 20) },
            expected: "data.mdb is damaged at offset 20: "),
        Damage(
            name: "the identity",
            harm: { try overwrite($0 + "/member/identity", at: 60, "X") },
            expected: "/member/identity has a wrong checksum"),
        Damage(
            name: "an identity that is gone",
            harm: { try FileManager.default.removeItem(atPath: $0 + "/member/identity") },
            expected: "holds store files but no identity file"),
        Damage(
            name: "a folder that others may write to",
            harm: {
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o777], ofItemAtPath: $0)
            },
            expected: "can be written by others (mode 0777)"),
    ]

    @Test func `says which file is damaged and where`() throws {
        for damage in Self.damages {
            let folder = try StoreProcess.temporaryFolder()
            // It is in the system's temporary one.
            defer { try? FileManager.default.removeItem(atPath: folder) }
            _ = try StoreProcess(dataFolder: folder + "/data")
            try damage.harm(folder + "/data")
            let log = Self.failure { try StoreProcess(dataFolder: folder + "/data") }
            #expect(log.contains(damage.expected), "\(damage.name): \(log)")
        }
    }

    @Test func `says which certificate file is of no use`() throws {
        let folder = try StoreProcess.temporaryFolder()
        // It is in the system's temporary one.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = folder + "/text"
        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: text))
        let missing = folder + "/missing"
        for (path, problem) in [
            (missing, "cannot be read: No such file or directory"),
            (text, "holds no certificate in PEM form"),
        ] {
            let log = Self.failure {
                try StoreProcess(
                    ["--cert-file", path, "--key-file", path], listen: ["https://127.0.0.1:0"])
            }
            #expect(log.contains("\(path) \(problem)"), "\(log)")
        }
    }

    @Test func `says that its address is taken`() throws {
        let store = try StoreProcess()
        let log = Self.failure {
            try StoreProcess(listen: ["http://127.0.0.1:\(store.port)"])
        }
        #expect(log.contains(": Address already in use\""))
    }

    @Test func `keelson server says that its address is taken`() throws {
        let store = try StoreProcess()
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("start-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // Only litter is left.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: StoreProcess.executable)
        process.arguments = [
            "server", "--data-dir", folder, "--api-listen", "127.0.0.1:\(store.port)",
        ]
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        // It ends by itself, without a signal.
        let log = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(log.contains("cannot start") && log.contains("Address already in use"), "\(log)")
        #expect(process.terminationStatus == 1)
    }

    private static func failure(_ start: () throws -> StoreProcess) -> String {
        do {
            _ = try start()
            return "it started"
        } catch StoreFailure.ended(let log) {
            return log
        } catch {
            return "\(error)"
        }
    }
}
