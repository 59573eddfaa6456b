import Foundation

/// A folder that goes with this object.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "keelson-e2e-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        // What cannot be removed is left to whoever cleans the temporary folder.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The text of a file of this folder; empty if there is none.
    func text(_ name: String) -> String {
        // A file that was not written yet has no text.
        (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? ""
    }
}
