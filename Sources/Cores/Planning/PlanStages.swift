/// Which of a plan's actions can be performed at the same time.
extension Plan {
    /// A write, and what is told once it is done.
    package struct Step: Sendable, Equatable {
        /// Nil for what is told by itself.
        package var write: Action?
        /// In order.
        package var notes: [EventNote] = []
    }

    /// So many steps are in one stage at most.
    package static let stepsMax = 16

    /// The steps in order, and those together that need not wait for each other. Among many of a
    /// kind a stage is twice as large as the one before: where the first is refused, as by a
    /// quota, the others would be as well.
    package var stages: [[Step]] {
        var stages: [[Step]] = []
        var sizeMax = 1
        for action in actions {
            switch action {
            case .requeue: break
            case .emit(let note):
                if stages.isEmpty { stages.append([Step()]) }
                let place = stages.indices.last ?? 0
                stages[place][stages[place].count - 1].notes.append(note)
            default:
                let place = stages.indices.last ?? 0
                let isAlike = stages.last?.last?.write?.isIndependent(of: action) ?? false
                if isAlike, stages[place].count < sizeMax {
                    stages[place].append(Step(write: action))
                } else {
                    sizeMax = isAlike ? min(2 * sizeMax, Self.stepsMax) : 1
                    stages.append([Step(write: action)])
                }
            }
        }
        return stages
    }
}

extension Action {
    /// Whether it does to another object of the kind what another action does to its own.
    fileprivate func isIndependent(of other: Action) -> Bool {
        switch (self, other) {
        case (.create(let one), .create(let other)): Resource(one).kind == Resource(other).kind
        case (.bind(let one, _, _), .bind(let other, _, _)),
            (.delete(let one, _, _), .delete(let other, _, _)),
            (.remove(let one, _), .remove(let other, _)):
            one.kind == other.kind
        default: false
        }
    }
}
