import Planning
import ResourceModel
import Testing

@Suite struct EventAggregatorTests {
    private let now = WallTime(seconds: 1_000_000)

    private func note(
        _ message: String, reason: String = "Pulled", uid: String = "u", namespace: String = "a"
    ) -> EventNote {
        EventNote(
            about: ObjectReference(.pod, namespace, "web"), uid: uid, type: .normal,
            reason: reason, message: message, component: "tests")
    }

    @Test func `the same event again counts up, until it was long ago`() {
        var aggregator = EventAggregator(instance: "host")
        guard case .create(let event) = aggregator.record(note("one"), at: now) else {
            Issue.record("nothing is created")
            return
        }
        #expect(event["count"] == 1 && event["reason"] == "Pulled" && event["type"] == "Normal")
        #expect(event.value(at: "involvedObject.uid") == "u")
        #expect(event["firstTimestamp"] == "1970-01-12T13:46:40Z")
        let name = ObjectReference(
            .event, "a", event.value(at: "metadata.name").stringValue ?? "")
        let later = now.adding(seconds: 60)
        let write = aggregator.record(note("one"), at: later)
        #expect(write == .patch(name, ["count": 2, "lastTimestamp": later.json]))
        guard case .create = aggregator.record(note("one"), at: later.adding(seconds: 601)) else {
            Issue.record("an event of long ago counts up")
            return
        }
    }

    @Test func `many similar events become one`() {
        var aggregator = EventAggregator(instance: "host")
        var created: [String] = []
        for number in 0..<15 {
            if case .create(let event)? = aggregator.record(note("try \(number)"), at: now) {
                created.append(event["message"].stringValue ?? "")
            }
        }
        #expect(created == (0..<9).map { "try \($0)" } + ["(combined from similar events)"])
    }

    @Test func `an object that tells without end is muted, others are not`() {
        var aggregator = EventAggregator(instance: "host")
        let told = (0..<100).filter {
            aggregator.record(note("m", reason: "R\($0)"), at: now) != nil
        }
        #expect(told.count == 25)
        let other = aggregator.record(note("m", uid: "other"), at: now)
        #expect(other != nil)
        let tooSoon = aggregator.record(note("m"), at: now.adding(seconds: 299))
        #expect(tooSoon == nil)
        let later = aggregator.record(note("m"), at: now.adding(seconds: 301))
        #expect(later != nil)
    }

    @Test func `events of the cluster's own objects are told in the default namespace`() {
        var aggregator = EventAggregator(instance: "host")
        guard case .create(let event)? = aggregator.record(note("m", namespace: ""), at: now) else {
            Issue.record("nothing is created")
            return
        }
        #expect(event.value(at: "metadata.namespace") == "default")
        #expect(event.value(at: "involvedObject.namespace") == nil)
    }
}
