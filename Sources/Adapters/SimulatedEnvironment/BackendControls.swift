internal import Environment
internal import Primitives
internal import Synchronization

/// What the backends of one provider share: counts, limits and the faults to come. Locked, since
/// a commit may run on another thread than the reads.
final class BackendControls: Sendable {
    struct State: Sendable {
        var calls = 0
        var isKilled = false
        var capacityBytes = Int.max
        var planned: [Int: BackendFault] = [:]
        var rates: BackendFaultRates?
        var draw = FaultDraw(seed: 0)
        var ordinals = [Int](repeating: 0, count: BackendCall.allCases.count)
        var activity = BackendActivity()
    }

    let state = Mutex(State())
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
    }

    static func gone(_ call: BackendCall) -> BackendError {
        .failed(
            operation: call.rawValue, reason: "the process that had this backend open is gone")
    }

    /// Counts a call and decides its fate.
    /// - Returns: nil for a normal call; for a killed one whether its effect takes place.
    /// - Throws: what a planned or drawn fault says.
    func begin(_ call: BackendCall) throws(BackendError) -> Bool? {
        try state.withLock { (state) throws(BackendError) in
            guard !state.isKilled else { throw Self.gone(call) }
            state.calls += 1
            guard let fault = Self.fault(call, &state) else { return nil }
            state.activity.faults += 1
            switch fault {
            case .error(let error): throw error
            case .killed:
                state.isKilled = true
                return FaultDraw(seed: seed).hits(0.5, kind: 0, ordinal: state.calls)
            }
        }
    }

    private static func fault(_ call: BackendCall, _ state: inout State) -> BackendFault? {
        if let fault = state.planned.removeValue(forKey: state.calls) { return fault }
        guard let rates = state.rates, call != .open else { return nil }
        let index = BackendCall.allCases.firstIndex(of: call) ?? 0
        state.ordinals[index] += 1
        let kind = UInt64(1 + 2 * index)
        let ordinal = state.ordinals[index]
        if call == .commit || call == .replace,
            state.draw.hits(rates.noSpace, kind: kind, ordinal: ordinal)
        {
            return .error(.noSpace)
        }
        guard state.draw.hits(rates.failed, kind: kind + 1, ordinal: ordinal) else { return nil }
        return .error(.failed(operation: call.rawValue, reason: "injected"))
    }
}
