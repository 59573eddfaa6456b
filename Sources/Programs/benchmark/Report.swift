import Glibc

/// Collects measurements, prints each as it comes and a verdict against its goal.
struct Report {
    /// One line of the result.
    struct Row {
        var name: String
        var figure: String
        var goal: String
        var isReached: Bool?
    }

    private let filter: String
    private var rows: [Row] = []

    init(filter: String) {
        self.filter = filter
    }

    /// Whether nothing was measured.
    var isEmpty: Bool { rows.isEmpty }

    /// Whether the measurement is wanted.
    func wants(_ name: String) -> Bool {
        filter.isEmpty || name.contains(filter)
    }

    /// Adds a figure; `isReached` nil where there is no goal.
    mutating func add(_ name: String, _ figure: String, goal: String, _ isReached: Bool?) {
        let row = Row(name: name, figure: figure, goal: goal, isReached: isReached)
        rows.append(row)
        let verdict = isReached.map { $0 ? "reached" : "MISSED" } ?? ""
        let padding = String(repeating: " ", count: max(1, 34 - name.count))
        let gap = String(repeating: " ", count: max(1, 44 - figure.count))
        print("\(name)\(padding)\(figure)\(gap)\(goal)  \(verdict)")
        // All streams: naming the one would touch a global variable.
        fflush(nil)
    }

    /// Says how many goals were reached.
    func printSummary() {
        let judged = rows.compactMap(\.isReached)
        print("\(judged.filter { $0 }.count) of \(judged.count) goals reached")
    }
}

/// Nanoseconds of the monotonic clock.
// SAFETY: the structure that is passed is filled by the call.
func nanoseconds() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// How long `body` takes, in nanoseconds.
func measure(_ body: () throws -> Void) rethrows -> Int64 {
    let start = nanoseconds()
    try body()
    return nanoseconds() - start
}

/// Sorted durations.
struct Durations {
    private let sorted: [Int64]

    init(_ nanoseconds: [Int64]) {
        sorted = nanoseconds.sorted()
    }

    /// The given part of all is at most this long, in microseconds.
    func microseconds(_ part: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let position = min(sorted.count - 1, Int(Double(sorted.count) * part))
        return Double(sorted[position]) / 1_000
    }

    /// The mean in microseconds.
    var mean: Double {
        guard !sorted.isEmpty else { return 0 }
        return Double(sorted.reduce(0, +)) / Double(sorted.count) / 1_000
    }
}

/// Rounds to two decimals for print.
func rounded(_ value: Double) -> String {
    let scaled = (value * 100).rounded() / 100
    return scaled >= 1_000 ? grouped(Int(scaled)) : "\(scaled)"
}

/// A whole number with thousands separators.
func grouped(_ value: Int) -> String {
    var digits = Array(String(abs(value)))
    var position = digits.count - 3
    while position > 0 {
        digits.insert(",", at: position)
        position -= 3
    }
    return (value < 0 ? "-" : "") + String(digits)
}
