package import Environment

/// The calls of a backend and its provider that are counted.
package enum BackendCall: String, CaseIterable, Sendable {
    case open, commit, refresh, makeView, defragment, replace
}

/// A failure of the backend, planned by number of the call.
package enum BackendFault: Sendable, Equatable {
    /// The call throws this and has no effect.
    case error(BackendError)
    /// The process is killed in the middle: this and all later calls fail until `crash`. A
    /// commit, or the last step of a replacement, has taken place or not as a draw says.
    case killed
}

/// How often the backend fails: the chance (0 to 1) for each call that it suits.
package struct BackendFaultRates: Sendable, Equatable {
    /// `.failed` from any call but `open`.
    package var failed = 0.0
    /// `.noSpace` from `commit` and `replace`.
    package var noSpace = 0.0

    /// No faults; set what is wanted.
    package init() {}
}

/// What was asked of a backend in some period, for the time that it would have taken.
package struct BackendActivity: Sendable, Equatable {
    /// Commits that succeeded.
    package var commits = 0
    /// Bytes of keys and values in them.
    package var bytesWritten = 0
    /// Replacements that succeeded.
    package var replacements = 0
    /// Faults that took place.
    package var faults = 0

    /// Nothing yet.
    package init() {}
}
