import Certificates
import Primitives
import ResourceModel
import Testing

@testable import APIServer

/// Who may do what, and who is who.
@Suite struct AccessTests {
    private static let review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

    @Test(arguments: [
        ("GET", "/version", 200), ("GET", "/healthz", 200), ("GET", "/livez", 200),
        ("GET", "/readyz?verbose", 200), ("GET", "/metrics", 403), ("GET", "/api", 403),
        ("GET", "/openapi/v3", 403), ("GET", "/api/v1/namespaces", 403),
        ("POST", "/version", 403), ("GET", "/", 403),
    ])
    func `nobody in particular may see health and version only`(
        method: String, target: String, status: Int
    ) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(method, target, token: nil)
            #expect(answer.status == status, "\(answer.text)")
            if status == 403 {
                #expect(answer.reason == "Forbidden")
                #expect(answer.message.contains("system:anonymous"))
            }
        }
    }

    @Test(arguments: ["wrong", "admin-token2", ""])
    func `a token that is none is refused`(token: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send("GET", "/version", token: token)
            #expect(answer.status == 401)
            #expect(answer.reason == "Unauthorized")
        }
    }

    @Test func `a certificate says who one is`() async throws {
        let authority = try CertificateAuthority(
            commonName: "ca", serial: 1, validity: 0...4_000_000_000)
        func certificate(_ subject: CertificateSubject) throws -> Bytes {
            let identity = try authority.issue(
                to: subject, for: .client, serial: 2, validity: 0...4_000_000_000)
            return try PEM.bytes("CERTIFICATE", in: identity.certificate)
        }
        let admin = try certificate(
            CertificateSubject(commonName: "root", organizations: ["system:masters"]))
        let reader = try certificate(
            CertificateSubject(commonName: "jane", organizations: ["readers"]))
        let nobody = try certificate(CertificateSubject(commonName: ""))
        try await TestServer.run { server in
            let target = "/api/v1/namespaces/default/configmaps"
            for (certificate, status) in [(admin, 200), (reader, 403), (nobody, 401)] {
                let answer = try await server.send(
                    "GET", target, token: nil, certificate: certificate)
                #expect(answer.status == status, "\(answer.text)")
            }
            let forbidden = try await server.send("GET", target, token: nil, certificate: reader)
            #expect(
                forbidden.message
                    == "configmaps is forbidden: User \"jane\" cannot list resource \"configmaps\" "
                    + "in API group \"\" in the namespace \"default\"")
            #expect(
                try await server.send("GET", "/apis", token: nil, certificate: reader).status
                    == 200)
        }
    }

    @Test func `everybody who is known may ask who they are and what they may do`() async throws {
        try await TestServer.run { server in
            let question: JSON = [
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                "spec": ["resourceAttributes": ["verb": "create", "resource": "pods"]],
            ]
            for (token, isAllowed) in [("admin-token", true), ("user-token", false)] {
                let answer = try await server.send(
                    "POST", Self.review, question.encoded, token: token)
                #expect(answer.status == 201, "\(answer.text)")
                #expect(answer.json["status"]["allowed"].boolValue == isAllowed)
            }
            let who = try await server.send(
                "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                Bytes("{}".utf8), token: "user-token")
            #expect(who.json["status"]["userInfo"]["username"] == "jane")
            #expect(who.json["status"]["userInfo"]["groups"] == ["readers", "system:authenticated"])
            let stored = try await server.send("GET", Self.review)
            #expect(stored.status == 405)
        }
    }

    @Test func `who may act as others does, and nobody else`() async throws {
        try await TestServer.run { server in
            let maps = "/api/v1/namespaces/default/configmaps"
            let rows: [(token: String, headers: [(name: String, value: String)], status: Int)] = [
                ("admin-token", [("impersonate-user", "jane")], 403),
                ("admin-token", [("impersonate-user", "j"), ("impersonate-group", "x")], 403),
                (
                    "admin-token",
                    [("impersonate-user", "j"), ("impersonate-group", "system:masters")], 200
                ),
                ("admin-token", [("impersonate-group", "system:masters")], 400),
                ("user-token", [("impersonate-user", "admin")], 403),
                (
                    "user-token",
                    [("impersonate-user", "j"), ("impersonate-group", "system:masters")], 403
                ),
            ]
            for row in rows {
                let answer = try await server.send(
                    "GET", maps, headers: row.headers, token: row.token)
                #expect(answer.status == row.status, "\(row.headers): \(answer.text)")
            }
        }
    }

    @Test(arguments: [("admin-token", "*"), ("user-token", "selfsubjectreviews")])
    func `one may ask for all that one may do`(token: String, first: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                Bytes(#"{"spec":{"namespace":"default"}}"#.utf8), token: token)
            #expect(answer.status == 201, "\(answer.text)")
            let rules = answer.json["status"]["resourceRules"]
            #expect(rules[0]["resources"] == [.string(first)])
        }
    }

    @Test(arguments: [
        ("a,b", 1), ("# comment\n\nt,u,1,\"g", 3), (",u,1", 1), ("t,,1", 1), ("t,u,1,g,h", 1),
    ])
    func `a token file is refused with the line`(text: String, line: Int) {
        #expect(throws: TokenFileError(line: line)) { try Authentication(tokenFile: text) }
    }
}
