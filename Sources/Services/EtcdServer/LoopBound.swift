/// Carries a value that belongs to the event loop through code that other threads may see.
///
/// SAFETY: `@unchecked Sendable` because whoever makes one opens it only on the event loop that
/// the value belongs to.
struct LoopBound<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
