import Primitives
import StoreModel
import Testing

extension Behaviour {
    static let reads: [Behaviour] = [
        Behaviour("a key that is not there reads as nothing, at the store's revision") { bench in
            let revision = try await bench.put("other")
            let range = RangeRequest(KeyRange(key: bench.key("missing")))
            for isSerializable in [false, true] {
                let read = try await bench.client.range(range, isSerializable: isSerializable)
                #expect(read.answer == RangeResponse())
                #expect(read.revision == revision)
            }
        },
        Behaviour("a key has its revisions, version and value") { bench in
            let first = try await bench.put("a", "1")
            let second = try await bench.put("a", "2")
            let expected = KeyValue(
                key: bench.key("a"), value: Bytes("2".utf8), createRevision: first,
                modRevision: second, version: 2, lease: .zero)
            #expect(try await bench.get("a") == expected)
            #expect(second == first.next)
        },
        Behaviour("values and keys may be any bytes, values also empty") { bench in
            let key = bench.key("") + Bytes(0...255)
            let put = PutRequest(key: key, value: [])
            _ = try await bench.client.transaction(TransactionRequest(success: [.put(put)]))
            let read = try await bench.client.range(
                RangeRequest(bench.everything), isSerializable: false)
            #expect(read.answer.keyValues.map(\.key) == [key])
            #expect(read.answer.keyValues.map(\.value) == [[]])
        },
        Behaviour("a limit cuts a range and the count goes on") { bench in
            for name in ["a", "b", "c"] { try await bench.put(name) }
            let range = RangeRequest(bench.everything, limit: 2)
            let answer = try await bench.client.range(range, isSerializable: false).answer
            #expect(answer.keyValues.map(\.key) == [bench.key("a"), bench.key("b")])
            #expect(answer.hasMore)
            #expect(answer.count == 3)
        },
        Behaviour("a range can be read as it was") { bench in
            let revision = try await bench.put("a", "old")
            try await bench.put("a", "new")
            try await bench.put("b")
            let range = RangeRequest(bench.everything, revision: revision)
            let read = try await bench.client.range(range, isSerializable: false)
            #expect(read.answer.keyValues.map(\.value) == [Bytes("old".utf8)])
            #expect(read.revision == revision.next.next)
        },
        Behaviour("a range can be sorted, without values, or only counted") { bench in
            for name in ["b", "c", "a"] { try await bench.put(name, name) }
            let sorted = RangeRequest(
                bench.everything, sortOrder: .descending, sortTarget: .mod, isKeysOnly: true)
            let answer = try await bench.client.range(sorted, isSerializable: false).answer
            #expect(answer.keyValues.map(\.key) == ["a", "c", "b"].map(bench.key))
            #expect(answer.keyValues.allSatisfy { $0.value.isEmpty })
            let count = RangeRequest(bench.everything, isCountOnly: true)
            let counted = try await bench.client.range(count, isSerializable: false).answer
            #expect(counted == RangeResponse(count: 3))
        },
        Behaviour("a large answer comes whole") { bench in
            let value = String(repeating: "v", count: 100_000)
            for number in 10..<90 { try await bench.put("\(number)", value) }
            let read = try await bench.client.range(
                RangeRequest(bench.everything), isSerializable: false)
            #expect(read.answer.keyValues.count == 80)
            #expect(read.answer.keyValues.allSatisfy { $0.value.count == 100_000 })
        },
        Behaviour("an empty key and a future revision are refused") { bench in
            let revision = try await bench.put("a")
            let empty = await bench.failure {
                _ = try await bench.client.range(
                    RangeRequest(KeyRange(key: [])), isSerializable: false)
            }
            #expect(empty == .store(.emptyKey))
            let future = await bench.failure {
                _ = try await bench.get("a", at: revision.next)
            }
            #expect(isFuture(future))
        },
    ]
}
