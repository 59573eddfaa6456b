import Primitives
import Raft

/// Carries out the commands of a script on a cluster and says what happened.
///
/// `1->2` names a direction; `*` stands for everyone in `deliver`, `drop`, `block` and `hold`.
struct ScriptRunner {
    private var cluster = RaftCluster()

    struct BadCommand: Error, CustomStringConvertible {
        var description: String
    }

    init() {
        cluster.journal = []
    }

    /// Carries out one command and returns the lines that it led to.
    mutating func run(_ line: String) throws -> [String] {
        var words = line.split(separator: " ").map(String.init)
        let command = words.removeFirst()
        cluster.journal = []
        let isKnown =
            try arrange(command, words) || move(command, words) || ask(command, words)
            || look(command, words)
        guard isKnown else { throw BadCommand(description: "unknown command `\(line)`") }
        return cluster.journal ?? []
    }

    // Who is there and what their disks do.
    private mutating func arrange(_ command: String, _ words: [String]) throws -> Bool {
        switch command {
        case "nodes":
            // nodes 1 2 3 [batch=1] [chunk=16]
            let options = try options(words)
            cluster = RaftCluster()
            cluster.journal = []
            let voters = try numbers(words.filter { !$0.contains("=") }).map { PeerID($0) }
            for id in voters {
                cluster.add(
                    id, membership: Membership(voters: voters), configure: configure(options))
            }
        case "logs":
            // logs term=7 1=1,1,4 2=1,1
            try makeLogs(words)
        case "join": cluster.add(PeerID(try number(words, 0)))
        case "crash": cluster.crash(try number(words, 0))
        case "restart": cluster.restart(try number(words, 0))
        case "hold-disk": cluster.holdDisk(try number(words, 0))
        case "release-disk": cluster.releaseDisk(try number(words, 0))
        case "persist":
            let count = words.count > 1 ? Int(try number(words, 1)) : Int.max
            cluster.persist(try number(words, 0), count: count)
        case "compact":
            cluster.compact(
                try number(words, 0), keeping: words.count > 1 ? try number(words, 1) : 0)
        case "hold-images": cluster.machines[PeerID(try number(words, 0))]!.holdsImages = true
        case "release-images": cluster.releaseImages(try number(words, 0))
        case "damage-image":
            cluster.machines[PeerID(try number(words, 0))]!.damagesNextImage = true
        default: return false
        }
        return true
    }

    // What becomes of messages and time.
    private mutating func move(_ command: String, _ words: [String]) throws -> Bool {
        switch command {
        case "deliver": try forLinks(words) { $0.deliver($1, $2) }
        case "drop": try forLinks(words) { $0.drop($1, $2) }
        case "duplicate": try forLinks(words) { $0.duplicate($1 ?? 0, $2 ?? 0) }
        case "reverse": cluster.network.inFlight.reverse()
        case "deliver-votes": cluster.deliverElection()
        case "block": cluster.network.blocked.formUnion(try links(words))
        case "hold": cluster.network.held.formUnion(try links(words))
        case "isolate": cluster.isolate(try number(words, 0))
        case "heal": cluster.heal()
        case "stabilize": cluster.stabilize()
        case "deliver-last": try forLinks(words) { $0.deliverLast($1 ?? 0, $2 ?? 0) }
        case "tick":
            // Of many heartbeats one need not read.
            cluster.hidesRoutine = words.count > 1
            cluster.tick(try number(words, 0), words.count > 1 ? Int(words[1]) ?? 1 : 1)
            cluster.hidesRoutine = false
        case "tick-all": cluster.tickAll(words.isEmpty ? 1 : Int(words[0]) ?? 1)
        case "append": try append(words)
        case "unreachable":
            cluster.step(try number(words, 0), .peerUnreachable(PeerID(try number(words, 1))))
        default: return false
        }
        return true
    }

    /// An append made by hand: `append 2->1 term=4 after=3@1 terms=1,4 commit=3`
    private mutating func append(_ words: [String]) throws {
        let (from, to) = try ends(words.first ?? "")
        var (terms, previous) = ([UInt64](), EntryID.zero)
        for word in words {
            if word.hasPrefix("terms=") {
                terms = word.dropFirst(6).split(separator: ",").compactMap { UInt64($0) }
            } else if word.hasPrefix("after=") {
                let parts = word.dropFirst(6).split(separator: "@").compactMap { UInt64($0) }
                if parts.count == 2 { previous = at(parts[0], parts[1]) }
            }
        }
        let options = try options(words)
        cluster.append(
            to: to ?? 0, from: from ?? 0, term: UInt64(options["term"] ?? 0), after: previous,
            terms, commit: UInt64(options["commit"] ?? 0))
    }

    // What clients and operators want.
    private mutating func ask(_ command: String, _ words: [String]) throws -> Bool {
        switch command {
        case "campaign": cluster.campaign(try number(words, 0))
        case "propose":
            cluster.step(
                try number(words, 0), .propose(words.dropFirst().map { Bytes($0.utf8) }))
        case "read": cluster.read(try number(words, 0), try number(words, 1))
        case "transfer":
            cluster.step(
                try number(words, 0), .transferLeadership(to: PeerID(try number(words, 1))))
        case "change": try change(words)
        default: return false
        }
        return true
    }

