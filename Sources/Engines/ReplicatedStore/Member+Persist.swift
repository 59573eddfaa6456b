internal import Environment
internal import Primitives
internal import Raft
internal import WriteAheadLog

/// Writing the log, one write at a time.
extension Member {
    /// Hands everything that waits to the log as one write and asks for its sync.
    mutating func startLogWrite() {
        guard syncing == nil, !queuedWrites.isEmpty, failure == nil else { return }
        let writes = queuedWrites
        queuedWrites.removeAll(keepingCapacity: true)
        do {
            try log.append(writes)
        } catch {
            fail(.log(error))
            return
        }
        syncing = writes.last?.mark
        if writes.contains(where: \.mustSync) {
            output.jobs.append(.syncLog)
        } else {
            unsynced = true
        }
    }

    /// Confirms a write that nothing waits for (a commit index alone) without syncing it.
    /// Returns whether there was one, since more may follow.
    mutating func confirmUnsyncedWrites() -> Bool {
        guard unsynced, let mark = syncing else { return false }
        unsynced = false
        syncing = nil
        absorb(raft.step(.persisted(mark)))
        return true
    }

    /// The log's sync has finished.
    private mutating func finishSync() {
        guard let mark = syncing else { return }
        syncing = nil
        absorb(raft.step(.persisted(mark)))
        if let install = snapshots.finishedInstall {
            snapshots.finishedInstall = nil
            takeOver(install)
        }
    }

    /// A job has finished.
    mutating func finish(_ result: MemberJobResult) {
        switch result {
        case .logSynced: finishSync()
        case .committed: finishCommit()
        case .commitRefused(let batch): postponeCommit(batch)
        case .snapshotWritten(let result): finishWriting(result)
        case .snapshotInstalled(let result): finishInstall(result)
        }
    }

    /// Runs a job here and now and returns what to hand back with `MemberInput.jobDone`.
    /// - Throws: what ends the member: a failed sync or commit.
    package mutating func perform(_ job: MemberJob) throws(MemberFailure) -> MemberJobResult {
        switch job {
        case .syncLog:
            do {
                try log.sync()
            } catch {
                throw .log(error)
            }
            return .logSynced
        case .commit, .writeSnapshot, .installSnapshot:
            return try runner(for: job).run()
        }
    }

    /// The work of a job other than `.syncLog`, to be run on any one thread.
    package func runner(for job: MemberJob) -> MemberJobRunner {
        MemberJobRunner(files: files, job: job)
    }
}

extension MemberFailure {
    /// A failure of the log, in its own words.
    static func log(_ error: WALError) -> MemberFailure {
        if case .disk(let error) = error { return .disk(error) }
        return .refused(reason: "\(error)")
    }
}
