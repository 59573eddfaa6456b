import ClusterAccess
import HTTPClient
import Primitives
import Testing

/// Configuration files of kubectl.
@Suite struct KubeconfigTests {
    private static let text = """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters:
        - name: c1
          cluster: {server: "https://s1:6443/", certificate-authority-data: Y2E=}
        - name: c2
          cluster: {server: "http://s2", certificate-authority: ca.crt}
        users:
        - name: u1
          user: {client-certificate-data: Y2VydA==, client-key: /keys/u1.key}
        - name: u2
          user: {token: secret}
        - name: u3
          user: {exec: {command: get-token}}
        contexts:
        - name: one
          context: {cluster: c1, user: u1, namespace: shop}
        - name: two
          context: {cluster: c2, user: u2}
        - name: three
          context: {cluster: c1, user: u3}
        - name: four
          context: {cluster: c9, user: u1}
        """

    private func configuration(_ text: String = text) throws -> Kubeconfig {
        var configuration = Kubeconfig()
        try configuration.merge(Bytes(text.utf8), from: "/etc/k/config")
        return configuration
    }

    private func access(_ change: (inout Kubeconfig.Overrides) -> Void = { _ in }) throws
        -> ClusterEndpoint
    {
        var overrides = Kubeconfig.Overrides()
        change(&overrides)
        return try configuration().access(overrides) { Bytes("file \($0)".utf8) }
    }

    @Test func `the current context counts`() throws {
        let endpoint = try access()
        #expect(endpoint.server == "https://s1:6443")
        #expect(endpoint.place == "s1:6443")
        #expect(endpoint.namespace == "shop")
        #expect(endpoint.contextName == "one")
        #expect(endpoint.identity.authorities == Bytes("ca".utf8))
        #expect(endpoint.identity.certificate == Bytes("cert".utf8))
        #expect(endpoint.identity.key == Bytes("file /keys/u1.key".utf8))
    }

    @Test func `files are named from the folder of the configuration`() throws {
        let endpoint = try access { $0.context = "two" }
        #expect(endpoint.identity.authorities == Bytes("file /etc/k/ca.crt".utf8))
        #expect(endpoint.headers == [.bearer("secret")])
        #expect(endpoint.namespace == "default")
    }

    @Test func `what is asked for counts before what is written`() throws {
        let endpoint = try access {
            $0.cluster = "c2"
            $0.user = "u2"
            $0.namespace = "other"
            $0.token = "mine"
            $0.server = "s3:1"
            $0.trustsAnyone = true
            $0.impersonatedUser = "jane"
            $0.impersonatedGroups = ["readers"]
        }
        #expect(endpoint.server == "https://s3:1")
        #expect(endpoint.namespace == "other")
        #expect(endpoint.identity.trustsAnyone)
        #expect(
            endpoint.headers == [
                .bearer("mine"), HTTPHeader("Impersonate-User", "jane"),
                HTTPHeader("Impersonate-Group", "readers"),
            ])
    }

    @Test func `of several files the first that knows a name counts`() throws {
        var configuration = try configuration()
        let other = """
            current-context: two
            clusters:
            - {name: c1, cluster: {server: "https://wrong"}}
            - {name: c9, cluster: {server: s9}}
            """
        try configuration.merge(Bytes(other.utf8), from: "b")
        var overrides = Kubeconfig.Overrides()
        #expect(try configuration.access(overrides) { _ in [] }.server == "https://s1:6443")
        overrides.context = "four"
        #expect(try configuration.access(overrides) { _ in [] }.server == "https://s9")
    }

    @Test func `what makes no sense is refused in words`() throws {
        func failure(_ change: (inout Kubeconfig.Overrides) -> Void) -> String {
            do {
                _ = try access(change)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(failure { $0.context = "nine" } == "context \"nine\" does not exist")
        #expect(failure { $0.context = "four" } == "cluster \"c9\" does not exist")
        #expect(failure { $0.user = "u9" } == "auth info \"u9\" does not exist")
        #expect(failure { $0.context = "three" }.contains("plugin"))
        #expect(failure { $0.impersonatedGroups = ["g"] }.contains("without impersonating"))
        #expect(throws: Kubeconfig.Failure.self) {
            try Kubeconfig().access { _ in [] }
        }
        #expect(throws: Kubeconfig.Failure.self) { try configuration("a: [") }
        #expect(throws: Kubeconfig.Failure.self) { try configuration("[]") }
    }

    @Test func `a name that is nearly right is suggested`() {
        let names = ["pods", "deployments", "services", "no"]
        #expect(Suggestion.nearest(to: "pdos", among: names) == "pods")
        #expect(Suggestion.nearest(to: "deploymnets", among: names) == "deployments")
        #expect(Suggestion.nearest(to: "Service", among: names) == "services")
        #expect(Suggestion.nearest(to: "something", among: names) == nil)
    }
}
