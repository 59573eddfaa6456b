import Primitives
import Raft

/// What tests do to a cluster.
extension RaftCluster {

    /// Hands one message over; to a crashed or unknown member it is lost.
    mutating func hand(over message: Message) {
        if !isQuiet || !message.isRoutine { note("\(message.to) receives \(message.line)") }
        guard machines[message.to]?.node != nil else { return }
        step(message.to, .message(message))
    }

    /// Delivers what is under way now on the links that fit, and nothing that comes of it.
    mutating func deliver(
        _ from: UInt64? = nil, _ to: UInt64? = nil, where fits: (Message) -> Bool = { _ in true }
    ) {
        let isAsked = from != nil && to != nil
        let held = network.held
        let taken = network.take { message in
            (from == nil || message.from.rawValue == from)
                && (to == nil || message.to.rawValue == to)
                && (isAsked || !held.contains(Link(of: message))) && fits(message)
        }
        for message in taken { hand(over: message) }
    }

    /// Delivers the newest message of a link: it overtakes all others.
    mutating func deliverLast(_ from: UInt64, _ to: UInt64) {
        let link = Link(from, to)
        guard let position = network.inFlight.lastIndex(where: { Link(of: $0) == link }) else {
            return
        }
        hand(over: network.inFlight.remove(at: position))
    }

    /// Loses what is under way on the links that fit.
    mutating func drop(
        _ from: UInt64? = nil, _ to: UInt64? = nil, where fits: (Message) -> Bool = { _ in true }
    ) {
        for message in network.take(where: { message in
            (from == nil || message.from.rawValue == from)
                && (to == nil || message.to.rawValue == to) && fits(message)
        }) {
            if !message.isRoutine { note("dropped \(message.line)") }
        }
    }

    /// Delivers until nothing moves. An endless conversation is a fault.
    mutating func stabilize(messagesMax: Int = 20_000) {
        let wasQuiet = isQuiet
        isQuiet = true
        defer { isQuiet = wasQuiet }
        for _ in 0..<messagesMax {
            guard let message = network.takeFirst() else { return }
            hand(over: message)
        }
        object("the members never stop talking")
    }

    /// Cuts both directions between two groups.
    mutating func partition(_ group: [UInt64], from others: [UInt64]) {
        for one in group {
            for other in others {
                network.blocked.formUnion([Link(one, other), Link(other, one)])
            }
        }
        let blocked = network.blocked
        drop { blocked.contains(Link(of: $0)) }
    }

    /// Cuts a member off from all others.
    mutating func isolate(_ id: UInt64) {
        partition([id], from: ids.map(\.rawValue).filter { $0 != id })
    }

    /// All links work again.
    mutating func heal() {
        network.blocked = []
        network.held = []
    }


    /// Ends a process; see `Machine.crash`.
    mutating func crash(_ id: UInt64, unreported: Int = 0) {
        machines[PeerID(id)]!.crash(unreported: unreported)
        note("\(id) crashes")
    }

    mutating func restart(_ id: UInt64) {
        machines[PeerID(id)]!.start()
        note("\(id) restarts")
    }

    mutating func holdDisk(_ id: UInt64) { machines[PeerID(id)]!.disk.isHeld = true }

    mutating func releaseDisk(_ id: UInt64) {
        machines[PeerID(id)]!.disk.isHeld = false
        persist(id)
    }


    /// Time passes for one member.
    mutating func tick(_ id: UInt64, _ count: Int = 1) {
        for _ in 0..<count { step(id, .tick) }
    }

    /// Time passes for everyone that runs, and messages arrive at once.
    mutating func tickAll(_ count: Int = 1) {
        isQuiet = true
        defer { isQuiet = false }
        for _ in 0..<count {
            for id in ids where machines[id]!.node != nil { step(id, .tick) }
            stabilize()
        }
    }


    /// Time passes for everyone; the messages that fit are lost, all others arrive.
    mutating func tickAllLosing(_ isLost: (Message) -> Bool) {
        for id in ids where machines[id]!.node != nil { step(id, .tick) }
        while let message = network.takeFirst() {
            if !isLost(message) { hand(over: message) }
        }
    }

    mutating func campaign(_ id: UInt64) { step(id, .campaign) }

    /// Lets the member win an election: those that it can reach have not heard of a leader for
    /// long enough, and nobody's messages but those of the election get through meanwhile.
    mutating func elect(_ id: UInt64) {
        for other in ids where other.rawValue != id && machines[other]!.node != nil {
            if network.blocked.contains(Link(id, other.rawValue)) { continue }
            for _ in 0..<machines[other]!.configuration.electionTicks {
                let seen = network.inFlight.count
                step(other, .tick)
                network.inFlight.removeLast(network.inFlight.count - seen)
            }
        }
        let term = node(id).term
        campaign(id)
        stabilize()
        // The first try may only have told it of a higher term.
        if !node(id).isLeader, node(id).term > term {
            campaign(id)
            stabilize()
        }
    }

    mutating func propose(_ id: UInt64, _ texts: String...) {
        step(id, .propose(texts.map { Bytes($0.utf8) }))
    }

    /// Proposes and delivers everything.
    mutating func commit(_ id: UInt64, _ texts: String...) {
        for text in texts { propose(id, text) }
        stabilize()
    }

    mutating func change(
        _ id: UInt64, _ steps: MembershipStep..., context: String = "", alwaysJoint: Bool = false
    ) {
        step(
            id,
            .proposeMembership(
                MembershipChange(
                    steps: steps, context: Bytes(context.utf8), alwaysJoint: alwaysJoint)))
    }

    mutating func read(_ id: UInt64, _ number: UInt64) {
        step(id, .readIndex(ReadRequestID(peer: PeerID(id), number: number)))
    }

    /// The index at which a read was permitted, if it was.
    func permitted(_ id: UInt64, _ number: UInt64) -> UInt64? {
        permits.first { $0.id == ReadRequestID(peer: PeerID(id), number: number) }?.index.rawValue
    }

    /// Lets time pass until there is exactly one leader that all its members that run follow.
    /// Returns zero if that does not happen within the ticks.
    mutating func settle(within ticks: Int = 200) -> UInt64 {
        for _ in 0..<ticks {
            tickAll()
            let leaders = leaders
            guard leaders.count == 1, node(leaders[0]).hasCommittedInTerm else { continue }
            let members = node(leaders[0]).membership.everyone
            let running = members.filter { machines[$0]?.node != nil }
            if running.allSatisfy({ machines[$0]!.node!.leader.rawValue == leaders[0] }) {
                return leaders[0]
            }
        }
        return 0
    }

    /// The same where the others cannot be expected to follow.
    mutating func settleAmong(_ group: [UInt64], within ticks: Int = 200) -> UInt64 {
        for _ in 0..<ticks {
            tickAll()
            for leader in leaders where group.contains(leader) {
                if node(leader).hasCommittedInTerm, group.allSatisfy({ self.leader($0) == leader })
                {
                    return leader
                }
            }
        }
        return 0
    }
}
