package import Primitives
package import StoreModel

/// The part of the state machine that lagging watches read: what happened, by revision.
///
/// History is complete from `compactRevision` on, that revision included and with its deletions
/// (a watch may begin exactly there; etcd #18089 and #19179). Older revisions are not asked for.
package protocol WatchHistory {
    /// The newest revision.
    var revision: Revision { get }
    /// History before this revision is compacted; zero or the store's first revision where
    /// nothing was.
    var compactRevision: Revision { get }

    /// Reads on from `first`, always whole revisions and at least one. Stops behind the revision
    /// with which `recordsMax` records were looked at, or the events returned have `bytesMax`
    /// bytes of keys and values (previous versions included).
    ///
    /// - Parameters:
    ///   - first: Where to begin: `compactRevision` or above (below is the caller's bug), and at
    ///     most `revision`.
    ///   - wantsPrevious: Fill in the version before, where it is not compacted. Without it
    ///     `previous` is nil in every event.
    ///   - recordsMax: Records of history to look at, wanted or not; at least 1.
    ///   - bytesMax: At least 1.
    ///   - isWanted: Whether events of a key are to be returned.
    /// - Returns: The wanted events of the revisions read, in order (by revision, then by their
    ///   places in the transaction) and exactly as they were published when they were applied;
    ///   and the first revision that was not read: above `first`, `revision.next` once there is
    ///   no more.
    func events(
        from first: Revision, wantsPrevious: Bool, recordsMax: Int, bytesMax: Int,
        isWanted: (_ key: Bytes) -> Bool
    ) -> (events: [Event], next: Revision)
}
