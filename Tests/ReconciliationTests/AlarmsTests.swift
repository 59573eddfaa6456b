import Environment
import Testing

@testable import Reconciliation

@Suite struct AlarmsTests {
    @Test func `wake-ups by others leave no more alarms behind than there are delays`() {
        var alarms = Alarms()
        var asleep: [MonotonicInstant] = []
        var wakeUps = 0
        for second in 0..<10_000 as Range<Int64> {
            let now = MonotonicInstant(nanoseconds: second * 1_000_000_000)
            for alarm in asleep where alarm <= now {
                alarms.remove(alarm)
                asleep.removeAll { $0 == alarm }
                wakeUps += 1
            }
            // Somebody wakes it every second; twice a minute something is to be done soon.
            let next = now.adding(seconds: second % 30 == 0 ? 10 : 30)
            if alarms.add(next) { asleep.append(next) }
            #expect(alarms.count == asleep.count && asleep.count <= 2)
            #expect(asleep.contains { $0 <= next }, "it would sleep too long")
        }
        #expect(wakeUps <= 2 * 10_000 / 10)
    }
}
