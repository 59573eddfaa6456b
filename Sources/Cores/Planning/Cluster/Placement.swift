import ResourceModel

/// What nodes have left while pods are placed on them, by the filters of Kubernetes' scheduler.
struct Placement {
    enum Answer: Equatable {
        case node(String)
        case nowhere(why: String)
    }

    /// A node, and what is in use on it.
    private struct Candidate {
        let node: Resource
        let taints: [Taint]
        let allocatable: Amounts
        var used = Amounts()
        /// The same, but for a share that pods are taken to need who do not say.
        var usedForScore = Amounts()
        var podCount = 0
        var ports: Set<String> = []

        init(_ node: Resource) {
            self.node = node
            let status = node.json["status"]
            allocatable = Amounts(status["allocatable"] ?? status["capacity"])
            taints = Taint.all(of: node)
        }

        mutating func add(_ pod: Pod, _ requests: Amounts) {
            used = used + requests
            usedForScore = usedForScore + requests.forScore
            podCount += 1
            ports.formUnion(pod.hostPorts)
        }
    }

    private var candidates: [Candidate]

    init(_ nodes: [Resource], pods: [Pod]) {
        candidates = nodes.filter { !$0.isTerminating }.map(Candidate.init)
        let places = Dictionary(
            uniqueKeysWithValues: candidates.enumerated().map { ($1.node.name, $0) })
        for pod in pods where !pod.isFinished {
            guard let place = pod.nodeName.flatMap({ places[$0] }) else { continue }
            candidates[place].add(pod, pod.requests)
        }
    }

    /// The node that suits a pod best, which from then on runs it.
    mutating func place(_ pod: Pod) -> Answer {
        guard !candidates.isEmpty else {
            return .nowhere(why: "no nodes available to schedule pods")
        }
        let wishes = Wishes(pod)
        var reasons: [String: Int] = [:]
        var best: (place: Int, rank: [Int64])?
        for (place, candidate) in candidates.enumerated() {
            let problems = Self.problems(wishes, on: candidate)
            for problem in problems { reasons[problem, default: 0] += 1 }
            guard problems.isEmpty else { continue }
            let rank = Self.rank(wishes, on: candidate)
            // Candidates are ordered by name, which decides among equals.
            if best.map({ rank.lexicographicallyPrecedes($0.rank) }) ?? true {
                best = (place, rank)
            }
        }
        guard let best else { return .nowhere(why: text(of: reasons)) }
        candidates[best.place].add(pod, wishes.requests)
        return .node(candidates[best.place].node.name)
    }

    private func text(of reasons: [String: Int]) -> String {
        let list = reasons.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
        return "0/\(candidates.count) nodes are available: \(list)."
    }

    /// What a pod asks of a node.
    private struct Wishes {
        let pod: Pod
        let requests: Amounts
        let tolerations: [Toleration]
        let ports: Set<String>

        init(_ pod: Pod) {
            self.pod = pod
            requests = pod.requests
            tolerations = Toleration.all(of: pod)
            ports = pod.hostPorts
        }

        func tolerates(_ taint: Taint) -> Bool {
            tolerations.contains { $0.tolerates(taint) }
        }
    }

    /// Why a pod cannot run on a node: what the first filter says that turns it down.
    private static func problems(_ wishes: Wishes, on candidate: Candidate) -> [String] {
        let cordon = Taint(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule")
        if candidate.node.json.value(at: "spec.unschedulable") == true, !wishes.tolerates(cordon) {
            return ["node(s) were unschedulable"]
        }
        let forbidding: Set = ["NoSchedule", "NoExecute"]
        if let taint = candidate.taints.first(where: {
            forbidding.contains($0.effect) && !wishes.tolerates($0)
        }) {
            return ["node(s) had untolerated taint {\(taint.key): \(taint.value)}"]
        }
        if !NodeChoice.allows(candidate.node, for: wishes.pod) {
            return ["node(s) didn't match Pod's node affinity/selector"]
        }
        if !candidate.ports.isDisjoint(with: wishes.ports) {
            return ["node(s) didn't have free ports for the requested pod ports"]
        }
        return shortages(wishes.requests, on: candidate)
    }

    private static func shortages(_ requests: Amounts, on candidate: Candidate) -> [String] {
        var shortages: [String] = []
        if candidate.podCount + 1 > candidate.allocatable["pods"] {
            shortages.append("Too many pods")
        }
        for (name, amount) in requests.values where amount > 0 {
            if amount > candidate.allocatable[name] - candidate.used[name] {
                shortages.append("Insufficient \(name)")
            }
        }
        return shortages
    }

    /// Numbers to compare in order; the lowest is best: few taints that ask pods to stay away,
    /// much left of processors and memory, few pods.
    private static func rank(_ wishes: Wishes, on candidate: Candidate) -> [Int64] {
        let unwanted = candidate.taints.count {
            $0.effect == "PreferNoSchedule" && !wishes.tolerates($0)
        }
        let used = candidate.usedForScore + wishes.requests.forScore
        let scores = ["cpu", "memory"].map { name -> Int64 in
            let (have, need) = (candidate.allocatable[name], used[name])
            return have > need ? Int64((Double(have - need) * 100 / Double(have))) : 0
        }
        return [Int64(unwanted), -scores.reduce(0, +), Int64(candidate.podCount)]
    }
}

extension Amounts {
    /// With something for processors and memory where nothing is said, as Kubernetes' scheduler
    /// assumes: 100m and 200 MiB.
    fileprivate var forScore: Amounts {
        var amounts = self
        if self["cpu"] == 0 { amounts = amounts + Self.assumedCPU }
        if self["memory"] == 0 { amounts = amounts + Self.assumedMemory }
        return amounts
    }

    private static let assumedCPU = Amounts(["cpu": "100m"])
    private static let assumedMemory = Amounts(["memory": "200Mi"])
}

/// Which nodes a pod accepts by their labels.
private enum NodeChoice {
    static func allows(_ node: Resource, for pod: Pod) -> Bool {
        let wanted = pod.json.value(at: "spec.nodeSelector").objectValue?.members ?? []
        guard wanted.allSatisfy({ node.labels[$0.name] == $0.value }) else { return false }
        let affinity = pod.json.value(at: "spec.affinity.nodeAffinity")
        guard let required = affinity["requiredDuringSchedulingIgnoredDuringExecution"] else {
            return true
        }
        return (required["nodeSelectorTerms"].arrayValue ?? []).contains { matches($0, node) }
    }

    /// All of a term's requirements hold; a term without any selects nothing.
    private static func matches(_ term: JSON, _ node: Resource) -> Bool {
        let expressions = term["matchExpressions"].arrayValue ?? []
        let fields = term["matchFields"].arrayValue ?? []
        guard !(expressions.isEmpty && fields.isEmpty) else { return false }
        return expressions.allSatisfy { expression in
            matches(expression, node.labels[expression["key"].stringValue ?? ""].stringValue)
        } && fields.allSatisfy { $0["key"] == "metadata.name" && matches($0, node.name) }
    }

    private static let relations: [String: LabelSelector.Operator] = [
        "In": .isIn, "NotIn": .isNotIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
        "Gt": .greaterThan, "Lt": .lessThan,
    ]

    private static func matches(_ requirement: JSON, _ value: String?) -> Bool {
        guard let relation = relations[requirement["operator"].stringValue ?? ""] else {
            return false
        }
        let values = (requirement["values"].arrayValue ?? []).compactMap(\.stringValue)
        return LabelSelector.Requirement(requirement["key"].stringValue ?? "", relation, values)
            .matches(value)
    }
}
