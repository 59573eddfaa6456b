import Glibc

/// Prints what each measurement says as it comes, and at the end the ratios and the verdicts.
struct ComparisonReport {
    /// One measurement of both contenders.
    private struct Row {
        var name: String
        var first: LoadFigures
        var second: LoadFigures
    }

    /// One judged ratio.
    private struct Verdict {
        var name: String
        var ratio: Double
        var goal: RatioGoal
        /// Whether errors spoil it.
        var isSpoilt: Bool
    }

    private let filter: String
    private let labels: [String]
    private var rows: [Row] = []
    private var verdicts: [Verdict] = []
    private var figures: [String] = []

    init(filter: String, labels: [String]) {
        self.filter = filter
        self.labels = labels
    }

    /// Whether the measurement is wanted.
    func wants(_ name: String) -> Bool {
        filter.isEmpty || name.contains(filter)
    }

    /// Whether nothing was measured.
    var isEmpty: Bool { rows.isEmpty && verdicts.isEmpty && figures.isEmpty }

    /// Adds the rounds of one measurement, of both contenders.
    mutating func add(
        _ name: String, _ first: [LoadFigures], _ second: [LoadFigures], goals: [RatioGoal]
    ) {
        let row = Row(name: name, first: .median(first), second: .median(second))
        rows.append(row)
        Self.say(name)
        let width = labels.map(\.count).max() ?? 0
        for (label, figures) in zip(labels, [row.first, row.second]) {
            Self.say("  \(Self.padded(label, width)) \(Self.line(figures))")
            if figures.errors > 0 {
                let first = figures.firstError ?? "unknown"
                Self.say("    ERRORS: \(grouped(figures.errors)), the first: \(first)")
            }
        }
        for goal in goals {
            let ratio = Self.ratio(goal.figure, row.first, row.second)
            let isSpoilt = row.first.errors + row.second.errors > 0
            verdicts.append(
                Verdict(
                    name: "\(name): \(goal.figure.rawValue)", ratio: ratio, goal: goal,
                    isSpoilt: isSpoilt))
        }
    }

    /// Adds one figure of both contenders, with its text; `goal` nil where there is none.
    mutating func add(
        _ name: String, _ first: Double, _ second: Double, text: (Double) -> String,
        goal: RatioGoal?
    ) {
        let ratio = first > 0 ? second / first : 0
        let line =
            "\(Self.padded(name, 40)) \(Self.padded(text(first), 14)) "
            + "\(Self.padded(text(second), 14)) \(rounded(ratio)) ×"
        Self.say("  " + line)
        figures.append(line)
        if let goal {
            verdicts.append(Verdict(name: name, ratio: ratio, goal: goal, isSpoilt: false))
        }
    }

    /// Prints the table of ratios, then each goal with its verdict.
    func printSummary() {
        Self.say("\n\(labels[1]) : \(labels[0]), medians of the rounds")
        if !rows.isEmpty {
            Self.say(
                Self.padded("", 40)
                    + ["rate ×", "p50 ×", "p99 ×", "CPU ×", "memory ×"]
                    .map { Self.padded($0, 10) }.joined())
        }
        for row in rows {
            let figures: [RatioGoal.Figure] = [.rate, .p50, .p99, .cpu, .memory]
            let ratios = figures.map { rounded(Self.ratio($0, row.first, row.second)) }
            let mark = row.first.errors + row.second.errors > 0 ? "ERRORS" : ""
            Self.say(
                Self.padded(row.name, 40) + ratios.map { Self.padded($0, 10) }.joined() + mark)
        }
        for line in figures { Self.say(line) }
        guard !verdicts.isEmpty else { return }
        Self.say("")
        var report = Report(filter: "")
        for verdict in verdicts {
            let isReached = !verdict.isSpoilt && verdict.goal.isReached(by: verdict.ratio)
            report.add(
                Self.padded(verdict.name, 54),
                "\(rounded(verdict.ratio)) ×" + (verdict.isSpoilt ? " with errors" : ""),
                goal: verdict.goal.text, isReached)
        }
        report.printSummary()
    }

    /// The second's figure divided by the first's; 0 if there is nothing to divide by.
    static func ratio(
        _ figure: RatioGoal.Figure, _ first: LoadFigures, _ second: LoadFigures
    ) -> Double {
        func of(_ value: (LoadFigures) -> Double) -> Double {
            value(first) > 0 ? value(second) / value(first) : 0
        }
        switch figure {
        case .rate: return of(\.perSecond)
        case .p50, .time: return of(\.p50)
        case .p99: return of(\.p99)
        case .cpu: return of(\.serverCPU)
        case .memory, .disk: return of(\.residentBytes)
        }
    }

    private static func line(_ figures: LoadFigures) -> String {
        let parts = [
            padded("\(grouped(Int(figures.perSecond)))/s", 12),
            padded("p50 \(duration(figures.p50))", 14),
            padded("p99 \(duration(figures.p99))", 14),
            padded("CPU \(rounded(figures.serverCPU)) µs", 14),
            padded("RSS \(Int(figures.residentBytes) >> 20) MiB", 14),
            padded("rounds ±\(Int(figures.spread * 50)) %", 14),
            "generator \(rounded(figures.generatorCPU)) µs"
                + (figures.generatorLoad > 0.9 ? ", AT ITS LIMIT" : ""),
        ]
        return parts.joined(separator: " ")
    }

    /// Microseconds in print: as milliseconds from one up.
    static func duration(_ microseconds: Double) -> String {
        microseconds < 1_000 ? "\(Int(microseconds)) µs" : "\(rounded(microseconds / 1_000)) ms"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func say(_ line: String) {
        print(line)
        _ = fflush(nil)
    }
}