    /// `change 1 add-learner 4`, `change 1 add-voter 4 remove 3`, `change 1 joint add-voter 4`
    private mutating func change(_ words: [String]) throws {
        var rest = Array(words.dropFirst())
        let isJoint = rest.first == "joint"
        if isJoint { rest.removeFirst() }
        var steps: [MembershipStep] = []
        while rest.count >= 2 {
            let peer = PeerID(try number(rest, 1))
            switch rest[0] {
            case "add-learner": steps.append(.addLearner(peer))
            case "add-voter": steps.append(.addVoter(peer))
            case "demote": steps.append(.demote(peer))
            case "remove": steps.append(.remove(peer))
            default: throw BadCommand(description: "unknown step `\(rest[0])`")
            }
            rest.removeFirst(2)
        }
        cluster.step(
            try number(words, 0),
            .proposeMembership(MembershipChange(steps: steps, alwaysJoint: isJoint)))
    }

    // What is to be seen.
    private mutating func look(_ command: String, _ words: [String]) throws -> Bool {
        switch command {
        case "status": note(cluster.ids.map(statusLine))
        case "log":
            note(try numbersOrAll(words).map { "\($0): \(logLine($0))" })
        case "applied":
            note(
                try numbersOrAll(words).map { id in
                    let texts = cluster.applied(id).joined(separator: " ")
                    return "\(id): \(texts.isEmpty ? "nothing" : texts)"
                })
        case "membership":
            let running = try numbersOrAll(words).filter { cluster.machine($0).node != nil }
            note(running.map { "\($0): \(cluster.node($0).membership.line)" })
        case "messages":
            note(cluster.network.inFlight.map(\.line))
        default: return false
        }
        return true
    }

    private mutating func note(_ lines: [String]) {
        for line in lines { cluster.note(line) }
    }

    private func statusLine(_ id: PeerID) -> String {
        let machine = cluster.machines[id]!
        guard let node = machine.node else { return "\(id): crashed" }
        let leader = node.leader == .zero ? "nobody" : "\(node.leader)"
        return "\(id): \(machine.role.rawValue) of term \(node.term), leader \(leader), "
            + "commit \(node.commitIndex), last \(node.lastEntry), "
            + "durable \(machine.disk.lastIndex)"
    }

    private func logLine(_ id: UInt64) -> String {
        let disk = cluster.machine(id).disk.volatile
        let base = disk.base == .zero ? [] : ["from \(disk.base) on"]
        let parts = base + disk.entries.map(\.line)
        return parts.isEmpty ? "empty" : parts.joined(separator: ", ")
    }
}

/// Reading the words of commands.
extension ScriptRunner {
    private func number(_ words: [String], _ position: Int) throws -> UInt64 {
        guard position < words.count, let number = UInt64(words[position]) else {
            throw BadCommand(description: "a number is missing in `\(words)`")
        }
        return number
    }

    private func numbers(_ words: [String]) throws -> [UInt64] {
        try words.indices.map { try number(words, $0) }
    }

    private func numbersOrAll(_ words: [String]) throws -> [UInt64] {
        words.isEmpty ? cluster.ids.map(\.rawValue) : try numbers(words)
    }

    private func options(_ words: [String]) throws -> [String: Int] {
        var options: [String: Int] = [:]
        for word in words where word.contains("=") {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let value = Int(parts[1]) else { continue }
            options[String(parts[0])] = value
        }
        return options
    }

    private func configure(_ options: [String: Int]) -> (inout RaftConfiguration) -> Void {
        return { configuration in
            if let batch = options["batch"] { configuration.appendBytesMax = batch }
            if let chunk = options["chunk"] { configuration.snapshotChunkBytes = chunk }
            if let lag = options["lag"] { configuration.promotionLagMax = UInt64(lag) }
        }
    }

    private mutating func makeLogs(_ words: [String]) throws {
        let options = try options(words)
        var logs: [UInt64: [UInt64]] = [:]
        for word in words {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let id = UInt64(parts[0]) else { continue }
            logs[id] = parts[1].split(separator: ",").compactMap { UInt64($0) }
        }
        cluster = RaftCluster(
            logs: logs, term: UInt64(options["term"] ?? 0), configure: configure(options))
        cluster.journal = []
    }

    /// `1->2 1->3`, each end a number or `*`; nothing means everywhere.
    private mutating func forLinks(
        _ words: [String], _ act: (inout RaftCluster, UInt64?, UInt64?) -> Void
    ) throws {
        guard !words.isEmpty else {
            act(&cluster, nil, nil)
            return
        }
        for word in words {
            let (from, to) = try ends(word)
            act(&cluster, from, to)
        }
    }

    private func ends(_ word: String) throws -> (UInt64?, UInt64?) {
        let ends = word.split(separator: "->").map(String.init)
        guard ends.count == 2 else { throw BadCommand(description: "`\(word)` is no direction") }
        return (UInt64(ends[0]), UInt64(ends[1]))
    }

    private func links(_ words: [String]) throws -> [Link] {
        try words.flatMap { word -> [Link] in
            let (from, to) = try ends(word)
            let everyone = cluster.ids.map(\.rawValue)
            return (from.map { [$0] } ?? everyone).flatMap { one in
                (to.map { [$0] } ?? everyone).filter { $0 != one }.map { Link(one, $0) }
            }
        }
    }
}
