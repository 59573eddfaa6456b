internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel
internal import Verification

/// Healing, and waiting until all is well.
extension Simulation {
    /// Ends all trouble, or all but that of one machine.
    mutating func heal() throws(RunFailure) {
        var random = dice.generator(.liveness)
        network.healAll()
        let outsider = chooseOutsider(using: &random)
        let core = machines.indices.filter { slot in
            slot != outsider && machines[slot].status != .gone && machines[slot].status != .waiting
        }
        note { "heals \(core.map { "m\($0 + 1)" }.joined(separator: " "))" }
        liveness = Liveness(
            since: now, deadline: now + 20 * knobs.electionNanoseconds, core: core,
            outsider: outsider)
        for slot in machines.indices {
            recoverDisk(slot)
            machines[slot].armed = nil
            machines[slot].clock.setRate(permille: 1_000, at: now)
            if machines[slot].status == .stopped, slot != outsider {
                heap.push(.start(slot: slot, epoch: machines[slot].epoch), at: now + millisecond)
            }
        }
        if let outsider { try trouble(outsider, core, using: &random) }
        for number in watchers.all.indices where watchers.all[number].slot == outsider {
            try disconnect(number)
        }
        heap.push(.inspect, at: now + second)
    }

    /// One machine that the others can do without, in half of the runs.
    private mutating func chooseOutsider(using random: inout SplitMix64) -> Int? {
        var isWanted = random.chance(0.5)
        if let healing = plan.healing { isWanted = healing != .everyone }
        let draw = random.next()
        guard isWanted, !plan.ingredients.contains(.membership), machines.count >= 3 else {
            return nil
        }
        let wantsLeader = random.chance(0.5) || plan.healing != nil
        if wantsLeader, let leader = leaderSlot, canLose(leader) { return leader }
        let candidates = machines.indices.filter { machines[$0].status != .gone && canLose($0) }
        guard !candidates.isEmpty else { return nil }
        return candidates[Int(draw % UInt64(candidates.count))]
    }

    private mutating func trouble(
        _ outsider: Int, _ core: [Int], using random: inout SplitMix64
    ) throws(RunFailure) {
        coverage.reach(.livenessWithPartOfTheCluster)
        var trouble = random.pick(Healing.Trouble.allCases)
        if case .butOne(let chosen) = plan.healing { trouble = chosen }
        note(outsider) { "stays \(trouble)" }
        let outward = core.map { (from: outsider, to: $0) }
        let inward = core.map { (from: $0, to: outsider) }
        switch trouble {
        case .stopped:
            if machines[outsider].isRunning { try crash(outsider, downtime: second) }
            // A start that is under way is void.
            machines[outsider].epoch += 1
            return
        case .isolated: network.cut(outward + inward, fault: -1)
        case .away:
            network.cut(outward + inward, fault: -1)
            let back = now + 7 * knobs.electionNanoseconds
            liveness?.rejoinsAt = back
            liveness?.outsiderTerm = machines[outsider].position.term
            heap.push(.rejoin, at: back)
        case .deaf: network.cut(inward, fault: -1)
        case .mute: network.cut(outward, fault: -1)
        }
        if trouble == .deaf || trouble == .mute { coverage.reach(.livenessWithHalfOpenMember) }
        if machines[outsider].status == .stopped {
            heap.push(
                .start(slot: outsider, epoch: machines[outsider].epoch), at: now + millisecond)
        }
    }

    /// Looks whether all has come right.
    mutating func inspect() throws(RunFailure) {
        guard var state = liveness else { return }
        noteLeader(&state)
        liveness = state
        try checkDefence(state)
        let problem = problem(state)
        if let problem {
            note { "not yet: \(problem)" }
            if now >= state.deadline { throw late(problem, state) }
        } else if let open = openRequest(state) {
            note { "not yet: \(open)" }
            if now >= state.deadline + knobs.requestNanoseconds { throw late(open, state) }
        } else if now - state.leaderSince >= 5 * knobs.electionNanoseconds,
            now >= (state.rejoinsAt ?? 0) + 5 * knobs.electionNanoseconds
        {
            isOver = true
            return
        } else if now >= state.deadline + knobs.requestNanoseconds {
            throw RunFailure("Liveness", "leaders go on changing after the healing")
        }
        if !state.hasWritten, now - state.probeSince > second { try probe(state) }
        heap.push(.inspect, at: now + second / 2)
    }

