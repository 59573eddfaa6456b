import Primitives
import StoreModel

/// The versions of one key, ascending by modRevision; a deletion has version 0. They lie in short
/// runs, so that a copy that grows copies one run and not all: replays and searches copy a state
/// for each try.
struct VersionHistory: Equatable, Sendable {
    private static let runMax = 32

    /// None is empty, and all but the last are full.
    private var runs: [[KeyValue]]

    init(_ first: KeyValue) { runs = [[first]] }

    /// The newest version.
    var last: KeyValue? { runs.last?.last }

    /// Adds the newest version.
    mutating func append(_ version: KeyValue) {
        if runs[runs.count - 1].count < Self.runMax {
            runs[runs.count - 1].append(version)
        } else {
            runs.append([version])
        }
    }

    /// The version in force at `revision`; nil before the first and after a deletion.
    func version(at revision: Revision) -> KeyValue? {
        let last = runs[runs.count - 1]
        if last[0].modRevision <= revision { return last.version(at: revision) }
        let position = runs.partitionPoint { $0[0].modRevision <= revision }
        return position == 0 ? nil : runs[position - 1].version(at: revision)
    }

    /// Whether some version fulfils the condition.
    func contains(where isWanted: (KeyValue) -> Bool) -> Bool {
        runs.contains { $0.contains(where: isWanted) }
    }
}
