import Primitives
import Raft

/// A search through everything that can happen in a small world: breadth first, each state once.
struct SmallWorld {
    /// One thing that can happen.
    enum Action: Hashable, CustomStringConvertible {
        /// The oldest message that looks like this arrives.
        case deliver(String)
        case crash(PeerID)
        case restart(PeerID)
        /// The next write of a held disk becomes durable.
        case persist(PeerID)
        case campaign(PeerID)

        var description: String {
            switch self {
            case .deliver(let line): line
            case .crash(let id): "crash \(id)"
            case .restart(let id): "restart \(id)"
            case .persist(let id): "persist \(id)"
            case .campaign(let id): "campaign \(id)"
            }
        }
    }

    /// What is allowed beside deliveries.
    struct Options {
        var depth: Int
        /// Members that may crash; each restarts whenever it likes.
        var mayCrash: [UInt64] = []
        var crashesMax = 1
        /// Members that may campaign at any time, each once.
        var mayCampaign: [UInt64] = []
        /// States after which the search gives up: it then has shown nothing.
        var statesMax = 30_000
    }

    struct Result {
        var states = 0
        var transitions = 0
        /// The first history that broke a promise, and which.
        var failure: (history: [Action], faults: [String])?
        var isComplete = true
    }

    private struct Node {
        var cluster: RaftCluster
        var history: [Action]
        var crashes = 0
        var campaigned: Set<PeerID> = []
        /// Hashes of the members, so that a step costs only that of the one it touched.
        var hashes: [PeerID: UInt64]
    }

    let options: Options
    private var seen: Set<UInt64> = []
    private(set) var result = Result()

    init(_ options: Options) {
        self.options = options
    }

    /// Searches all histories from `start`.
    static func search(_ start: RaftCluster, _ options: Options) -> Result {
        var world = SmallWorld(options)
        world.search(start)
        return world.result
    }

    private mutating func search(_ start: RaftCluster) {
        var start = start
        // The search reports by itself, and mutants are welcome.
        start.toleratesFaults = true
        start.journal = nil
        var level = [
            Node(cluster: start, history: [], hashes: start.machines.mapValues(Self.hash))
        ]
        seen.insert(key(level[0]))
        result.states = 1
        for _ in 0..<options.depth {
            var next: [Node] = []
            for node in level {
                for action in actions(in: node) {
                    guard let reached = take(action, in: node) else { return }
                    if seen.insert(key(reached)).inserted { next.append(reached) }
                }
                if seen.count > options.statesMax {
                    result.isComplete = false
                    return
                }
            }
            result.states += next.count
            level = next
        }
    }

    /// The state after an action; nil once something broke.
    private mutating func take(_ action: Action, in node: Node) -> Node? {
        var node = node
        result.transitions += 1
        node.history.append(action)
        let touched: PeerID
        switch action {
        case .deliver(let line):
            let position = node.cluster.network.inFlight.firstIndex { $0.line == line }!
            let message = node.cluster.network.inFlight.remove(at: position)
            node.cluster.hand(over: message)
            touched = message.to
        case .crash(let id):
            node.cluster.crash(id.rawValue)
            node.crashes += 1
            touched = id
        case .restart(let id):
            node.cluster.restart(id.rawValue)
            touched = id
        case .persist(let id):
            node.cluster.persist(id, count: 1)
            touched = id
        case .campaign(let id):
            node.cluster.campaign(id.rawValue)
            node.campaigned.insert(id)
            touched = id
        }
        node.cluster.machines[touched]!.node?.checkInvariants()
        node.hashes[touched] = Self.hash(node.cluster.machines[touched]!)
        if !node.cluster.faults.isEmpty {
            result.failure = (node.history, node.cluster.faults)
            return nil
        }
        return node
    }

    private func actions(in node: Node) -> [Action] {
        var actions: [Action] = []
        var lines: Set<String> = []
        for message in node.cluster.network.inFlight
        where node.cluster.machines[message.to]?.node != nil {
            let line = message.line
            if lines.insert(line).inserted { actions.append(.deliver(line)) }
        }
        for id in node.cluster.ids {
            let machine = node.cluster.machines[id]!
            if machine.node == nil {
                actions.append(.restart(id))
                continue
            }
            if !machine.disk.queue.isEmpty { actions.append(.persist(id)) }
            if options.mayCrash.contains(id.rawValue), node.crashes < options.crashesMax {
                actions.append(.crash(id))
            }
            if options.mayCampaign.contains(id.rawValue), !node.campaigned.contains(id) {
                actions.append(.campaign(id))
            }
        }
        return actions
    }

    private static func hash(_ machine: Machine) -> UInt64 {
        var hasher = StableHasher()
        hasher.combine(StateHash.of(machine.disk))
        if let node = machine.node { hasher.combine(StateHash.of(node)) }
        return hasher.value
    }

    private func key(_ node: Node) -> UInt64 {
        var hasher = StableHasher()
        for id in node.cluster.ids { hasher.combine(node.hashes[id]!) }
        for hash in node.cluster.network.inFlight.map({ StateHash.of($0.line) }).sorted() {
            hasher.combine(hash)
        }
        hasher.combine(UInt64(node.crashes))
        for id in node.campaigned.sorted() { hasher.combine(id.rawValue) }
        return hasher.value
    }
}
