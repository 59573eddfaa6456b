internal import Primitives

/// New entries.
extension RaftNode {
    mutating func propose(_ commands: [Bytes]) {
        guard isLeader else {
            if leader != .zero, !commands.isEmpty {
                send(.forwardProposals(commands), to: leader)
            } else {
                refuse(commands, .noLeader)
            }
            return
        }
        if isTransferring() {
            refuse(commands, .transferring)
            return
        }
        guard membership.isVoter(id) else {
            refuse(commands, .notMember)
            return
        }
        var bytes = leadership.uncommittedBytes
        var payloads: [Entry.Payload] = []
        payloads.reserveCapacity(commands.count)
        for (position, command) in commands.enumerated() {
            // One entry is always taken, or a large one could never be.
            if bytes > 0, bytes + command.count > configuration.uncommittedBytesMax {
                refuse(Array(commands[position...]), .tooMuchUncommitted)
                break
            }
            bytes += command.count + 24
            payloads.append(.command(command))
        }
        append(payloads)
    }

    private mutating func refuse(_ commands: [Bytes], _ refusal: ProposalRefusal) {
        for command in commands { output.refusedProposals.append((command, refusal)) }
    }

    mutating func proposeAsLeader(_ command: Bytes) {
        guard isLeader, !isTransferring(), membership.isVoter(id) else { return }
        append([.command(command)])
    }

    /// Appends entries of this leader's term and sends them to everyone at once, while they are
    /// being written here (thesis §10.2.1).
    mutating func append(_ payloads: [Entry.Payload]) {
        guard !payloads.isEmpty else { return }
        var bytes = 0
        for payload in payloads {
            let entry = Entry(term: term, index: log.lastIndex.next, payload: payload)
            bytes += entry.sizeBytes
            log.append(entry)
            if case .membership(let membership, _) = payload {
                adopt(membership, at: entry.index)
            }
        }
        leadership.uncommittedBytes += bytes
        sendAppends(evenIfEmpty: false)
    }
}
