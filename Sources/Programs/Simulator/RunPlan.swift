package import Primitives

/// What somebody wants simulated: a seed, and what to change in the run that it means.
package struct RunRequest: Sendable, Equatable {
    /// Decides everything.
    package var seed: UInt64
    /// The profile; nil for the seed's own.
    package var profile: Profile?
    /// A deliberate bug that all members have.
    package var mutation: Mutation?
    /// Left out of the run.
    package var without: [Ingredient]
    /// Faults of the schedule to be left out, by number.
    package var withoutFaults: [Int]
    /// Operations that clients send at most; nil for the plan's own bound.
    package var operationsMax: Int?
    /// Operations a second that clients keep up; 0 for runs in which they don't, nil for the
    /// seed's own choice.
    package var rate: Int?

    /// The plain run of a seed.
    package init(seed: UInt64, profile: Profile? = nil, mutation: Mutation? = nil) {
        self.seed = seed
        self.profile = profile
        self.mutation = mutation
        without = []
        withoutFaults = []
        operationsMax = nil
        rate = nil
    }
}

/// Everything about a run that is decided before it begins.
package struct RunPlan: Sendable {
    /// What was asked for.
    package let request: RunRequest
    /// What the run is about.
    package let profile: Profile
    /// What it contains.
    package let ingredients: IngredientSet
    /// Its numbers.
    package let knobs: Knobs
    /// Its trouble, in order of time.
    package let schedule: [ScheduledFault]
    /// How the second phase begins; nil to leave that to chance.
    let healing: Healing?
    let dice: Dice

    /// Draws the plan of a run.
    package init(_ request: RunRequest) {
        let profile = request.profile ?? Profile(seed: request.seed)
        let dice = Dice(seed: request.seed)
        // What is left out is taken out of the finished plan, so that the rest stays as it is.
        var random = dice.generator(.plan)
        var all = IngredientSet()
        for ingredient in Ingredient.allCases where random.chance(0.5) { all.insert(ingredient) }
        for ingredient in profile.demanded { all.insert(ingredient) }
        for ingredient in profile.forbidden { all.remove(ingredient) }
        if all.contains(.slowWatchers) || all.contains(.tinyCatchUp) { all.insert(.watches) }
        for ingredient in profile.forbidden { all.remove(ingredient) }
        var kept = all
        for ingredient in request.without { kept.remove(ingredient) }
        var knobRandom = dice.generator(.plan, 1)
        var knobs = Knobs(profile, kept, using: &knobRandom)
        var rateRandom = dice.generator(.plan, 2)
        let ownRate = rateRandom.pick([0, 0, 0, 0, 0, 0, 100, 200])
        let rate = request.rate ?? ownRate
        if rate > 0 { knobs.keepUp(rate, using: &rateRandom) }
        if let operationsMax = request.operationsMax { knobs.operationsMax = operationsMax }
        self.request = request
        self.profile = profile
        self.dice = dice
        self.knobs = knobs
        ingredients = kept
        let full = FaultSchedule(
            dice: dice, knobs: knobs, ingredients: all, profile: profile
        ).faults()
        let removed = request.withoutFaults
        healing = nil
        schedule = full.filter { fault in
            kept.contains(fault.kind.ingredient) && !removed.contains(fault.id)
        }
    }
}

extension RunPlan {
    /// A plan made by hand, for a small scenario with a purpose.
    init(
        _ request: RunRequest, _ profile: Profile, _ ingredients: [Ingredient], _ knobs: Knobs,
        schedule: [(at: Int64, kind: FaultKind)], healing: Healing? = .everyone
    ) {
        self.request = request
        self.profile = profile
        self.ingredients = IngredientSet(ingredients)
        self.knobs = knobs
        self.healing = healing
        dice = Dice(seed: request.seed)
        self.schedule = schedule.enumerated().map { id, fault in
            ScheduledFault(id: id, at: fault.at, kind: fault.kind)
        }
    }
}

/// How trouble ends.
enum Healing: Equatable {
    /// For all.
    case everyone
    /// For all but one member.
    case butOne(Trouble)

    /// How a member stays in trouble.
    enum Trouble: CaseIterable {
        case stopped
        case isolated
        /// It hears nobody, but everybody hears it.
        case deaf
        /// Nobody hears it, but it hears everybody.
        case mute
        /// It is isolated, and comes back once the others are well (PreVote: RELIABILITY B13).
        case away
    }
}

extension FaultKind {
    /// The ingredient that brings it.
    package var ingredient: Ingredient {
        switch self {
        case .partition(_, let isOneWay, _): return isOneWay ? .oneWayPartition : .partition
        case .clog: return .clog
        case .reset: return .reset
        case .crash: return .crash
        case .pause: return .pause
        case .clockRate: return .clockRate
        case .slowDisk: return .slowDisk
        case .failedSync: return .failedSync
        case .readError: return .readError
        case .noSpace: return .noSpace
        case .bitRot: return .bitRot
        case .wipe: return .wipe
        case .membership: return .membership
        case .transfer: return .transfer
        case .leaderFalls: return .fallingLeaders
        }
    }
}
