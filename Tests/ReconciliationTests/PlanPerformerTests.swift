import APIClient
import Planning
import Primitives
import Reconciliation
import ResourceModel
import Testing

struct PlanPerformerTests {
    private static let job: JSON = [
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": ["name": "j", "namespace": "a", "resourceVersion": "7"],
        "spec": ["completions": 2],
        "status": ["active": 1, "uncountedTerminatedPods": ["succeeded": ["uid-1"]]],
    ]

    @Test(arguments: [true, false])
    func `a status is replaced whole, at every depth`(isKnown: Bool) async throws {
        let reference = Resource(Self.job).reference
        var answer = Self.job
        answer["metadata"]["resourceVersion"] = "8"
        let transport = ScriptedTransport(
            (isKnown ? [] : [.json(200, Self.job)]) + [.json(200, answer)])
        let performer = PlanPerformer(ObjectClient(transport, manager: "m"))
        let status: JSON = ["succeeded": 1, "uncountedTerminatedPods": [:]]
        let sign = try await performer.perform(
            .updateStatus(reference, status: status, resourceVersion: "7"),
            on: isKnown ? Self.job : nil)
        #expect(sign == .version(reference.kind, 8))
        let request = try #require(transport.sentRequests.last)
        #expect(request.method == "PUT")
        #expect(request.target == "/apis/batch/v1/namespaces/a/jobs/j/status?fieldManager=m")
        let sent = try JSON(parsing: request.body)
        #expect(sent["status"] == status)
        #expect(sent["metadata"]["resourceVersion"] == "7")
    }
}
