package import Environment
internal import Primitives
internal import Raft
internal import WriteAheadLog

extension Member {
    /// Makes the member on this folder the only one of its cluster, for when the others are lost
    /// for good (etcd's `--force-new-cluster`). Puts a membership of this member alone behind all
    /// that its log has; the next `open` then leads by itself and commits it. Never to be used
    /// while the other members may still run.
    ///
    /// etcd drops what is not known to be committed here. But a follower learns that only after
    /// the client does, so that the last acknowledged writes would be lost; what is kept too much
    /// are writes whose clients were told nothing.
    /// - Throws: as `open` does.
    package static func makeAlone(
        configuration: MemberConfiguration, disk: any Disk, backends: any BackendProvider,
        now: MonotonicInstant
    ) throws(MemberFailure) {
        var member = try open(
            configuration: configuration, disk: disk, backends: backends, now: now)
        defer { member.close() }
        // A term of its own, so that nothing from before can be taken for it.
        let term = member.raft.term.next
        let entry = Entry(
            term: term, index: member.raft.lastEntry.index.next,
            payload: .membership(Membership(voters: [configuration.id]), context: []))
        let write = LogWrite(
            hardState: HardState(term: term, commitIndex: member.raft.commitIndex),
            entries: [entry], mustSync: true,
            mark: PersistenceMark(number: 1, lastEntry: EntryID(index: entry.index, term: term)))
        do {
            try member.log.append([write])
            try member.log.sync()
        } catch {
            throw .log(error)
        }
    }
}
