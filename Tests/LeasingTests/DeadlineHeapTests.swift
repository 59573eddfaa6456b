import Primitives
import Testing

@testable import Leasing

@Suite struct `The heap of deadlines` {
    @Test func `it gives the earliest slot, whatever moved or left`() {
        var random = SplitMix64(seed: 3)
        var heap = DeadlineHeap()
        var times: [Int: Int64] = [:]
        for _ in 0..<5_000 {
            let slot = random.below(40)
            if random.chance(0.3) {
                heap.remove(slot)
                times[slot] = nil
            } else {
                let time = Int64(random.below(30))
                heap.set(slot, to: time)
                times[slot] = time
            }
            #expect(heap.isConsistent)
            #expect(heap.count == times.count)
            #expect(heap[slot] == times[slot])
            let earliest = times.min { ($0.value, $0.key) < ($1.value, $1.key) }
            #expect(heap.first?.slot == earliest?.key)
            #expect(heap.first?.nanoseconds == earliest?.value)
        }
        heap.removeAll()
        #expect(heap.first == nil)
        #expect(heap[0] == nil)
    }
}
