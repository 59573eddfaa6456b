import Primitives

/// What the clients of a closed loop ask for.
enum WorkloadKind: Equatable {
    case put
    case get
    case range
    case transaction
    case mixed
    case leaseChurn
    /// Each of so many keys once, in a scattered order, and then the end.
    case fill(keys: Int)

    /// Those that are measured, in the order of the report.
    static let measured: [WorkloadKind] = [.put, .get, .range, .transaction, .mixed, .leaseChurn]

    /// How it is called in the report.
    var name: String {
        switch self {
        case .put: return "put"
        case .get: return "get"
        case .range: return "range 1,000"
        case .transaction: return "txn"
        case .mixed: return "mixed 80/20"
        case .leaseChurn: return "lease churn"
        case .fill: return "load"
        }
    }
}

/// Chooses the requests of a closed loop. Equal seeds give equal choices.
struct Workload {
    /// Keys that exist beforehand and that are chosen from.
    static let keys = 100_000
    /// Keys that a range has.
    static let rangeKeys = 1_000

    private let kind: WorkloadKind
    private var random: SplitMix64
    private let get = RequestTemplate.get()
    private let range = RequestTemplate.range(count: Workload.rangeKeys)
    private let put = RequestTemplate.put()
    private let transaction = RequestTemplate.transaction()
    private let leaseSteps = [
        RequestTemplate.leaseGrant(), RequestTemplate.leasedPut(), RequestTemplate.leaseRevoke(),
    ]
    /// What each client does next with its lease, and the lease.
    private var steps: [Int]
    private var leases: [UInt64]
    private var nextLease: UInt64
    /// How many keys were filled, and how far apart neighbours in time are.
    private var filled = 0
    private let stride: Int

    init(_ kind: WorkloadKind, clients: Int, seed: UInt64) {
        self.kind = kind
        random = SplitMix64(seed: seed)
        steps = Array(repeating: 0, count: clients)
        leases = Array(repeating: 0, count: clients)
        // Leases of an earlier run may be left over: start elsewhere.
        nextLease = 1 << RequestTemplate.leaseBits + UInt64(nanoseconds() & (1 << 40 - 1))
        if case .fill(let keys) = kind { stride = Self.stride(keys) } else { stride = 1 }
    }

    /// Whether the client is between two things that belong together.
    func isInside(_ client: Int) -> Bool { steps[client] != 0 }

    /// Prepares the client's next call; nil if there is nothing left to do.
    mutating func next(_ client: Int, _ stream: inout LoadStream) -> LoadMethod? {
        switch kind {
        case .put: return write(put, &stream)
        case .get: return write(get, &stream)
        case .transaction: return write(transaction, &stream)
        case .mixed: return write(random.below(5) == 0 ? put : get, &stream)
        case .range:
            let key = random.below(Self.keys - Self.rangeKeys)
            range.write(into: &stream, key: key, end: key + Self.rangeKeys)
            return range.method
        case .leaseChurn: return churn(client, &stream)
        case .fill(let keys):
            guard filled < keys else { return nil }
            put.write(into: &stream, key: filled * stride % keys)
            filled += 1
            return put.method
        }
    }

    private mutating func write(
        _ template: RequestTemplate, _ stream: inout LoadStream
    ) -> LoadMethod {
        template.write(into: &stream, key: random.below(Self.keys))
        return template.method
    }

    private mutating func churn(_ client: Int, _ stream: inout LoadStream) -> LoadMethod {
        let step = steps[client]
        if step == 0 {
            leases[client] = nextLease
            nextLease += 1
        }
        steps[client] = (step + 1) % leaseSteps.count
        leaseSteps[step].write(into: &stream, key: client, lease: leases[client])
        return leaseSteps[step].method
    }

    /// A step that visits each of `keys` numbers once before it comes back: one near the golden
    /// section without a common factor.
    static func stride(_ keys: Int) -> Int {
        var stride = max(1, Int(Double(keys) * 0.618_033_988_75))
        while greatestCommonDivisor(stride, keys) != 1 { stride += 1 }
        return stride
    }

    private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
        right == 0 ? left : greatestCommonDivisor(right, left % right)
    }
}
