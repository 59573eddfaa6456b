import Primitives
import StoreModel
import Testing

extension Behaviour {
    static let transactions: [Behaviour] = [
        Behaviour("a key is created once") { bench in
            let range = KeyRange(key: bench.key("a"))
            let create = TransactionRequest(
                compares: [Compare(range, .equal, .mod(.zero))],
                success: [.put(PutRequest(key: range.key, value: [1]))],
                failure: [.range(RangeRequest(range))])
            let first = try await bench.client.transaction(create)
            #expect(first.answer == TransactionResponse(succeeded: true, parts: [.put(nil)]))
            let second = try await bench.client.transaction(create)
            #expect(!second.answer.succeeded)
            #expect(second.revision == first.revision)
            guard case .range(let found) = second.answer.parts.first else {
                Issue.record("no range in \(second.answer)")
                return
            }
            #expect(found.keyValues.map(\.modRevision) == [first.revision])
        },
        Behaviour("a transaction makes one revision, whatever it does") { bench in
            try await bench.put("old", "gone")
            let answer = try await bench.client.transaction(
                TransactionRequest(success: [
                    .put(PutRequest(key: bench.key("a"), value: [])),
                    .deleteRange(
                        DeleteRangeRequest(
                            KeyRange(key: bench.key("old")), wantsPrevious: true)),
                    .put(PutRequest(key: bench.key("b"), value: [], wantsPrevious: true)),
                ]))
            guard case .deleteRange(let deleted) = answer.answer.parts[1] else {
                Issue.record("no deletion in \(answer.answer)")
                return
            }
            #expect(deleted.deleted == 1)
            #expect(deleted.previous.map(\.value) == [Bytes("gone".utf8)])
            #expect(answer.answer.parts[2] == .put(nil))
            for name in ["a", "b"] {
                #expect(try await bench.get(name)?.modRevision == answer.revision)
            }
        },
        Behaviour("a transaction that only reads makes no revision") { bench in
            let revision = try await bench.put("a", "1")
            let read = TransactionRequest(
                success: [.range(RangeRequest(KeyRange(key: bench.key("a"))))])
            let answer = try await bench.client.transaction(read)
            #expect(answer.revision == revision)
            guard case .range(let found) = answer.answer.parts.first else {
                Issue.record("no range in \(answer.answer)")
                return
            }
            #expect(found.keyValues.map(\.value) == [Bytes("1".utf8)])
        },
        Behaviour("conditions of every kind decide, and transactions nest") { bench in
            let range = KeyRange(key: bench.key("a"))
            let revision = try await bench.put("a", "m")
            let conditions: [(Compare, Bool)] = [
                (Compare(range, .equal, .version(1)), true),
                (Compare(range, .greater, .version(1)), false),
                (Compare(range, .equal, .create(revision)), true),
                (Compare(range, .less, .mod(revision)), false),
                (Compare(range, .greater, .value(Bytes("l".utf8))), true),
                (Compare(range, .notEqual, .lease(.zero)), false),
                (Compare(bench.everything, .equal, .mod(revision)), true),
            ]
            for (condition, holds) in conditions {
                let inner = TransactionRequest(compares: [condition])
                let request = TransactionRequest(success: [.transaction(inner)])
                let answer = try await bench.client.transaction(request).answer
                #expect(
                    answer.parts == [.transaction(TransactionResponse(succeeded: holds))],
                    "\(condition)")
            }
        },
        Behaviour("a wrong transaction is refused and changes nothing") { bench in
            let put = PutRequest(key: bench.key("a"), value: [])
            let twice = TransactionRequest(success: [.put(put), .put(put)])
            let twiceFailure = await bench.failure { _ = try await bench.client.transaction(twice) }
            #expect(twiceFailure == .store(.duplicateKey))
            let many = TransactionRequest(
                success: (0..<129).map { .put(PutRequest(key: bench.key("\($0)"), value: [])) })
            let manyFailure = await bench.failure { _ = try await bench.client.transaction(many) }
            #expect(manyFailure == .store(.tooManyOperations))
            let empty = TransactionRequest(success: [.put(PutRequest(key: [], value: []))])
            let emptyFailure = await bench.failure { _ = try await bench.client.transaction(empty) }
            #expect(emptyFailure == .store(.emptyKey))
            let leaseFailure = await bench.failure {
                try await bench.put("a", lease: LeaseID(0x7777_1234))
            }
            #expect(leaseFailure == .store(.leaseNotFound))
            let range = RangeRequest(bench.everything)
            let read = try await bench.client.range(range, isSerializable: false)
            #expect(read.answer.count == 0)
        },
        Behaviour("a request that is too large is refused") { bench in
            let large = String(repeating: "v", count: 1_600_000)
            let failure = await bench.failure { try await bench.put("a", large) }
            #expect(isRefused(failure), "\(String(describing: failure))")
            let read = try await bench.get("a")
            #expect(read == nil)
        },
    ]
}
