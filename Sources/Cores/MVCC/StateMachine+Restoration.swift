package import Environment
package import Primitives
package import StoreModel

extension StateMachine {
    /// Why a backend cannot become the first state of a cluster.
    package enum RestorationError: Error, Equatable, Sendable {
        /// It includes no entry of a log.
        case empty
        /// Revisions would not fit their numbers.
        case revisionTooLarge(Revision)
    }

    /// The largest revision that a restoration makes: far from the end of the numbers, so that
    /// many more may follow.
    package static let restoredRevisionMax = Revision(Int64.max / 4)

    /// What turns the content of a backup into the first state of a cluster of other members:
    /// they are all that is known of members, no alarm is raised, and the revision steps up.
    ///
    /// The step is larger than the number of writes that may have followed the backup, so that no
    /// revision that a client has seen comes again with another content; as history up to it is
    /// compacted, clients that ask to go on from what they saw are told so, and list anew (etcd's
    /// `--bump-revision --mark-compacted`).
    /// - Throws: `RestorationError`, or `LoadError` where an entry cannot be trusted.
    package static func restorationBatch(
        of view: any BackendView, members: [(PeerID, MemberAttributes)], membershipRecord: Bytes,
        revisionStep: Int64, compacts: Bool
    ) throws -> BackendBatch {
        let saved = try Meta(from: view)
        guard saved.appliedIndex != .zero else { throw RestorationError.empty }
        let (revision, isTooLarge) = saved.revision.rawValue.addingReportingOverflow(revisionStep)
        guard revisionStep >= 0, !isTooLarge, revision <= restoredRevisionMax.rawValue else {
            throw RestorationError.revisionTooLarge(saved.revision)
        }
        var meta = saved
        meta.revision = Revision(revision)
        if compacts { meta.compactRevision = meta.revision }
        meta.membershipRecord = membershipRecord
        meta.alarms = []
        var roster = try Roster(from: view)
        for (member, _) in roster.members { roster.set(member, nil) }
        for (member, attributes) in members { roster.set(member, attributes) }
        var batch = BackendBatch()
        roster.take(into: &batch)
        meta.write(into: &batch, saved: saved)
        return batch
    }
}
