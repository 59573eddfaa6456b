internal import Primitives
internal import StoreModel

extension ByteWriter {
    /// Appends a command: its tag, then its fields.
    mutating func write(_ command: Command) {
        switch command {
        case .put(let put):
            write(Command.Tag.put.rawValue)
            write(put)
        case .deleteRange(let request):
            write(Command.Tag.deleteRange.rawValue)
            write(request)
        case .transaction(let request):
            write(Command.Tag.transaction.rawValue)
            write(request)
        case .compact(let revision):
            write(Command.Tag.compact.rawValue)
            write(revision.rawValue)
        case .leaseGrant, .leaseRevoke, .leaseExpire, .leaseCheckpoint:
            writeLeaseCommand(command)
        case .activateAlarm(let alarm):
            write(Command.Tag.activateAlarm.rawValue)
            write(alarm)
        case .deactivateAlarm(let alarm):
            write(Command.Tag.deactivateAlarm.rawValue)
            write(alarm)
        case .setMember(let id, let attributes):
            write(Command.Tag.setMember.rawValue)
            write(id.rawValue)
            write(attributes != nil)
            attributes?.write(into: &self)
        }
    }

    private mutating func writeLeaseCommand(_ command: Command) {
        switch command {
        case .leaseGrant(let id, let ttlSeconds):
            write(Command.Tag.leaseGrant.rawValue)
            write(id.rawValue)
            write(ttlSeconds)
        case .leaseRevoke(let id):
            write(Command.Tag.leaseRevoke.rawValue)
            write(id.rawValue)
        case .leaseExpire(let ids, let term, let asOf):
            write(Command.Tag.leaseExpire.rawValue)
            write(term.rawValue)
            write(asOf.rawValue)
            write(UInt32(ids.count))
            for id in ids { write(id.rawValue) }
        case .leaseCheckpoint(let checkpoints, let term, let asOf):
            write(Command.Tag.leaseCheckpoint.rawValue)
            write(term.rawValue)
            write(asOf.rawValue)
            write(UInt32(checkpoints.count))
            for checkpoint in checkpoints {
                write(checkpoint.id.rawValue)
                write(checkpoint.remainingSeconds)
            }
        default: invariant(false, "\(command) is not about leases")
        }
    }

    private mutating func write(_ alarm: Alarm) {
        write(alarm.member.rawValue)
        write(alarm.kind.rawValue)
    }

    private mutating func write(_ range: KeyRange) {
        writeCounted(range.key)
        writeCounted(range.end)
    }

    private mutating func write(_ put: PutRequest) {
        var flags: UInt8 = 0
        if put.wantsPrevious { flags |= 1 }
        if put.ignoresValue { flags |= 2 }
        if put.ignoresLease { flags |= 4 }
        write(flags)
        write(put.lease.rawValue)
        writeCounted(put.key)
        writeCounted(put.value)
    }

    private mutating func write(_ request: DeleteRangeRequest) {
        write(request.wantsPrevious)
        write(request.range)
    }

    private mutating func write(_ request: RangeRequest) {
        var flags: UInt8 = 0
        if request.isKeysOnly { flags |= 1 }
        if request.isCountOnly { flags |= 2 }
        write(flags)
        write(request.sortOrder.rawValue)
        write(request.sortTarget.rawValue)
        write(request.limit)
        write(request.revision.rawValue)
        write(request.minModRevision.rawValue)
        write(request.maxModRevision.rawValue)
        write(request.minCreateRevision.rawValue)
        write(request.maxCreateRevision.rawValue)
        write(request.range)
    }

    private mutating func write(_ request: TransactionRequest) {
        write(UInt32(request.compares.count))
        for compare in request.compares { write(compare) }
        for branch in [request.success, request.failure] {
            write(UInt32(branch.count))
            for operation in branch { write(operation) }
        }
    }

    private mutating func write(_ compare: Compare) {
        write(compare.relation.rawValue)
        switch compare.operand {
        case .version(let wanted): write(0, wanted)
        case .create(let wanted): write(1, wanted.rawValue)
        case .mod(let wanted): write(2, wanted.rawValue)
        case .value(let wanted):
            write(UInt8(3))
            writeCounted(wanted)
        case .lease(let wanted): write(4, wanted.rawValue)
        }
        write(compare.range)
    }

    private mutating func write(_ tag: UInt8, _ number: Int64) {
        write(tag)
        write(number)
    }

    private mutating func write(_ operation: TransactionOperation) {
        switch operation {
        case .range(let request):
            write(UInt8(0))
            write(request)
        case .put(let put):
            write(Command.Tag.put.rawValue)
            write(put)
        case .deleteRange(let request):
            write(Command.Tag.deleteRange.rawValue)
            write(request)
        case .transaction(let request):
            write(Command.Tag.transaction.rawValue)
            write(request)
        }
    }
}
