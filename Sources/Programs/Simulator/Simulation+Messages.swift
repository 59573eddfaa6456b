internal import Primitives
internal import Raft
internal import ReplicatedStore

/// The network between members.
extension Simulation {
    /// Puts a member's message on its way.
    mutating func send(_ message: PeerMessage, from slot: Int) throws(RunFailure) {
        try observe(message, slot)
        guard let to = self.slot(of: message.to), to != slot else { return }
        let number = Network.link(from: slot, to: to)
        network[number].ordinal += 1
        hashes.add(UInt64(number) << 32 | network[number].ordinal)
        var random = dice.generator(.message, UInt64(number), network[number].ordinal)
        guard network[number].cuts == 0, machines[to].isRunning,
            network[number].inFlight < Network.inFlightMax
        else {
            if random.chance(0.1) {
                heap.push(
                    .unreachable(slot: slot, epoch: machines[slot].epoch, message.to),
                    at: now + random.around(10 * millisecond))
            }
            return
        }
        // Both are always drawn, so that one does not depend on the other.
        let isLost = random.below(1_000) < knobs.lossPermille
        let isDoubled = random.below(1_000) < knobs.duplicationPermille
        let isCalm = liveness != nil
        if isLost && !isCalm {
            coverage.reach(.messageLost)
            note(slot) { "lost: \(describe(message))" }
            return
        }
        note(slot) { "sends \(describe(message))" }
        transmit(message, from: slot, to: to, delay: delay(using: &random))
        if isDoubled && !isCalm {
            coverage.reach(.messageDuplicated)
            transmit(message, from: slot, to: to, delay: delay(using: &random) * 3)
        }
    }

    private func delay(using random: inout SplitMix64) -> Int64 {
        let drawn = random.between(0, knobs.delayJitter)
        let jitter = liveness == nil ? drawn : min(drawn, 5 * millisecond)
        // Most are quick; the long tail is what makes messages overtake one another.
        let isSlow = random.chance(0.2)
        return knobs.delayMin + (isSlow ? jitter : jitter / 8)
    }

    private mutating func transmit(
        _ message: PeerMessage, from: Int, to: Int, delay: Int64
    ) {
        let number = Network.link(from: from, to: to)
        var arrival = max(now + delay, network[number].cloggedUntil)
        if arrival < network[number].lastArrival {
            if knobs.isReordering {
                coverage.reach(.messageOvertook)
            } else {
                arrival = network[number].lastArrival
            }
        }
        network[number].lastArrival = max(arrival, network[number].lastArrival)
        network[number].inFlight += 1
        heap.push(
            .message(
                link: number, linkEpoch: network[number].epoch, from: from, to: to, message),
            at: arrival)
    }

    /// A message arrives, if it still can.
    mutating func arrive(
        _ message: PeerMessage, link: Int, linkEpoch: UInt64, from: Int, to: Int
    ) throws(RunFailure) {
        guard network[link].epoch == linkEpoch else { return }
        network[link].inFlight -= 1
        guard network[link].cuts == 0, machines[to].isRunning else { return }
        switch message {
        case .raft(let raft):
            switch raft.body {
            case .readIndexResponse(let id, _), .readIndexRefused(let id):
                if machines[to].openRead == id { machines[to].openRead = nil }
            default: break
            }
        default: break
        }
        note(to) { "gets \(describe(message)) from m\(from + 1)" }
        try give(to, .peer(message))
    }
}
