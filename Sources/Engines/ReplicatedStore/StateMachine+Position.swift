package import MVCC
internal import Primitives
package import Raft

extension StateMachine {
    /// The last entry applied, in the log's terms; zero for a new state.
    package var appliedEntry: EntryID { EntryID(index: appliedIndex, term: appliedTerm) }
}
