internal import Primitives
internal import Raft
internal import ReplicatedStore

/// Work of members that touches their disks, and takes time.
extension Simulation {
    /// Starts a job; its effect comes at its end.
    mutating func begin(_ job: MemberJob, _ slot: Int) {
        machines[slot].lastJob += 1
        let number = machines[slot].lastJob
        let kind = job.kind
        let running = RunningJob(
            number: number, kind: kind, job: job,
            lastEntry: machines[slot].position.syncingThrough ?? .zero,
            applied: machines[slot].position.committingThrough ?? .zero)
        if kind == .sync { machines[slot].shadow.beginSync(through: running.lastEntry.index) }
        machines[slot].jobs.append(running)
        var random = dice.generator(
            .job, UInt64(slot) << 40 | machines[slot].starts, number)
        if kind == .install { damageImage(slot, using: &random) }
        var time = random.around(meanTime(of: kind)) * machines[slot].diskSlowness
        if plan.ingredients.contains(.slowDisk), liveness == nil, random.chance(0.02) { time *= 20 }
        heap.push(
            .job(slot: slot, epoch: machines[slot].epoch, number: number),
            at: now + min(time, 2 * second))
    }

    private func meanTime(of kind: JobKind) -> Int64 {
        switch kind {
        case .sync: return knobs.syncNanoseconds
        case .commit: return knobs.commitNanoseconds
        case .writeSnapshot, .install: return knobs.snapshotNanoseconds
        }
    }

    /// A job's time is over: it takes effect and the member is told, unless the process ends.
    mutating func finishJob(_ slot: Int, _ number: UInt64) throws(RunFailure) {
        guard let position = machines[slot].jobs.firstIndex(where: { $0.number == number }) else {
            return
        }
        let phase = crashPhase(slot, machines[slot].jobs[position].kind)
        if phase == .before {
            try crashAtJob(slot)
            return
        }
        let job = machines[slot].jobs.remove(at: position)
        hashes.add(UInt64(job.kind.rawValue))
        let result: MemberJobResult
        do {
            guard let done = try machines[slot].process?.member.perform(job.job) else { return }
            result = done
        } catch {
            try memberFailed(slot, error)
            return
        }
        if machines[slot].isKilled {
            try crash(slot, downtime: second / 2)
            return
        }
        noteEffect(of: job, result, slot)
        if phase == .after {
            if job.kind == .sync { coverage.reach(.crashAfterSync) }
            try crashAtJob(slot)
            return
        }
        if case .snapshotInstalled(.failure(let failure)) = result {
            note(slot) { "refuses an image: \(failure)" }
            coverage.reach(.damagedImageRefused)
        }
        if case .snapshotWritten(.success) = result {
            var random = dice.generator(.job, UInt64(slot) << 40 | 1 << 39, number)
            damageImage(slot, using: &random)
        }
        machines[slot].process?.member.receive(.jobDone(result))
        if phase == .afterTurn {
            try endTurnUnheard(slot)
            try crashAtJob(slot)
            return
        }
        try turnSoon(slot)
    }

    /// A turn of which nobody hears; its log may have changed, and that is all.
    private mutating func endTurnUnheard(_ slot: Int) throws(RunFailure) {
        guard let process = machines[slot].process else { return }
        let output = process.member.finishTurn()
        machines[slot].earlier = machines[slot].position
        machines[slot].position = process.look { $0.position }
        _ = try followLog(slot, output.events)
    }

    /// What a job left on the disk.
    mutating func noteEffect(of job: RunningJob, _ result: MemberJobResult, _ slot: Int) {
        if case .commitRefused = result {
            note(slot) { "finds no room for a commit" }
            coverage.reach(.commitRefused)
            machines[slot].hasCommitToRepeat = true
            return
        }
        switch job.kind {
        case .sync: machines[slot].shadow.endSync()
        case .commit:
            if let revision = truth.revision(after: job.applied.index) {
                machines[slot].promise.durableApplied = job.applied
                machines[slot].promise.durableRevision = revision
            }
            if machines[slot].hasCommitToRepeat { coverage.reach(.commitRepeated) }
            machines[slot].hasCommitToRepeat = false
        case .install:
            guard machines[slot].isRunning else { return }
            coverage.reach(.snapshotInstalled)
            if machines[slot].process?.member.hub.unsyncedCount ?? 0 > 0 {
                coverage.reach(.snapshotInstalledOverUnsyncedWatch)
            }
        case .writeSnapshot: break
        }
    }

    /// Whether the process ends at this job, and where.
    private mutating func crashPhase(_ slot: Int, _ kind: JobKind) -> CrashPhase? {
        guard let armed = machines[slot].armed,
            case .job(kind, _, let phase) = armed.point
        else { return nil }
        if armed.skipped > 0 {
            machines[slot].armed?.skipped -= 1
            return nil
        }
        return phase
    }

    private mutating func crashAtJob(_ slot: Int) throws(RunFailure) {
        let downtime = machines[slot].armed?.downtime ?? second
        machines[slot].armed = nil
        try crash(slot, downtime: downtime)
    }
}

extension MemberJob {
    /// Its kind.
    var kind: JobKind {
        switch self {
        case .syncLog: return .sync
        case .commit: return .commit
        case .writeSnapshot: return .writeSnapshot
        case .installSnapshot: return .install
        }
    }
}
