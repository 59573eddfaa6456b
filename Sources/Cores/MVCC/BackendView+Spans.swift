internal import Environment
internal import Primitives

// SAFETY: the backend promises that its buffers are valid during the call; a span cannot leave
// the closure that it is lent to, so nothing outlives them.
extension BackendView {
    /// Calls `body` with the stored bytes of `key`; nil if missing.
    func withValue<Result>(
        _ table: BackendTable, _ key: Bytes, _ body: (ByteSpan) -> Result
    ) -> Result? {
        unsafe read(table, key: key) { raw in unsafe body(ByteSpan(_unsafeBytes: raw)) }
    }

    /// Visits the entries with `from <= key`, and `key < to` where `to` is given, in ascending
    /// order until `body` answers false.
    func visit(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: ByteSpan, _ value: ByteSpan) -> Bool
    ) {
        unsafe scan(table, from: from, to: to) { key, value in
            unsafe body(ByteSpan(_unsafeBytes: key), ByteSpan(_unsafeBytes: value))
        }
    }

    /// Reads all entries of a small table.
    func readAll(
        _ table: BackendTable, from: Bytes = [], to: Bytes? = nil,
        _ body: (_ key: Bytes, _ value: Bytes) throws(DecodingError) -> Void
    ) throws(LoadError) {
        var failure: LoadError?
        visit(table, from: from, to: to) { key, value in
            let name = copy(key)
            do throws(DecodingError) {
                try body(name, copy(value))
                return true
            } catch {
                failure = .damaged(table, key: name, error)
                return false
            }
        }
        if let failure { throw failure }
    }
}
