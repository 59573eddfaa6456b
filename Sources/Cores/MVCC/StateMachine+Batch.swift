package import Environment
internal import Primitives
internal import StoreModel

extension StateMachine {
    /// Everything that was applied since the last batch, with the applied entry, as one change of
    /// the backend; nil if there is nothing. One batch at a time: the next may be taken after
    /// `batchCommitted`. Applying may go on meanwhile.
    package mutating func takeBatch() -> BackendBatch? {
        guard
            meta != savedMeta || records.hasChanges || records.hasCrowdedBlocks
                || leases.hasChanges || members.hasChanges
        else { return nil }
        var batch = BackendBatch()
        records.take(into: &batch)
        leases.take(into: &batch)
        members.take(into: &batch)
        if limits.mutation.isActive(.commitsAppliedIndexSeparately),
            savedMeta.appliedIndex != .zero
        {
            meta.write(into: &batch, saved: savedMeta, savesApplied: false)
            delayedMeta?.writeApplied(into: &batch)
            delayedMeta = meta
        } else {
            meta.write(into: &batch, saved: savedMeta)
        }
        savedMeta = meta
        return batch
    }

    /// The last batch is durable: reads of what it has go to the backend from now on.
    package mutating func batchCommitted() {
        records.batchCommitted()
    }
}
