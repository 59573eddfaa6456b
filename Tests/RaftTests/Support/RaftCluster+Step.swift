import Primitives
import Raft

/// What a shell does with a node: one input in, its outputs carried out in order.
extension RaftCluster {
    /// Gives a running member one input and does what it asks for.
    @discardableResult
    mutating func step(_ id: PeerID, _ input: RaftInput) -> RaftOutput {
        guard var machine = machines.removeValue(forKey: id), var node = machine.node.take() else {
            fatalError("member \(id) does not run")
        }
        if case .readIndex(let request) = input { ledger.readFloors[request] = ledger.commitIndex }
        if case .message(let message) = input { noteAcknowledgement(message) }
        let before = (leads: node.isLeader, commit: node.commitIndex)
        let output = node.step(input)
        // A mutant may break what the node expects of itself; the ledger is to notice alone.
        if !toleratesFaults { node.checkInvariants() }
        machine.node = node
        machines[id] = machine
        absorb(output, id)
        checkCommit(id, before.commit, wasLeader: before.leads)
        checkMemberships(output.write?.entries ?? [], id)
        carryOut(output, id)
        return output
    }

    @discardableResult
    mutating func step(_ id: UInt64, _ input: RaftInput) -> RaftOutput {
        step(PeerID(id), input)
    }

    /// Notes everything and sends what may leave now; nothing of this step is durable yet.
    private mutating func absorb(_ output: RaftOutput, _ id: PeerID) {
        for event in output.events {
            events.append((id, event))
            note("\(id) \(event.line)")
        }
        if let write = output.write { enqueue(write, id) }
        for event in output.events {
            if case .becameLeader(let term) = event { checkLeader(id, term) }
        }
        for message in output.messages {
            checkPromise(message, id)
            let isUnderWay = network.send(message)
            if isQuiet || hidesRoutine, message.isRoutine { continue }
            if !isUnderWay {
                note("\(id) lost \(message.line)")
            } else if !isQuiet {
                note("\(id) sends \(message.line)")
            }
        }
        apply(output.committed, id)
        for permit in output.readPermits { admit(permit, id) }
        for read in output.refusedReads {
            refusedReads.append(read)
            note("\(id) refuses read \(read.line)")
        }
        for (bytes, reason) in output.refusedProposals {
            refusedProposals.append((bytes, reason))
            note("\(id) refuses \(bytes.line): \(reason)")
        }
        if let (change, reason) = output.refusedChange {
            refusedChanges.append((change, reason))
            note("\(id) refuses the change: \(reason)")
        }
    }

    private mutating func admit(_ permit: ReadPermit, _ id: PeerID) {
        permits.append(permit)
        note("\(id) permits read \(permit.id.line) at \(permit.index)")
        // Thesis §6.4: a read must see everything committed before it was asked for.
        if let floor = ledger.readFloors[permit.id], permit.index < floor {
            object("read \(permit.id.line) at \(permit.index) misses committed \(floor)")
        }
    }

    /// Disk and images, which lead to further steps.
    private mutating func carryOut(_ output: RaftOutput, _ id: PeerID) {
        if !machines[id]!.disk.isHeld { persist(id) }
        for read in output.snapshotReads { answer(read, id) }
        if let chunk = output.receivedChunk { store(chunk, id) }
    }


    private mutating func enqueue(_ write: LogWrite, _ id: PeerID) {
        let last = machines[id]!.requestedHardState
        let next = write.hardState ?? last
        // Raft figure 2: term and vote are durable before anything is answered.
        if next.term < last.term { object("\(id): the term went back from \(last.term)") }
        if next.term == last.term, last.votedFor != .zero, next.votedFor != last.votedFor {
            object("\(id) changed its vote in term \(next.term)")
        }
        if next.commitIndex < last.commitIndex { object("\(id): the commit index went back") }
        let isVital = !write.entries.isEmpty || next.term != last.term
            || next.votedFor != last.votedFor
        if isVital, !write.mustSync { object("\(id): a write that matters is not synced") }
        if write.mark.number <= machines[id]!.lastMark {
            object("\(id): mark \(write.mark.number) comes again")
        }
        checkOverwrite(write.entries, id)
        machines[id]!.requestedHardState = next
        machines[id]!.lastMark = write.mark.number
        machines[id]!.disk.queue.append(.write(write))
        let log = machines[id]!.disk.volatile
        if log.lastIndex != write.mark.lastEntry.index {
            object("\(id): mark \(write.mark.lastEntry) but the log ends at \(log.lastIndex)")
        }
        checkMatching(id)
    }

    /// Makes the next `count` operations (all by default) durable, in order, and tells the node.
    mutating func persist(_ id: PeerID, count: Int = Int.max) {
        var left = count
        while left > 0, machines[id]!.node != nil, !machines[id]!.disk.queue.isEmpty {
            left -= 1
            switch machines[id]!.disk.queue.removeFirst() {
            case .write(let write):
                if let hardState = write.hardState { machines[id]!.disk.hardState = hardState }
                object(machines[id]!.disk.append(write.entries))
                if machines[id]!.disk.isHeld { note("\(id) has durable \(write.line)") }
                step(id, .persisted(write.mark))
            case .install(let description, let image):
                finishInstall(description, image, id)
            }
        }
    }

    mutating func persist(_ id: UInt64, count: Int = Int.max) {
        persist(PeerID(id), count: count)
    }


    private mutating func apply(_ entries: [Entry], _ id: PeerID) {
        for entry in entries {
            // Thesis §10.2.1 lets the leader commit without its own disk, but not apply.
            if !isLasting(entry, on: machines[id]!.disk) {
                object("\(id) hands out \(entry.line), which is not durable there")
            }
            object(ledger.commit(entry, by: id))
        }
        if !entries.isEmpty {
            note("\(id) commits \(entries.map(\.line).joined(separator: ", "))")
        }
        if machines[id]!.isInstalling {
            machines[id]!.meanwhile += entries
        } else {
            applyNow(entries, id)
        }
    }

    mutating func applyNow(_ entries: [Entry], _ id: PeerID) {
        for entry in entries {
            let applied = machines[id]!.applied.index
            if entry.index != applied.next {
                object("\(id) got entry \(entry.index) to apply after \(applied)")
            }
            machines[id]!.machine.apply(entry)
            machines[id]!.applied = EntryID(index: entry.index, term: entry.term)
        }
    }
}
