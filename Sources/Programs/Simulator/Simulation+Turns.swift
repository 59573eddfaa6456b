internal import Primitives
internal import Raft
internal import ReplicatedStore

/// Inputs go into members, and what comes out of them goes where it belongs.
extension Simulation {
    /// Hands an input to a member.
    mutating func give(_ slot: Int, _ input: MemberInput) throws(RunFailure) {
        guard let process = machines[slot].process else { return }
        process.member.receive(input)
        try turnSoon(slot)
    }

    /// Ends the member's turn now, or when it has collected inputs for a while.
    mutating func turnSoon(_ slot: Int) throws(RunFailure) {
        if knobs.turnNanoseconds == 0 {
            try endTurn(slot)
            return
        }
        if machines[slot].awaitsTurn { return }
        machines[slot].awaitsTurn = true
        heap.push(
            .turn(slot: slot, epoch: machines[slot].epoch), at: now + knobs.turnNanoseconds)
    }

    /// Ends the member's turn and passes on what came of it.
    mutating func endTurn(_ slot: Int) throws(RunFailure) {
        let machine = machines[slot]
        machine.awaitsTurn = false
        guard let process = machine.process else { return }
        let output = process.member.finishTurn()
        machine.earlier = machine.position
        machine.position = process.look { $0.position }
        if machine.isKilled {
            // The process died in the middle of the turn: nobody heard of it, but its log may
            // have changed.
            _ = try followLog(slot, output.events)
            try crash(slot, downtime: second / 2)
            return
        }
        try observe(slot, output)
        for entry in output.applied { try observe(entry, slot) }
        for message in output.messages { try send(message, from: slot) }
        for (id, result) in output.responses { try answer(id, result, from: slot) }
        for delivery in output.deliveries { try deliver(delivery, from: slot) }
        for job in output.jobs { begin(job, slot) }
        try observeState(slot, output)
        if machines[slot].position.hasWork, !machines[slot].awaitsTurn {
            // Watches that lag are served turn by turn, also when nothing else happens.
            machines[slot].awaitsTurn = true
            heap.push(
                .turn(slot: slot, epoch: machines[slot].epoch),
                at: now + 100 * microsecond)
        }
        if let failure = output.failure {
            try memberFailed(slot, failure)
        } else {
            try countTurnsOfLeader(slot)
        }
    }
}
