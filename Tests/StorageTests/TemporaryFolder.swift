import Environment
import Foundation
import Primitives
import Storage

/// A folder of a test's own, removed when the test lets go of it.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("storage-tests-\(UUID().uuidString)")
        path = folder.path
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
        } catch {
            fatalError("no temporary folder: \(error)")
        }
    }

    deinit {
        // Left to the system's own cleaning if it cannot be removed.
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension Disk {
    /// The whole content of a file.
    func contents(_ path: String) throws -> Bytes {
        let file = try open(path, .existing)
        defer { file.close() }
        return try file.read(at: 0, count: try file.size())
    }

    /// Gives a file new content, without syncing it.
    func replaceContents(_ path: String, _ bytes: Bytes) throws {
        let file = try open(path, .createIfMissing)
        defer { file.close() }
        try file.truncate(to: 0)
        try file.write(bytes, at: 0)
    }
}

/// The permission bits of what has this path.
func permissions(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)  // 0o777 fails a test
    return (attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
}
