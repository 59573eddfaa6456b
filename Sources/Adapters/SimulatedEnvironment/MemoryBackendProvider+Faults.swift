package import Environment
package import Primitives
internal import Synchronization

/// Crashes, faults and what checkers may look at.
extension MemoryBackendProvider {
    /// The process ends, by a kill or a power cut: backends that are open are void. What was
    /// committed stays. Where the caller has carried out a commit or a replacement whose end it
    /// has not yet announced, it says so with `commitUnderWay`: the last one, if it succeeded, is
    /// then undone with an even chance.
    package func crash(using random: inout SplitMix64, commitUnderWay: Bool = false) {
        let isUndone = commitUnderWay && random.chance(0.5)
        medium.opening.add(1, ordering: .sequentiallyConsistent)
        medium.state.withLock { state in
            if isUndone, let previous = state.previous { state.version = previous }
            state.previous = nil
        }
        controls.state.withLock { $0.isKilled = false }
    }

    /// Calls so far, of all backends of this provider (see `BackendCall`).
    package var callCount: Int { controls.state.withLock { $0.calls } }

    /// Whether a planned `.killed` has struck: all calls fail until the crash.
    package var isKilled: Bool { controls.state.withLock { $0.isKilled } }

    /// Plans a fault for the call of this number (`callCount` counts from 1).
    package func failCall(number: Int, with fault: BackendFault) {
        controls.state.withLock { $0.planned[number] = fault }
    }

    /// Draws faults at the given rates from now on. Each draw hangs on `seed`, the kind and the
    /// ordinal of the call only.
    package func injectFaults(_ rates: BackendFaultRates, seed: UInt64) {
        controls.state.withLock { state in
            state.rates = rates
            state.draw = FaultDraw(seed: seed)
            for index in state.ordinals.indices { state.ordinals[index] = 0 }
        }
    }

    /// Ends all faults, planned and drawn.
    package func stopFaults() {
        controls.state.withLock { state in
            state.planned = [:]
            state.rates = nil
        }
        openError = nil
    }

    /// The size that a backend may have; a commit that needs more fails with `.noSpace` and
    /// changes nothing. `Int.max` when there is no limit.
    package var capacityBytes: Int {
        get { controls.state.withLock { $0.capacityBytes } }
        set { controls.state.withLock { $0.capacityBytes = newValue } }
    }

    /// What was asked of the backends since this was last called, or since the start.
    package func takeActivity() -> BackendActivity {
        controls.state.withLock { state in
            defer { state.activity = BackendActivity() }
            return state.activity
        }
    }

    /// A view of the last commit, whoever has the backend open; it counts as no call.
    package func durableView() -> any BackendView {
        MemoryBackendView(medium.committed)
    }
}
