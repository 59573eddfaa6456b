internal import Environment
internal import Synchronization

/// Whether this process leads. It ends by itself when it is not extended in time, and what has
/// ended never comes back: who leads again does so with another one.
public final class Leadership: Sendable {
    private enum State {
        case candidate
        case held(until: MonotonicInstant)
        case ended
    }

    private let clockwork: Clockwork
    private let state = Mutex(State.candidate)

    init(_ clockwork: Clockwork) {
        self.clockwork = clockwork
    }

    /// Whether it is held at this moment.
    public var isHeld: Bool { deadline != nil }

    /// Until when it is held; nil if it is not.
    var deadline: MonotonicInstant? {
        let now = clockwork.monotonic()
        return state.withLock { state in
            guard case .held(let deadline) = state else { return nil }
            if now < deadline { return deadline }
            state = .ended
            return nil
        }
    }

    /// Begins it, or goes on with it; does nothing once it has ended.
    func extend(until instant: MonotonicInstant) {
        let now = clockwork.monotonic()
        state.withLock { state in
            switch state {
            case .candidate: state = .held(until: instant)
            case .held(let deadline): state = now < deadline ? .held(until: instant) : .ended
            case .ended: break
            }
        }
    }

    func end() {
        state.withLock { $0 = .ended }
    }
}
