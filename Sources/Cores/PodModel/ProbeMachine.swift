package import ResourceModel

/// How often a container is asked, and how many answers count.
package struct ProbeTiming: Sendable, Equatable {
    /// From the container's start to the first question.
    package var initialDelay: Duration = .zero
    /// From one question to the next.
    package var period: Duration = .seconds(10)
    /// How long an answer may take.
    package var timeout: Duration = .seconds(1)
    /// Good answers in a row that make a success.
    package var successThreshold = 1
    /// Bad answers in a row that make a failure.
    package var failureThreshold = 3

    /// Kubernetes' defaults.
    package init() {}

    /// The timing of a probe as the API writes it.
    package init(_ probe: JSON) {
        func seconds(_ name: String) -> Duration? {
            probe[name].integerValue.flatMap { $0 > 0 ? .seconds($0) : nil }
        }
        initialDelay = seconds("initialDelaySeconds") ?? initialDelay
        period = seconds("periodSeconds") ?? period
        timeout = seconds("timeoutSeconds") ?? timeout
        let success = probe["successThreshold"].integerValue ?? 1
        successThreshold = Int(clamping: max(1, success))
        let failure = probe["failureThreshold"].integerValue ?? 3
        failureThreshold = Int(clamping: max(1, failure))
    }
}

/// What a probe is for.
package enum ProbePurpose: String, Sendable, CaseIterable {
    /// Whether the container has come up; the others wait for it.
    case startup = "Startup"
    /// Whether the container must be restarted.
    case liveness = "Liveness"
    /// Whether the container may be sent requests.
    case readiness = "Readiness"
}

/// One probe of one running container: when to ask, and what the answers amount to.
package struct ProbeMachine: Sendable, Equatable {
    /// What the answers so far amount to.
    package enum Verdict: Sendable, Equatable {
        case unknown
        case success
        case failure
    }

    /// What the probe is for.
    package let purpose: ProbePurpose
    /// How it is done.
    package let timing: ProbeTiming
    /// What the answers so far amount to.
    package private(set) var verdict: Verdict
    /// When to ask next; nil if there is nothing to ask any more. Since the same moment as the
    /// start.
    package private(set) var nextAt: Duration?
    private var lastAnswer: Bool?
    private var answersInRow = 0

    /// The probe of a container that started at `start`.
    package init(_ purpose: ProbePurpose, _ timing: ProbeTiming, startedAt start: Duration) {
        self.purpose = purpose
        self.timing = timing
        // A container lives, and is not ready, until the contrary is shown.
        verdict =
            switch purpose {
            case .startup: .unknown
            case .liveness: .success
            case .readiness: .failure
            }
        nextAt = start + timing.initialDelay
    }

    /// Takes an answer; whether the verdict has changed.
    package mutating func answered(_ isGood: Bool, at now: Duration) -> Bool {
        guard nextAt != nil else { return false }
        nextAt = now + timing.period
        answersInRow = lastAnswer == isGood ? answersInRow + 1 : 1
        lastAnswer = isGood
        let threshold = isGood ? timing.successThreshold : timing.failureThreshold
        guard answersInRow >= threshold else { return false }
        let verdictBefore = verdict
        verdict = isGood ? .success : .failure
        // A container that failed is about to be ended, one that has come up stays so.
        let isDecided = purpose == .startup || (purpose == .liveness && !isGood)
        if isDecided { nextAt = nil }
        return verdict != verdictBefore
    }

    /// Puts the next question off, as while the container has not come up yet.
    package mutating func postpone(until time: Duration) {
        if let next = nextAt, next < time { nextAt = time }
    }
}
