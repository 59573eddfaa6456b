import Primitives
import StoreModel
import Testing

/// One thing that every client of every store does alike.
struct Behaviour: Sendable {
    let name: String
    let run: @Sendable (Workbench) async throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (Workbench) async throws -> Void) {
        self.name = name
        self.run = run
    }

    /// All of them, in the order in which they run on one store.
    static let all = reads + transactions + leases + watches + compaction
}

/// A store with a part of the key space for one behaviour.
struct Workbench: Sendable {
    let client: any KeyValueClient
    let prefix: String

    func key(_ name: String) -> Bytes { Bytes("\(prefix)/\(name)".utf8) }

    /// All keys of this behaviour.
    var everything: KeyRange {
        KeyRange(key: Bytes("\(prefix)/".utf8), end: Bytes("\(prefix)0".utf8))
    }

    /// Puts a value and answers with the revision.
    @discardableResult
    func put(
        _ name: String, _ value: String = "", lease: LeaseID = .zero
    ) async throws -> Revision {
        let put = PutRequest(key: key(name), value: Bytes(value.utf8), lease: lease)
        return try await client.transaction(TransactionRequest(success: [.put(put)])).revision
    }

    @discardableResult
    func delete(_ name: String) async throws -> Revision {
        let request = DeleteRangeRequest(KeyRange(key: key(name)))
        let transaction = TransactionRequest(success: [.deleteRange(request)])
        return try await client.transaction(transaction).revision
    }

    func get(_ name: String, at revision: Revision = .zero) async throws -> KeyValue? {
        let request = RangeRequest(KeyRange(key: key(name)), revision: revision)
        return try await client.range(request, isSerializable: false).answer.keyValues.first
    }

    /// The failure of a call that must fail.
    func failure(_ call: () async throws -> Void) async -> KeyValueFailure? {
        do {
            try await call()
            return nil
        } catch let failure as KeyValueFailure {
            return failure
        } catch {
            Issue.record("an error of another kind: \(error)")
            return nil
        }
    }
}

/// A store's compact or current revision, which comes with a refusal, is not told over the wire.
func isCompacted(_ failure: KeyValueFailure?) -> Bool {
    if case .store(.compacted) = failure { true } else { false }
}

func isFuture(_ failure: KeyValueFailure?) -> Bool {
    if case .store(.futureRevision) = failure { true } else { false }
}

func isRefused(_ failure: KeyValueFailure?) -> Bool {
    if case .refused = failure { true } else { false }
}

extension KeyValueWatch {
    /// The next events, however many batches they come in, until there are `count`.
    func events(_ count: Int) async throws -> [Event] {
        var events: [Event] = []
        while events.count < count, let batch = try await next() {
            events += batch.events
        }
        return events
    }
}
