import Environment
import Primitives
import Testing

@testable import Backups
@testable import Storage

/// Which backups of a folder stay.
@Suite struct `A folder of backups` {
    typealias Entry = BackupFolder.Entry

    /// Entries an hour apart, the newest first, at 100 hours: `g` good, `d` damaged.
    private func entries(_ states: String) -> [Entry] {
        states.enumerated().map { place, state in
            let summary = SnapshotSummary(
                header: [], entryCounts: [], chunkCount: 0, sizeBytes: 0, sha256: [])
            return Entry(
                name: "\(place)",
                state: state == "g"
                    ? .success(summary)
                    : .failure(.damaged(path: "", offset: 0, reason: "")),
                writtenSeconds: Int64(100 - place) * 3_600)
        }
    }

    private func removed(_ states: String, count: Int? = nil, hours: Int64? = nil) -> String {
        BackupFolder.surplus(
            entries(states), .init(count: count, ageSecondsMax: hours.map { $0 * 3_600 }),
            nowSeconds: 100 * 3_600
        ).map(\.name).joined()
    }

    @Test func `so many good ones are kept, and damaged ones are not counted`() {
        #expect(removed("ggggg", count: 2) == "234")
        #expect(removed("gdgdg", count: 2) == "134")
        #expect(removed("dggg", count: 1) == "23")
        #expect(removed("g", count: 1) == "")
        #expect(removed("ggg", count: 5) == "")
    }

    @Test func `old ones go, but never the newest good one`() {
        #expect(removed("gggg", hours: 1) == "23")
        #expect(removed("ddgg", hours: 0) == "3")
        #expect(removed("ddd", count: 1, hours: 0) == "", "there is no good one")
        #expect(removed("ggggg", count: 4, hours: 2) == "34")
    }

    @Test func `every choice leaves the newest good one and all that is newer`() {
        for number in 0..<64 {
            let states = String(
                (0..<6).map { number >> $0 & 1 == 1 ? Character("g") : "d" })
            guard let first = states.firstIndex(of: "g") else { continue }
            let newest = states.distance(from: states.startIndex, to: first)
            for (count, hours) in [(1, nil), (nil, 0), (2, 1)] as [(Int?, Int64?)] {
                let gone = removed(states, count: count, hours: hours).compactMap { Int("\($0)") }
                #expect(gone.allSatisfy { $0 > newest }, "\(states)")
            }
        }
    }

    @Test func `only files that begin as backups do are looked at, and each is verified`() throws {
        let folder = TestFolder()
        let disk = PosixDisk()
        var source = try TestSource()
        try source.put("a", "b")
        for name in ["a", "b", "c.part"] { try source.save(folder / name) }
        let file = try disk.open(folder / "b", .existing)
        try file.truncate(to: 100)
        try disk.open(folder / "notes", .new).close()
        try disk.createDirectory(folder / "folder")
        let backups = BackupFolder(
            folder.path, disk: disk,
            writtenSeconds: { path in
                PosixDisk.writtenSeconds(of: path).map { _ in path.hasSuffix("/a") ? 1 : 2 }
            })
        let found = try backups.entries()
        #expect(found.map(\.name) == ["b", "a"])
        #expect(found.map(\.isGood) == [false, true])
        try backups.remove(found[0])
        #expect(try backups.entries().map(\.name) == ["a"])
        #expect(throws: DiskError.self) {
            try BackupFolder(folder / "none", disk: disk, writtenSeconds: { _ in 0 }).entries()
        }
    }
}
