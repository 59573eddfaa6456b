/// Which unanswered write made which revision. Where several may have, the choice is provisional:
/// it is changed when a later revision has no other explanation left (augmenting paths, Kuhn
/// 1955). Which of them it was makes no difference to the state.
struct Attribution: Sendable {
    /// By revision to be explained, in order: the writes that may have made it.
    private var candidates: [[Int]] = []
    /// By write: the revision's place in `candidates`.
    private var taken: [Int: Int] = [:]

    /// Explains one more revision by one of these writes, best guess first; false if every
    /// choice leaves some revision without a write.
    mutating func add(_ writes: [Int]) -> Bool {
        candidates.append(writes)
        var tried: Set<Int> = []
        return assign(candidates.count - 1, &tried)
    }

    private mutating func assign(_ place: Int, _ tried: inout Set<Int>) -> Bool {
        for write in candidates[place] where taken[write] == nil {
            taken[write] = place
            return true
        }
        for write in candidates[place] where tried.insert(write).inserted {
            guard let other = taken[write], assign(other, &tried) else { continue }
            taken[write] = place
            return true
        }
        return false
    }
}
