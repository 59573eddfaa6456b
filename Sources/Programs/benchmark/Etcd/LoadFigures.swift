/// What one measurement of one contender says.
struct LoadFigures {
    /// Requests, or events delivered to watchers, in a second.
    var perSecond = 0.0
    /// Latencies in microseconds.
    var p50 = 0.0
    var p99 = 0.0
    /// CPU time of all servers for one request, in microseconds.
    var serverCPU = 0.0
    /// CPU time of the generator for one request, in microseconds, and the part of one core that
    /// it took.
    var generatorCPU = 0.0
    var generatorLoad = 0.0
    /// Memory of all servers at the end, file mappings included.
    var residentBytes = 0.0
    /// Requests that failed or had a wrong answer, of all rounds.
    var errors = 0
    var firstError: String?
    /// How far apart the rounds are in throughput: (highest - lowest) / median.
    var spread = 0.0

    /// Each figure's median over the rounds; errors are added up.
    static func median(_ rounds: [LoadFigures]) -> LoadFigures {
        var middle = LoadFigures()
        func of(_ figure: (LoadFigures) -> Double) -> Double { Median.of(rounds.map(figure)) }
        middle.perSecond = of(\.perSecond)
        middle.p50 = of(\.p50)
        middle.p99 = of(\.p99)
        middle.serverCPU = of(\.serverCPU)
        middle.generatorCPU = of(\.generatorCPU)
        middle.generatorLoad = of(\.generatorLoad)
        middle.residentBytes = of(\.residentBytes)
        middle.errors = rounds.reduce(0) { $0 + $1.errors }
        middle.firstError = rounds.compactMap(\.firstError).first
        let rates = rounds.map(\.perSecond)
        if let highest = rates.max(), let lowest = rates.min(), middle.perSecond > 0 {
            middle.spread = (highest - lowest) / middle.perSecond
        }
        return middle
    }
}

/// The middle of several figures.
enum Median {
    /// The middle one of the sorted values, or the mean of the two in the middle; 0 for none.
    static func of(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}

/// The time in which something is measured, and what the servers and we used in it.
struct LoadWindow {
    private let cluster: ServerCluster
    private let began: Int64
    private let serverCPU: Int64
    private let ownCPU: Int64

    /// The window begins.
    init(_ cluster: ServerCluster) {
        self.cluster = cluster
        serverCPU = cluster.usage().cpuNanoseconds
        ownCPU = ProcessUsage.ownCPUNanoseconds
        began = nanoseconds()
    }

    /// The window ends: so many requests or events, with these latencies in nanoseconds.
    func close(count: Int, latencies: [Int64]) -> LoadFigures {
        let elapsed = Double(nanoseconds() - began)
        let own = Double(ProcessUsage.ownCPUNanoseconds - ownCPU)
        let usage = cluster.usage()
        let durations = Durations(latencies)
        let divisor = Double(max(1, count))
        var figures = LoadFigures()
        figures.perSecond = Double(count) / (elapsed / 1e9)
        figures.p50 = durations.microseconds(0.5)
        figures.p99 = durations.microseconds(0.99)
        figures.serverCPU = Double(usage.cpuNanoseconds - serverCPU) / divisor / 1_000
        figures.generatorCPU = own / divisor / 1_000
        figures.generatorLoad = own / elapsed
        figures.residentBytes = Double(usage.residentBytes)
        return figures
    }
}
