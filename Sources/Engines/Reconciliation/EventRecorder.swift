package import APIClient
package import Logging
package import Planning
internal import ResourceModel

/// Writes what happened as Event objects, as few as `EventAggregator` makes of it. Best effort:
/// whoever tells goes on without them.
package actor EventRecorder {
    private let client: ObjectClient
    private let clockwork: Clockwork
    private let log: Logger
    private var aggregator: EventAggregator

    /// - Parameter instance: where this runs, for `reportingInstance`.
    package init(client: ObjectClient, instance: String, clockwork: Clockwork, log: Logger) {
        self.client = client
        self.clockwork = clockwork
        self.log = log
        aggregator = EventAggregator(instance: instance)
    }

    /// Tells of something; `component` of the note is the field manager.
    package func tell(_ note: EventNote) async {
        guard let write = aggregator.record(note, at: clockwork.wall()) else { return }
        let client = client.asManager(note.component)
        do throws(APIFailure) {
            switch write {
            case .create(let event):
                let event = Resource(event)
                _ = try await client.create(
                    event.json,
                    at: ObjectClient.Address(event.kind, namespace: event.namespace))
            case .patch(let reference, let patch):
                _ = try await client.patch(reference.address, patch)
            }
        } catch {
            log.debug("an event was not recorded", metadata: ["reason": "\(error.message)"])
        }
    }
}
