internal import Primitives

/// Draws a run's schedule of trouble from its seed.
struct FaultSchedule {
    let dice: Dice
    let knobs: Knobs
    let ingredients: IngredientSet
    let profile: Profile

    /// All faults in order of time, numbered in that order.
    func faults() -> [ScheduledFault] {
        var found: [(at: Int64, order: Int, kind: FaultKind)] = []
        for ingredient in ingredients.all {
            var random = dice.generator(.schedule, UInt64(ingredient.rawValue))
            guard let interval = interval(of: ingredient) else { continue }
            var at = second + random.between(0, interval)
            var left = limit(of: ingredient)
            while at < knobs.safetyNanoseconds, left > 0 {
                left -= 1
                found.append((at, found.count, kind(of: ingredient, using: &random)))
                at += random.around(interval)
            }
        }
        found.sort { ($0.at, $0.order) < ($1.at, $1.order) }
        return found.enumerated().map { id, fault in
            ScheduledFault(id: id, at: fault.at, kind: fault.kind)
        }
    }

    /// How far apart faults of this kind are; nil if they are not scheduled.
    private func interval(of ingredient: Ingredient) -> Int64? {
        switch ingredient {
        case .partition, .oneWayPartition: return knobs.faultInterval
        case .crash: return knobs.faultInterval
        case .pause, .clog, .reset, .slowDisk: return 2 * knobs.faultInterval
        case .clockRate, .noSpace, .readError: return 3 * knobs.faultInterval
        case .failedSync, .bitRot, .wipe: return knobs.safetyNanoseconds / 3
        case .membership: return knobs.adminInterval
        case .transfer: return 2 * knobs.adminInterval
        case .fallingLeaders: return knobs.electionNanoseconds
        default: return nil
        }
    }

    /// How many of a kind there are at most.
    private func limit(of ingredient: Ingredient) -> Int {
        switch ingredient {
        case .bitRot, .wipe: return 1
        case .failedSync: return 3
        default: return 1_000
        }
    }

    private func kind(of ingredient: Ingredient, using random: inout SplitMix64) -> FaultKind {
        let target = random.pick(FaultTarget.allCases)
        switch ingredient {
        case .partition, .oneWayPartition:
            return .partition(
                random.pick(PartitionShape.allCases), isOneWay: ingredient == .oneWayPartition,
                lasts: random.pick([1, 2, 5, 10]) * knobs.electionNanoseconds / 2
                    + random.between(0, second))
        case .clog: return .clog(lasts: random.between(second / 10, 5 * second))
        case .reset: return .reset
        case .crash:
            let downtime = random.pick([1, 10, 100]) * random.between(second / 100, second / 20)
            return .crash(target, crashPoint(using: &random), downtime: downtime)
        case .pause:
            return .pause(
                target,
                lasts: random.pick([1, 3, 10])
                        * random.between(second / 10, knobs.electionNanoseconds))
        case .clockRate:
            return .clockRate(target, random.pick([0.5, 0.7, 1, 1.5, 2]))
        case .slowDisk: return .slowDisk(target, lasts: random.between(second, 10 * second))
        case .failedSync: return .failedSync(target)
        case .readError: return .readError(target, lasts: random.between(second / 10, 3 * second))
        case .noSpace: return .noSpace(target, lasts: random.between(second / 2, 5 * second))
        case .bitRot: return .bitRot(target)
        case .wipe: return .wipe(target)
        case .membership: return .membership
        case .fallingLeaders:
            return .leaderFalls(
                turns: random.pick([1, 2, 3, 5, 8, 13, 40]), isCutOff: random.chance(0.5),
                lasts: random.between(1, 6) * knobs.electionNanoseconds / 2)
        default: return .transfer
        }
    }

    private func crashPoint(using random: inout SplitMix64) -> CrashPoint {
        switch random.below(5) {
        case 4: return .backendCall(random.between(1, 8))
        case 0: return .now
        case 1: return .diskOperation(random.between(1, 60))
        default:
            return .job(
                JobKind.allCases[random.weighted([4, 4, 1, 2])], skipped: random.below(4),
                random.pick(CrashPhase.allCases))
        }
    }
}
