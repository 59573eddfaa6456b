import Dispatch
import Environment
import Glibc
import Primitives
import Storage
import Synchronization

/// Commits one batch after another and ends the process without a word once as many as asked for
/// are done, while the next one is under way.
func commitForEver(_ path: String, exitAfter commits: Int) throws {
    let provider = LMDBBackendProvider(directory: path, disk: PosixDisk())
    guard let backend = try provider.open() as? LMDBBackend else { exit(1) }
    let finished = CommitCount()
    DispatchQueue(label: "committer").async {
        for number in 1...200 {
            var batch = BackendBatch()
            for record in 0..<20 {
                let key = BatchSource.record(UInt64(number * 100 + record))
                batch.put(.records, key: key, value: Bytes(repeating: 1, count: 700))
            }
            batch.put(.meta, key: [1], value: [UInt8(number)])
            batch.put(.leases, key: [UInt8(number)], value: [])
            do {
                try backend.commit(batch)
            } catch {
                exit(2)
            }
            finished.value.add(1, ordering: .releasing)
        }
    }
    while finished.value.load(ordering: .acquiring) < commits {}
    _exit(7)
}

private final class CommitCount: Sendable {
    let value = Atomic<Int>(0)
}
