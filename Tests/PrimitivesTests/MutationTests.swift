import Primitives
import Testing

@Suite struct `Deliberate bugs` {
    #if SIMULATION
    private static let isSimulation = true
    #else
    private static let isSimulation = false
    #endif

    @Test func `none is active unless switched on`() {
        let nothing: Mutation? = nil
        for mutation in Mutation.allCases {
            #expect(!nothing.isActive(mutation))
        }
    }

    @Test(arguments: Mutation.allCases)
    func `only the one switched on is active, and only in simulator builds`(_ chosen: Mutation) {
        let configured: Mutation? = chosen
        for mutation in Mutation.allCases {
            #expect(configured.isActive(mutation) == (Self.isSimulation && mutation == chosen))
        }
    }

    @Test func `they are numbered without gaps, the canary last`() {
        #expect(Mutation.allCases.map(\.rawValue) == Array(1...30))
        #expect(Mutation.canary.rawValue == 30)
    }
}
