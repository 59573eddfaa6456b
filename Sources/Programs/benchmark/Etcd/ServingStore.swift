/// A store that serves: every workload with every number of clients, and watchers, both
/// contenders in turns.
struct ServingStore {
    /// Between two measurements servers write back what the one before left behind.
    private static let settleMilliseconds = 300
    private static let fillClients = 1_000

    let contenders: [Contender]
    let folder: FolderTree
    let members: Int
    let clients: [Int]
    let seconds: Double
    let warmUpSeconds: Double
    let rounds: Int

    func run(_ report: inout ComparisonReport) throws {
        let title = members == 1 ? "1 member" : "\(members) members"
        let loops = WorkloadKind.measured.flatMap { kind in
            clients.map { count in
                let people = count == 1 ? "1 client" : "\(grouped(count)) clients"
                return (kind: kind, count: count, name: "\(title), \(kind.name), \(people)")
            }
        }.filter { report.wants($0.name) }
        let shapes = WatchFanOut.Shape.allCases.map { shape in
            (shape: shape, name: "\(title), \(shape.rawValue)")
        }.filter { report.wants($0.name) }
        guard !loops.isEmpty || !shapes.isEmpty else { return }
        var clusters: [ServerCluster] = []
        defer { for cluster in clusters { cluster.discard() } }
        for (index, contender) in contenders.enumerated() {
            let place = FolderTree(path: "\(folder.path)/serve\(members)-\(index)")
            let cluster = try ServerCluster(contender, memberCount: members, folder: place)
            clusters.append(cluster)
            try prepare(cluster)
        }
        for loop in loops {
            let figures = try inTurns(clusters) { cluster, seed in
                let load = try ClosedLoop(cluster, loop.kind, clients: loop.count, seed: seed)
                return try load.run(seconds: seconds, warmUpSeconds: warmUpSeconds)
            }
            report.add(
                loop.name, figures[0], figures[1],
                goals: RatioGoal.goals(loop.kind, members: members, clients: loop.count))
        }
        for shape in shapes {
            let figures = try inTurns(clusters) { cluster, seed in
                let load = try WatchFanOut(cluster, shape.shape, seed: seed)
                return try load.run(seconds: seconds, warmUpSeconds: warmUpSeconds)
            }
            report.add(
                shape.name, figures[0], figures[1], goals: RatioGoal.watchGoals(members: members))
        }
    }

    /// Starts the cluster and puts all keys that are chosen from.
    private func prepare(_ cluster: ServerCluster) throws {
        try cluster.start()
        let fill = try ClosedLoop(
            cluster, .fill(keys: Workload.keys), clients: Self.fillClients, seed: 1)
        let figures = try fill.runToEnd()
        guard figures.errors == 0 else {
            throw LoadFailure.tooManyErrors(
                measurement: "\(cluster.contender.label), filling",
                first: figures.firstError ?? "unknown")
        }
    }

    /// The rounds of both: A B, B A, A B and so on, so that what one leaves behind (dirty pages,
    /// a disk that is still busy) does not always meet the same other.
    private func inTurns(
        _ clusters: [ServerCluster],
        _ measure: (ServerCluster, UInt64) throws -> LoadFigures
    ) throws -> [[LoadFigures]] {
        var figures: [[LoadFigures]] = clusters.map { _ in [] }
        for round in 0..<rounds {
            let order = round % 2 == 0 ? Array(clusters.indices) : clusters.indices.reversed()
            for index in order {
                let cluster = clusters[index]
                try Interruption.pause(milliseconds: Self.settleMilliseconds)
                try cluster.checkAlive()
                figures[index].append(try measure(cluster, UInt64(round + 1)))
            }
        }
        return figures
    }
}
