import ResourceModel
import ServiceModel
import Testing

@testable import NodeAgent

struct PodAddressTests {
    @Test func `each pod has an address of its own, and keeps it`() throws {
        var addresses = PodAddresses()
        var seen: Set<String> = []
        for number in 0..<500 {
            let text = addresses.address(of: .emptyObject, uid: "uid-\(number)")
            let address = try #require(IPv4Address(text))
            #expect(IPv4Range.pods.contains(address))
            #expect(address != IPv4Range.pods.first && address != IPv4Range.pods.last)
            #expect(seen.insert(text).inserted)
        }
        let again = addresses.address(of: .emptyObject, uid: "uid-7")
        #expect(seen.contains(again))
    }

    @Test func `a pod that has an address is believed, and nobody else gets it`() {
        var fresh = PodAddresses()
        let wanted = fresh.address(of: .emptyObject, uid: "a")
        // The agent comes back, and another pod has what `a` would begin with.
        var addresses = PodAddresses()
        let other: JSON = ["status": ["podIP": .string(wanted)]]
        #expect(addresses.address(of: other, uid: "b") == wanted)
        let next = addresses.address(of: .emptyObject, uid: "a")
        #expect(next != wanted)
        addresses.release("b")
        #expect(addresses.address(of: .emptyObject, uid: "a") == next)
        addresses.release("a")
        #expect(addresses.address(of: .emptyObject, uid: "a") == wanted)
    }
}
