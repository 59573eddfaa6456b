import Primitives
import StoreModel

// The words in which violations name operations. Golden-tested: people read them first.

/// Bytes as quoted text where they are printable ASCII, else as hexadecimal; long ones are cut.
func describe(_ bytes: Bytes) -> String {
    let cut = bytes.count > 40
    let shown = bytes.prefix(40)
    let isPrintable = shown.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 }
    let text: String
    if isPrintable {
        text = "\"" + String(decoding: shown, as: UTF8.self) + "\""
    } else {
        let digits = Array("0123456789abcdef")
        text = "0x" + String(shown.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
    return cut ? text + "…(\(bytes.count) bytes)" : text
}

/// A range as one key, or its bounds.
func describe(_ range: KeyRange) -> String {
    if range.isSingleKey { return describe(range.key) }
    return describe(range.key) + "..<" + (range.isUnbounded ? "end" : describe(range.end))
}

/// A version of a key.
func describe(_ version: KeyValue) -> String {
    var text = "\(describe(version.key))=\(describe(version.value))"
    text += " (create \(version.createRevision), mod \(version.modRevision)"
    text += ", version \(version.version)"
    if version.lease != .zero { text += ", lease \(version.lease)" }
    return text + ")"
}

/// A version of a key that may be missing.
func describe(_ version: KeyValue?) -> String {
    version.map(describe) ?? "nothing"
}

/// An event.
func describe(_ event: Event) -> String {
    switch event.kind {
    case .put: return "put " + describe(event.keyValue)
    case .delete:
        return "delete \(describe(event.keyValue.key)) (mod \(event.keyValue.modRevision))"
    }
}

/// Events in order.
func describe(_ events: [Event]) -> String {
    "[" + events.map(describe).joined(separator: ", ") + "]"
}

/// A request, as a call.
func describe(_ request: HistoryRequest) -> String {
    switch request {
    case .put(let put): return describe(put)
    case .range(let range, let isSerializable):
        return (isSerializable ? "serializable " : "") + describe(range)
    case .deleteRange(let deletion): return "delete(\(describe(deletion.range)))"
    case .transaction(let transaction): return describe(transaction)
    case .compact(let revision): return "compact(\(revision))"
    case .leaseGrant(let id, let ttl): return "grant(lease \(id), \(ttl) s)"
    case .leaseRevoke(let id): return "revoke(lease \(id))"
    }
}

private func describe(_ put: PutRequest) -> String {
    let lease = put.lease == .zero ? "" : ", lease \(put.lease)"
    return "put(\(describe(put.key)), \(describe(put.value))\(lease))"
}

private func describe(_ range: RangeRequest) -> String {
    let revision = range.revision > .zero ? " at \(range.revision)" : ""
    return "range(\(describe(range.range))\(revision))"
}

private func describe(_ transaction: TransactionRequest) -> String {
    func list(_ operations: [TransactionOperation]) -> String {
        operations.map { operation in
            switch operation {
            case .range(let range): return describe(range)
            case .put(let put): return describe(put)
            case .deleteRange(let deletion): return "delete(\(describe(deletion.range)))"
            case .transaction(let nested): return describe(nested)
            }
        }.joined(separator: "; ")
    }
    let conditions = transaction.compares.map { compare in
        "\(compare.operand.name) of \(describe(compare.range)) \(compare.relation.sign) "
            + compare.operand.text
    }
    var text = "txn("
    if !conditions.isEmpty { text += "if " + conditions.joined(separator: " and ") + " " }
    text += "then [\(list(transaction.success))]"
    if !transaction.failure.isEmpty { text += " else [\(list(transaction.failure))]" }
    return text + ")"
}

extension Compare.Operand {
    /// What is compared.
    fileprivate var name: String {
        switch self {
        case .version: return "version"
        case .create: return "create"
        case .mod: return "mod"
        case .value: return "value"
        case .lease: return "lease"
        }
    }

    /// What it is compared with.
    fileprivate var text: String {
        switch self {
        case .version(let version): return "\(version)"
        case .create(let revision), .mod(let revision): return "\(revision)"
        case .value(let value): return describe(value)
        case .lease(let lease): return "\(lease)"
        }
    }
}

extension Compare.Relation {
    /// The usual sign.
    fileprivate var sign: String {
        switch self {
        case .equal: return "="
        case .greater: return ">"
        case .less: return "<"
        case .notEqual: return "!="
        }
    }
}
