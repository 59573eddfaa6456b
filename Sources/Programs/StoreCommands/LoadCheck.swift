internal import EtcdClient
internal import NIOCore
internal import Primitives
internal import StoreModel

/// Puts keys of 256 bytes with values of 1 KiB, as etcdctl's checks do, and measures.
struct LoadCheck: Sendable {
    let client: RemoteClient
    let prefix: KeyPrefix
    /// Puts altogether.
    let writes: Int
    /// Puts that may be under way at once.
    let clients: Int
    /// Nil for as fast as it goes.
    var writesPerSecond: Int?

    private static let keyBytes = 256
    private static let value = Bytes(repeating: 0, count: 1_024)

    /// Makes all puts.
    func run() async -> LoadReport {
        let began = NIODeadline.now()
        var report = LoadReport()
        await withTaskGroup(of: LoadReport.self) { group in
            for lane in 0..<clients {
                group.addTask { await put(lane, began) }
            }
            for await part in group { report.add(part) }
        }
        report.seconds = (NIODeadline.now() - began).seconds
        return report
    }

    /// One client's share: every `clients`-th put, each at its time.
    private func put(_ lane: Int, _ began: NIODeadline) async -> LoadReport {
        var report = LoadReport()
        for number in stride(from: lane, to: writes, by: clients) {
            await waitForTurn(number, began)
            let tail = Bytes("\(number)".utf8)
            let zeros = Bytes(repeating: UInt8(ascii: "0"), count: Self.keyBytes - tail.count)
            let put = PutRequest(key: Bytes(prefix.text.utf8) + zeros + tail, value: Self.value)
            let start = NIODeadline.now()
            do throws(KeyValueFailure) {
                _ = try await client.transaction(TransactionRequest(success: [.put(put)]))
                report.times.append((NIODeadline.now() - start).seconds)
            } catch {
                report.failures[error.text, default: 0] += 1
            }
        }
        return report
    }

    private func waitForTurn(_ number: Int, _ began: NIODeadline) async {
        guard let writesPerSecond else { return }
        let due = began + .nanoseconds(Int64(number) * 1_000_000_000 / Int64(writesPerSecond))
        let pause = due - NIODeadline.now()
        guard pause > .zero else { return }
        // A cancelled check goes on without pauses, to its end.
        try? await Task.sleep(for: .nanoseconds(pause.nanoseconds))
    }
}

/// What came of the puts.
struct LoadReport: Sendable {
    /// Seconds of each put that succeeded.
    var times: [Double] = []
    /// How often each failure came.
    var failures: [String: Int] = [:]
    /// How long all of it took.
    var seconds = 0.0

    mutating func add(_ part: LoadReport) {
        times += part.times
        failures.merge(part.failures, uniquingKeysWith: +)
    }

    /// Lines for people, and whether all is well.
    struct Verdicts: Equatable {
        var lines: [String] = []
        var isPassed = true

        mutating func say(_ isGood: Bool, _ good: String, _ bad: String) {
            lines.append(isGood ? "PASS: \(good)" : bad)
            isPassed = isPassed && isGood
        }
    }

    /// The failures, one line each; nothing if there are none.
    var failureLines: [String] {
        failures.sorted { $0.key < $1.key }.map { "FAIL: ERROR(\($0.key)) -> \($0.value)" }
    }

    /// etcdctl's thresholds: nine tenths of the rate, no request above 0.5 s, and a standard
    /// deviation of at most 0.1 s.
    func verdicts(wantedPerSecond wanted: Int) -> Verdicts {
        var verdicts = Verdicts()
        if !failures.isEmpty {
            verdicts.lines = ["FAIL: too many errors"] + failureLines
            verdicts.isPassed = false
        }
        let rate = seconds > 0 ? Double(times.count) / seconds : 0
        verdicts.say(
            rate / Double(wanted) > 0.9, "Throughput is \(Int(rate)) writes/s",
            "FAIL: Throughput too low: \(Int(rate)) writes/s")
        let slowest = times.max() ?? 0
        verdicts.say(
            slowest <= 0.5, "Slowest request took \(Self.text(slowest))s",
            "Slowest request took too long: \(Self.text(slowest))s")
        let mean = times.reduce(0, +) / Double(max(1, times.count))
        let variance = times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (variance / Double(max(1, times.count))).squareRoot()
        verdicts.say(
            deviation <= 0.1, "Stddev is \(Self.text(deviation))s",
            "Stddev too high: \(Self.text(deviation))s")
        verdicts.lines.append(verdicts.isPassed ? "PASS" : "FAIL")
        return verdicts
    }

    /// With six digits behind the point.
    static func text(_ seconds: Double) -> String {
        let millionths = Int64((seconds * 1e6).rounded())
        let digits = String(millionths % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - digits.count)
        return "\(millionths / 1_000_000).\(zeros)\(digits)"
    }
}

extension TimeAmount {
    /// As a number.
    fileprivate var seconds: Double { Double(nanoseconds) / 1e9 }
}
