extension FaultKind: CustomStringConvertible {
    /// For people, in few words.
    package var description: String {
        switch self {
        case .partition(let shape, let isOneWay, let lasts):
            return "\(isOneWay ? "one-way " : "")partition, \(shape.name), for \(seconds(lasts))"
        case .clog(let lasts): return "messages wait for \(seconds(lasts))"
        case .reset: return "a connection breaks"
        case .crash(let target, let point, let downtime):
            return "crash of \(target.name), \(point), down for \(seconds(downtime))"
        case .pause(let target, let lasts): return "pause of \(target.name) for \(seconds(lasts))"
        case .clockRate(let target, let rate): return "clock of \(target.name) at rate \(rate)"
        case .slowDisk(let target, let lasts):
            return "slow disk of \(target.name) for \(seconds(lasts))"
        case .failedSync(let target): return "a sync of \(target.name) fails"
        case .readError(let target, let lasts):
            return "reads of \(target.name) fail for \(seconds(lasts))"
        case .noSpace(let target, let lasts):
            return "disk of \(target.name) is full for \(seconds(lasts))"
        case .bitRot(let target): return "a bit of \(target.name) turns over"
        case .wipe(let target): return "disk of \(target.name) is wiped"
        case .membership: return "change of membership"
        case .transfer: return "transfer of leadership"
        case .leaderFalls(let turns, let isCutOff, let lasts):
            return "the next leader \(isCutOff ? "is cut off" : "ends") after \(turns) turns, for "
                + seconds(lasts)
        }
    }
}

extension FaultTarget {
    fileprivate var name: String {
        switch self {
        case .leader: return "the leader"
        case .follower: return "a follower"
        case .anyone: return "a member"
        }
    }
}

extension PartitionShape {
    fileprivate var name: String {
        switch self {
        case .one: return "one member alone"
        case .leader: return "the leader alone"
        case .minority: return "a minority apart"
        case .bridge: return "two halves and a bridge"
        case .ring: return "neighbours on a ring"
        case .shattered: return "everyone alone"
        }
    }
}

extension CrashPoint: CustomStringConvertible {
    /// For people, in few words.
    package var description: String {
        switch self {
        case .now: return "at once"
        case .job(let kind, let skipped, let phase):
            return "\(phase.name) the next \(kind.name) but \(skipped)"
        case .diskOperation(let count): return "\(count) disk operations on"
        case .backendCall(let count): return "within backend call \(count) from now"
        }
    }
}

extension JobKind {
    fileprivate var name: String {
        switch self {
        case .sync: return "sync of the log"
        case .commit: return "commit"
        case .writeSnapshot: return "image written"
        case .install: return "image installed"
        }
    }
}

extension CrashPhase {
    fileprivate var name: String {
        switch self {
        case .before: return "before"
        case .after: return "after"
        case .afterTurn: return "in the turn after"
        }
    }
}

/// Nanoseconds as seconds with three decimals.
func seconds(_ nanoseconds: Int64) -> String {
    let milliseconds = nanoseconds / millisecond
    let rest = "\(milliseconds % 1_000)"
    return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest + " s"
}
