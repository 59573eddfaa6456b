import Primitives
import Testing

@testable import Simulator

/// What a seed means, and that leaving something out changes nothing else.
@Suite struct PlanTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `leaving an ingredient out leaves the other faults where they were`(_ seed: UInt64) {
        let full = RunPlan(RunRequest(seed: seed))
        for ingredient in full.ingredients.all {
            var request = RunRequest(seed: seed)
            request.without = [ingredient]
            let less = RunPlan(request)
            #expect(!less.ingredients.contains(ingredient))
            let kept = full.schedule.filter { $0.kind.ingredient != ingredient }
            #expect(less.schedule == kept, "without \(ingredient.name)")
            #expect(less.knobs.members == full.knobs.members)
            #expect(less.knobs.safetyNanoseconds == full.knobs.safetyNanoseconds)
        }
    }

    @Test func `faults can be left out by number`() throws {
        let full = RunPlan(RunRequest(seed: 2))
        let removed = try #require(full.schedule.first).id
        var request = RunRequest(seed: 2)
        request.withoutFaults = [removed]
        #expect(RunPlan(request).schedule == Array(full.schedule.dropFirst()))
    }

    @Test func `half of the runs of the mixed profile lack any given ingredient`() {
        var counts = [Ingredient: Int]()
        for seed in 0..<400 as Range<UInt64> {
            for ingredient in RunPlan(RunRequest(seed: seed, profile: .mixed)).ingredients.all {
                counts[ingredient, default: 0] += 1
            }
        }
        for ingredient in Ingredient.allCases where ingredient != .watches {
            #expect((140...260).contains(counts[ingredient, default: 0]), "\(ingredient.name)")
        }
    }

    @Test func `choices hang on what they are for and not on one another`() {
        let dice = Dice(seed: 5)
        var one = dice.generator(.message, 1, 2)
        var again = dice.generator(.message, 1, 2)
        #expect(one.next() == again.next())
        var others: Set<UInt64> = []
        for purpose in [Dice.Purpose.message, .crash, .job] {
            for who in 0..<10 as Range<UInt64> {
                for ordinal in 0..<10 as Range<UInt64> {
                    var generator = dice.generator(purpose, who, ordinal)
                    others.insert(generator.next())
                }
            }
        }
        #expect(others.count == 300)
    }

    @Test func `events come in order of time, then of when they were scheduled`() {
        var heap = EventHeap<Int>()
        var random = SplitMix64(seed: 1)
        var expected: [(time: Int64, event: Int)] = []
        for event in 0..<500 {
            let time = random.between(0, 40 as Int64)
            heap.push(event, at: time)
            expected.append((time, event))
        }
        expected.sort { ($0.time, $0.event) < ($1.time, $1.event) }
        #expect(heap.count == 500 && heap.nextTime == expected.first?.time)
        for (time, event) in expected {
            let next = heap.pop()
            #expect(next?.time == time && next?.event == event)
        }
        #expect(heap.pop() == nil)
    }

    @Test(arguments: PartitionShape.allCases, 2...6)
    func `a partition keeps somebody from somebody`(_ shape: PartitionShape, _ count: Int) {
        for seed in 0..<20 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let pairs = shape.pairs(Array(0..<count), leader: 1, using: &random)
            #expect(!pairs.isEmpty)
            #expect(pairs.allSatisfy { $0.one != $0.other })
            let cut = Set(pairs.map { [min($0.one, $0.other), max($0.one, $0.other)] })
            switch shape {
            case .one, .leader: #expect(cut.count == count - 1)
            case .shattered: #expect(cut.count == count * (count - 1) / 2)
            case .bridge where count >= 3, .ring where count >= 4:
                // Everyone still reaches somebody.
                for member in 0..<count {
                    #expect(cut.count { $0.contains(member) } < count - 1)
                }
            default: break
            }
            if shape == .leader { #expect(cut.allSatisfy { $0.contains(1) }) }
        }
    }

    @Test func `overlapping partitions end one by one`() {
        var network = Network()
        network.cut([(from: 0, to: 1), (from: 1, to: 0)], fault: 1)
        network.cut([(from: 0, to: 1)], fault: 2)
        network.heal(fault: 1)
        #expect(!network.isOpen(from: 0, to: 1))
        #expect(network.isOpen(from: 1, to: 0))
        network.heal(fault: 2)
        network.heal(fault: 2)
        #expect(network.isOpen(from: 0, to: 1))
        network.cut([(from: 2, to: 0)], fault: 3)
        network[Network.link(from: 0, to: 2)].cloggedUntil = 9
        network.healAll()
        #expect(network.isOpen(from: 2, to: 0))
        #expect(network[Network.link(from: 0, to: 2)].cloggedUntil == 0)
    }
}
