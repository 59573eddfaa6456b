import Backups
import Primitives
import Storage
import StoreModel
import Testing

/// What backups hold, and how they differ.
@Suite struct `Content of backups` {
    let folder = TestFolder()

    private func object(_ name: String, _ more: String = "") -> String {
        #"{"kind":"ConfigMap","metadata":{"name":"\#(name)"}\#(more)}"#
    }

    @Test func `a backup tells revision, keys, kinds and the hash of its history`() throws {
        var source = try TestSource()
        for number in 0..<200 {
            try source.put("/registry/core/configmaps/default/c\(number)", object("c\(number)"))
        }
        try source.put("/registry/apps/deployments/default/web", object("web"))
        try source.put("/registry/core/namespaces/default", object("default"))
        try source.put("other", "x")
        try source.delete("/registry/core/configmaps/default/c7")
        try source.save(folder / "a")
        let image = try BackupImage(folder / "a")
        #expect(image.revision == source.revision)
        #expect(image.keyCount == 202)
        #expect(image.historyHash() == (try source.hash()))
        #expect(
            image.counts().map { "\($0.kind) \($0.count)" } == [
                "(other keys) 1", "configmaps 199", "deployments.apps 1", "namespaces 1",
            ])
    }

    /// Compacted keys may still lie in blocks that are kept (docs/formats/backend.md).
    @Test func `what was deleted and compacted is not there`() throws {
        var source = try TestSource()
        for round in 0..<5 {
            for number in 0..<50 { try source.put("k\(number)", "\(round)") }
        }
        for number in 0..<25 { try source.delete("k\(number)") }
        try source.compact()
        try source.save(folder / "a")
        let image = try BackupImage(folder / "a")
        #expect(image.keyCount == 25)
        #expect(image.compactRevision == source.revision)
        #expect(image.historyHash() == (try source.hash()))
    }

    @Test func `a difference names objects that came, went or changed, with their fields`() throws {
        var source = try TestSource()
        let prefix = "/registry/core/configmaps/default/"
        for name in ["a", "b", "c"] {
            try source.put(prefix + name, object(name, #","data":{"x":"1"}"#))
        }
        try source.put("plain", "no JSON")
        try source.save(folder / "old")
        try source.put(prefix + "a", object("a", #","data":{"x":"2"}"#))
        try source.delete(prefix + "b")
        try source.put(prefix + "d", object("d"))
        try source.put("plain", "none either")
        // Written, but not changed.
        try source.put(prefix + "c", object("c", #","data":{"x":"1"}"#))
        try source.save(folder / "new")
        var lines: [String] = []
        let images = (try BackupImage(folder / "old"), try BackupImage(folder / "new"))
        BackupDifference.all(from: images.0, to: images.1) { difference in
            switch difference.change {
            case .created: lines.append("+ " + difference.name)
            case .removed: lines.append("- " + difference.name)
            case .changed(let fields): lines.append("~ \(difference.name) \(fields)")
            }
        }
        #expect(
            lines == [
                #"~ configmaps default/a [.data.x: "1" -> "2"]"#, "- configmaps default/b",
                "+ configmaps default/d", "~ key plain []",
            ])
        BackupDifference.all(from: images.0, to: images.0) { Issue.record("\($0)") }
    }

    @Test func `a damaged backup is refused`() throws {
        var source = try TestSource()
        try source.put("a", "b")
        try source.save(folder / "a")
        let disk = PosixDisk()
        let file = try disk.open(folder / "a", .existing)
        let byte = try file.read(at: 130, count: 1)
        try file.write([byte[0] ^ 4], at: 130)
        #expect(throws: SnapshotError.self) { try BackupImage(folder / "a") }
    }
}
