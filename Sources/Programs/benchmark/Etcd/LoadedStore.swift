import Glibc

/// A store with very many keys: how long loading takes, what it occupies, and how soon it serves
/// again after a stop.
struct LoadedStore {
    /// Clients that load.
    private static let clients = 1_000
    /// What the servers are given to write back and clean up before their memory is looked at.
    private static let settleMilliseconds = 4_000

    let contenders: [Contender]
    let folder: FolderTree
    let keys: Int
    let rounds: Int

    /// Of one contender.
    private struct Facts {
        var load: LoadFigures
        var usage: ProcessUsage
        var diskBytes: Int
    }

    /// The name that `--only` is compared with.
    var name: String { "1 member, load of \(grouped(keys)) keys" }

    func run(_ report: inout ComparisonReport) throws {
        guard report.wants(name) else { return }
        var clusters: [ServerCluster] = []
        defer { for cluster in clusters { cluster.discard() } }
        var facts: [Facts] = []
        for (index, contender) in contenders.enumerated() {
            let cluster = try ServerCluster(
                contender, memberCount: 1, folder: FolderTree(path: "\(folder.path)/load\(index)"))
            clusters.append(cluster)
            facts.append(try load(cluster))
            // Restarts come later; until then it must not be in the other's way.
            cluster.stop()
        }
        report.add(name, [facts[0].load], [facts[1].load], goals: [])
        addSizes(facts, &report)
        try restart(clusters, &report)
    }

    private func load(_ cluster: ServerCluster) throws -> Facts {
        try cluster.start()
        let loop = try ClosedLoop(cluster, .fill(keys: keys), clients: Self.clients, seed: 1)
        let figures = try loop.runToEnd()
        try Interruption.pause(milliseconds: Self.settleMilliseconds)
        return Facts(load: figures, usage: cluster.usage(), diskBytes: cluster.diskBytes())
    }

    private func addSizes(_ facts: [Facts], _ report: inout ComparisonReport) {
        func add(_ what: String, goal: RatioGoal?, _ value: (Facts) -> Int) {
            report.add(
                what, Double(value(facts[0])), Double(value(facts[1])),
                text: { "\(Int($0) >> 20) MiB" }, goal: goal)
        }
        let half = RatioGoal.atMost(.memory, 1.0 / 2)
        add("memory after the load (RSS)", goal: half) { $0.usage.residentBytes }
        add("memory without file mappings", goal: half) { $0.usage.anonymousBytes }
        add("peak memory of the load (RSS)", goal: nil) { $0.usage.peakBytes }
        add("size on disk", goal: nil) { $0.diskBytes }
    }

    /// Starts with nothing in the page cache, in turns, until a linearizable read is answered.
    private func restart(_ clusters: [ServerCluster], _ report: inout ComparisonReport) throws {
        var times: [[Double]] = [[], []]
        var memory: [[Double]] = [[], []]
        for round in 0..<rounds {
            let order = round % 2 == 0 ? [0, 1] : [1, 0]
            for index in order {
                let cluster = clusters[index]
                cluster.dropFromPageCache()
                times[index].append(Double(try cluster.start(timeoutSeconds: 300)) / 1e6)
                memory[index].append(Double(cluster.usage().residentBytes))
                cluster.stop()
            }
        }
        report.add(
            "cold restart", Median.of(times[0]), Median.of(times[1]),
            text: { "\(rounded($0)) ms" }, goal: .atMost(.time, 1.0 / 2))
        report.add(
            "memory after the restart (RSS)", Median.of(memory[0]), Median.of(memory[1]),
            text: { "\(Int($0) >> 20) MiB" }, goal: nil)
    }
}