    /// The outsider is back: a leader that was well established stays one.
    mutating func rejoin() {
        guard let state = liveness, let outsider = state.outsider else { return }
        network.heal(fault: -1)
        note(outsider) { "is back" }
        // A term that it began before it was cut off is higher by right.
        guard let leader = state.leader, state.outsiderTerm <= leader.term,
            now - state.leaderSince > 2 * knobs.electionNanoseconds, problem(state) == nil
        else { return }
        coverage.reach(.livenessWithReturningMember)
        liveness?.defended = leader
    }

    private func checkDefence(_ state: Liveness) throws(RunFailure) {
        guard let defended = state.defended, let outsider = state.outsider else { return }
        if let leader = leaderOfCore(state), leader == defended { return }
        throw RunFailure(
            "Liveness",
            "member \(outsider + 1) came back, and leader \(defended.slot + 1) of term "
                + "\(defended.term) lost its office")
    }

    private func late(_ problem: String, _ state: Liveness) -> RunFailure {
        RunFailure("Liveness", "\(seconds(now - state.since)) after the healing \(problem)")
    }

    private func noteLeader(_ state: inout Liveness) {
        let leader = leaderOfCore(state)
        if leader.map({ [UInt64($0.slot), $0.term.rawValue] })
            != state.leader.map({ [UInt64($0.slot), $0.term.rawValue] })
        {
            state.leader = leader
            state.leaderSince = now
        }
    }

    /// Writes something that must be acknowledged.
    private mutating func probe(_ state: Liveness) throws(RunFailure) {
        let running = state.core.filter { machines[$0].isRunning && !isForeign($0) }
        guard !running.isEmpty else { return }
        var random = dice.generator(.liveness, 1, UInt64(now))
        let key = Bytes("probe".utf8)
        // Deletions go through also while the alarm says that there is no space.
        let wish = Wish(
            command: plan.ingredients.contains(.quota) || plan.ingredients.contains(.noSpace)
                ? .deleteRange(DeleteRangeRequest(KeyRange(key: key)))
                : .put(PutRequest(key: key, value: Bytes("probe \(now)".utf8))))
        liveness?.probeSent(RequestID(UInt64(calls.nextNumber)), at: now)
        try ask(random.pick(running), wish.request, wish.purpose, by: .probe)
    }

    /// Whether the machine's member is not, or no longer, part of the cluster.
    func isForeign(_ slot: Int) -> Bool {
        !currentMembership.everyone.contains(machines[slot].peer)
    }

    private func leaderOfCore(_ state: Liveness) -> (slot: Int, term: Term)? {
        let leaders = state.core.filter { machines[$0].isRunning && machines[$0].position.isLeader }
        let highest = leaders.max { machines[$0].position.term < machines[$1].position.term }
        return highest.map { ($0, machines[$0].position.term) }
    }

    /// What is still wrong; nil if nothing is.
    private func problem(_ state: Liveness) -> String? {
        let members = state.core.filter { !isForeign($0) && machines[$0].status != .gone }
        if let stopped = members.first(where: { !machines[$0].isRunning }) {
            return "member \(stopped + 1) has not started"
        }
        guard let leader = state.leader else { return "there is no leader" }
        let position = machines[leader.slot].position
        for slot in members {
            if machines[slot].position.leader != machines[leader.slot].peer {
                return "member \(slot + 1) does not follow leader \(leader.slot + 1)"
            }
            if machines[slot].position.appliedEntry.index != position.commitIndex
                || machines[slot].shadow.last.index != position.commitIndex
            {
                let applied = machines[slot].position.appliedEntry.index
                return "member \(slot + 1) has applied \(applied) of "
                    + "\(machines[slot].shadow.last.index), the leader has committed "
                    + "\(position.commitIndex)"
            }
        }
        if !state.hasWritten { return "no new write was acknowledged" }
        for slot in members {
            if machines[slot].position.waitsForSpace {
                return "the backend of member \(slot + 1) has not got its commit"
            }
            if machines[slot].position.hasWork {
                return "watches on member \(slot + 1) have not caught up"
            }
        }
        for watcher in watchers.all {
            let isWatching = watcher.watches.allSatisfy { $0.observed == nil || $0.watchID != nil }
            if watcher.stream == nil || !isWatching {
                return "watcher \(watcher.number) is not connected"
            }
        }
        return nil
    }

    /// A request that nobody has answered. One that was forwarded to a leader of the past is given
    /// up only when its time is over, so this may come right later than all else.
    private func openRequest(_ state: Liveness) -> String? {
        for slot in state.core where !isForeign(slot) && machines[slot].status != .gone {
            if let number = machines[slot].outstanding.first {
                return "member \(slot + 1) has not answered request \(number)"
            }
        }
        return nil
    }
}
