internal import Primitives

extension WatchHub {
    /// Checks what must hold between the parts; costly, for the simulator and tests.
    package func checkInvariants() {
        var previousWanted = 0
        var unsynced = 0
        for slot in watches.indices where watches[slot].state != .free {
            let watch = watches[slot]
            if watch.request.wantsPrevious { previousWanted += 1 }
            if watch.isUnsynced { unsynced += 1 }
            invariant(
                streams[watch.stream].watches[watch.id] == slot,
                "watch \(watch.id) in slot \(slot) is not in its stream")
            invariant(
                watch.next >= watch.start,
                "watch \(watch.id) is at \(watch.next), before its start \(watch.start)")
        }
        invariant(previousWanted == previousWantedCount, "previous versions are counted wrong")
        let used = watches.count { $0.state != .free }
        invariant(
            used == watchCount && used == index.count,
            "\(used) watches, but \(watchCount) are counted and \(index.count) indexed")
        checkLists(unsynced: unsynced)
    }

    private func checkLists(unsynced: Int) {
        let queued = links.slots(of: lagging)
        invariant(
            queued.count == lagging.count
                && queued.allSatisfy { watches[$0].state == .lagging },
            "the queue holds watches that don't lag")
        var listed = queued.count
        for stream in streams {
            let blocked = links.slots(of: stream.blocked)
            invariant(
                blocked.count == stream.blocked.count
                    && blocked.allSatisfy { watches[$0].state == .blocked },
                "stream \(stream.id.rawValue) holds watches that are not blocked")
            invariant(
                blocked.isEmpty || !stream.isWritable,
                "stream \(stream.id.rawValue) is writable and holds watches back")
            let expected = stream.watches.values.count { watches[$0].isUnsynced }
            invariant(
                stream.unsyncedCount == expected,
                "stream \(stream.id.rawValue) counts unsynced watches wrong")
            listed += blocked.count
        }
        invariant(listed == unsynced, "\(unsynced) watches lag, but \(listed) are listed")
    }
}
