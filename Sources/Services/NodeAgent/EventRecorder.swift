internal import APIClient
internal import Planning
internal import Reconciliation
internal import ResourceModel

/// Tells what happens to pods, as far as `EventAggregator` lets it; best effort.
actor EventRecorder {
    private let client: ObjectClient
    private let clockwork: Clockwork
    private var aggregator: EventAggregator

    init(client: ObjectClient, instance: String, clockwork: Clockwork) {
        self.client = client
        self.clockwork = clockwork
        aggregator = EventAggregator(instance: instance)
    }

    func tell(_ type: EventNote.Kind, _ reason: String, _ message: String, about pod: JSON) async {
        let pod = Resource(pod)
        let note = EventNote(
            about: pod.reference, uid: pod.uid, type: type, reason: reason, message: message,
            component: "kubelet")
        guard let write = aggregator.record(note, at: clockwork.wall()) else { return }
        do throws(APIFailure) {
            switch write {
            case .create(let event):
                _ = try await client.create(
                    event,
                    at: ObjectClient.Address(.event, namespace: Resource(event).namespace))
            case .patch(let reference, let patch):
                _ = try await client.patch(reference.address, patch)
            }
        } catch {
            // An event less.
        }
    }
}
