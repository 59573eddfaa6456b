import Primitives
import ResourceModel
import Testing

@testable import APIClient

@Suite struct ObjectClientTests {
    static let pod = GroupVersionKind(group: "", version: "v1", kind: "Pod")
    static let deployment = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
    static let node = GroupVersionKind(group: "", version: "v1", kind: "Node")

    private func client(
        _ script: [(status: Int, pieces: [String])], manager: String = "me"
    ) -> (ObjectClient, ScriptedTransport) {
        let transport = ScriptedTransport(script)
        return (ObjectClient(transport, manager: manager), transport)
    }

    @Test func `addresses name group, namespace, name and subresource`() throws {
        func path(_ address: ObjectClient.Address) throws -> String { try address.path() }
        #expect(try path(.init(Self.pod)) == "/api/v1/pods")
        #expect(
            try path(.init(Self.pod, namespace: "a", name: "b", subresource: "status"))
                == "/api/v1/namespaces/a/pods/b/status")
        #expect(
            try path(.init(Self.deployment, namespace: "a"))
                == "/apis/apps/v1/namespaces/a/deployments")
        // A node has no namespace, whatever somebody says.
        #expect(try path(.init(Self.node, namespace: "a", name: "n")) == "/api/v1/nodes/n")
        #expect(
            try path(.init(Self.pod, namespace: "a", name: "../b?c"))
                == "/api/v1/namespaces/a/pods/..%2Fb%3Fc")
        #expect(throws: APIFailure.pageNotFound) {
            try path(.init(GroupVersionKind(group: "x.org", version: "v1", kind: "Y")))
        }
    }

    @Test func `what goes into a query is escaped`() async throws {
        let (client, transport) = client(
            [(200, ["{}"])], manager: "a&b=c d/é%+")
        _ = try await client.create([:], at: .init(Self.pod, namespace: "default"))
        let target = "/api/v1/namespaces/default/pods?fieldManager=a%26b%3Dc%20d%2F%C3%A9%25%2B"
        #expect(
            transport.requests
                == [APIRequest("POST", target, contentType: "application/json", body: "{}".bytes)])
    }

    @Test func `a list fetches page after page and says what its items are`() async throws {
        let (client, transport) = client([
            (
                200,
                [
                    #"{"metadata":{"resourceVersion":"7","continue":"a/b="},"#,
                    #""items":[{"metadata":{"name":"one"}}]}"#,
                ]
            ),
            (200, [#"{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"two"}}]}"#]),
        ])
        let list = try await client.list(Self.deployment, fieldSelector: "spec.nodeName=n1")
        #expect(list.resourceVersion == 7)
        #expect(list.objects.map { $0["metadata"]["name"] } == ["one", "two"])
        #expect(list.objects.allSatisfy { $0["apiVersion"] == "apps/v1" })
        #expect(list.objects.allSatisfy { $0["kind"] == "Deployment" })
        let base = "/apis/apps/v1/deployments?limit=500&fieldSelector=spec.nodeName%3Dn1"
        #expect(transport.requests.map(\.target) == [base, base + "&continue=a%2Fb%3D"])
    }

    @Test func `a list without a version is refused`() async throws {
        let (client, _) = client([(200, [#"{"metadata":{},"items":[]}"#])])
        await #expect(throws: APIFailure.self) { try await client.list(Self.pod) }
    }

    @Test func `a page whose place is forgotten says so`() async throws {
        let expired = APIFailure.expired("The provided continue parameter is too old")
        let (client, _) = client([
            (200, [#"{"metadata":{"resourceVersion":"7","continue":"x"},"items":[]}"#]),
            (410, [expired.status.encodedText]),
        ])
        await #expect(throws: expired) { try await client.list(Self.pod) }
    }

    @Test func `failures are what the Status says`() async throws {
        let failure = APIFailure.modified(GroupName("pods", group: ""), "a")
        let (client, _) = client([(409, [failure.status.encodedText])])
        await #expect(throws: failure) {
            try await client.update([:], at: .init(Self.pod, namespace: "x", name: "a"))
        }
    }

    @Test func `an answer that is no Status fails with its code`() async throws {
        let (client, _) = client([
            (502, ["<html>Bad gateway</html>"]), (403, [#"{"kind":"Pod"}"#]), (429, []),
        ])
        let address = ObjectClient.Address(Self.pod, namespace: "x", name: "a")
        for code in [502, 403, 429] {
            let failure = APIFailure(code, .unknown, "the server answered \(code)")
            await #expect(throws: failure) { try await client.get(address) }
        }
    }

    @Test func `a good answer that is no JSON is none`() async throws {
        let (client, _) = client([(200, ["<html>"]), (200, ["{\"a\":"]), (200, [])])
        let address = ObjectClient.Address(Self.pod, namespace: "x", name: "a")
        for _ in 1...4 {
            let failure = await #expect(throws: APIFailure.self) { try await client.get(address) }
            #expect(failure?.reason == .serviceUnavailable)
        }
    }

    @Test func `a delete names the object's uid`() async throws {
        let (client, transport) = client([(200, ["{}"]), (200, ["{}"])])
        let address = ObjectClient.Address(Self.pod, namespace: "x", name: "a")
        try await client.delete(address, uid: "u-1", propagation: "Orphan")
        try await client.delete(address, uid: "u-1", graceSeconds: 0)
        let bodies = try transport.requests.map { try JSON(parsing: $0.body) }
        #expect(bodies[0]["preconditions"]["uid"] == "u-1")
        #expect(bodies[0]["propagationPolicy"] == "Orphan")
        #expect(bodies[0]["gracePeriodSeconds"] == nil && bodies[1]["gracePeriodSeconds"] == 0)
    }
}

extension String {
    fileprivate var bytes: Bytes { Array(utf8) }
}
