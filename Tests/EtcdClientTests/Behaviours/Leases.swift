import Primitives
import StoreModel
import Testing

extension Behaviour {
    static let leases: [Behaviour] = [
        Behaviour("the keys of a lease go with it, in one revision") { bench in
            let lease = try await bench.client.grantLease(ttlSeconds: 600)
            try await bench.put("a", lease: lease)
            try await bench.put("b", lease: lease)
            let other = try await bench.put("c")
            #expect(try await bench.get("a")?.lease == lease)
            let watch = bench.client.watch(
                WatchRequest(bench.everything, startRevision: other.next))
            try await bench.client.revokeLease(lease)
            let events = try await watch.events(2)
            #expect(events.map(\.kind) == [.delete, .delete])
            #expect(events.map(\.keyValue.modRevision) == [other.next, other.next])
            #expect(try await bench.get("a") == nil)
            #expect(try await bench.get("c") != nil)
        },
        Behaviour("a lease is renewed while it is there") { bench in
            let lease = try await bench.client.grantLease(ttlSeconds: 600)
            for _ in 0..<3 {
                #expect(try await bench.client.keepAlive(lease) == 600)
            }
            try await bench.client.revokeLease(lease)
            #expect(try await bench.client.keepAlive(lease) == 0)
            let failure = await bench.failure { try await bench.client.revokeLease(lease) }
            #expect(failure == .store(.leaseNotFound))
        },
        Behaviour("many leases are renewed at once") { bench in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let seconds = Int64(600 + number)
                        let lease = try await bench.client.grantLease(ttlSeconds: seconds)
                        #expect(try await bench.client.keepAlive(lease) == seconds)
                        try await bench.client.revokeLease(lease)
                    }
                }
                try await group.waitForAll()
            }
        },
        Behaviour("a lease for ages is refused") { bench in
            let failure = await bench.failure {
                _ = try await bench.client.grantLease(ttlSeconds: 9_000_000_001)
            }
            #expect(failure == .store(.leaseTTLTooLarge))
        },
    ]
}
