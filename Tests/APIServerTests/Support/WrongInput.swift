import Primitives
import ResourceModel
import StoreModel
import Testing

@testable import APIServer

/// A request that is wrong, and what the server must say of it.
struct WrongInput: Sendable, CustomStringConvertible {
    static let maps = ObjectTests.configMaps
    static let web = "\(UpdateTests.deployments)/web"

    var name: String
    var method: String
    var target: String
    var body: Bytes
    var status: Int
    var reason: String
    /// What the message must contain.
    var says: String
    /// The fields that the causes must name; nil where there need be none, which only an answer
    /// without the reason Invalid may do.
    var fields: [String]?
    var headers: [(name: String, value: String)]
    /// What the client shows to be the administrator.
    var token: String? = "admin-token"
    var certificate: Bytes?

    init(
        _ name: String, _ method: String, _ target: String, _ status: Int, _ reason: String,
        _ says: String = "", fields: [String]? = nil
    ) {
        self.init(name, method, target, "", status, reason, says, fields: fields)
    }

    init(
        _ name: String, _ method: String, _ target: String, _ body: String,
        type: String = "application/json", _ status: Int, _ reason: String, _ says: String = "",
        fields: [String]? = nil
    ) {
        self.init(
            name, method, target, Bytes(body.utf8), type: type, status, reason, says,
            fields: fields)
    }

    init(
        _ name: String, _ method: String, _ target: String, _ body: Bytes, type: String,
        _ status: Int, _ reason: String, _ says: String = "", fields: [String]? = nil
    ) {
        self.name = name
        self.method = method
        self.target = target
        self.body = body
        self.status = status
        self.reason = reason
        self.says = says
        self.fields = fields
        headers = [("content-type", type)]
    }

    var description: String { name }

    /// Sends it, and holds the answer to what it must be.
    func check(_ server: TestServer) async throws {
        let store = server.parts.service.store
        let keys = RegistryKeys(group: "", resource: "configmaps", isNamespaced: true)
        // The store's revision: any write anywhere would move it.
        let before = try await store.revision(of: keys)
        let answer = try await server.send(
            method, target, body, headers: headers, token: token, certificate: certificate)
        let got = "\(name): \(answer.status) \(answer.text)"
        #expect(answer.status == status, "\(got)")
        #expect(answer.reason == reason, "\(got)")
        #expect(answer.json["kind"] == "Status", "\(got)")
        #expect(answer.json["status"] == "Failure", "\(got)")
        #expect(answer.json["code"].integerValue == Int64(status), "\(got)")
        #expect(!answer.message.isEmpty, "\(got)")
        #expect(says.isEmpty || answer.message.contains(says), "\(got)")
        if let fields { #expect(answer.fields == fields, "\(got)") }
        #expect(reason != "Invalid" || fields != nil || !answer.fields.isEmpty, "\(got)")
        #expect(try await store.revision(of: keys) == before, "\(got)")
    }
}

/// Requests that are wrong in one way.
struct WrongInputs: Sendable, CustomStringConvertible {
    var name: String
    var rows: [WrongInput]

    init(_ name: String, _ rows: [WrongInput]) {
        self.name = name
        self.rows = rows
    }

    var description: String { name }

    /// Sends all of them to one server, which has a few objects to lose.
    func check() async throws {
        try await TestServer.run { server in
            for (target, object) in Self.objects {
                let answer = try await server.send("POST", target, object)
                #expect(answer.status == 201, "\(answer.text)")
            }
            for row in rows { try await row.check(server) }
        }
    }

    static let secrets = "/api/v1/namespaces/default/secrets"
    static let services = "/api/v1/namespaces/default/services"
    static let jobs = "/apis/batch/v1/namespaces/default/jobs"
    static let models = "/apis/models.keelson.dev/v1alpha1/namespaces/default/models"

    private static let objects: [(target: String, object: JSON)] = [
        (WrongInput.maps, ObjectTests.configMap("one")),
        (WrongInput.maps, ["metadata": ["name": "fixed"], "data": ["a": "1"], "immutable": true]),
        (UpdateTests.deployments, UpdateTests.deployment),
        (secrets, ["metadata": ["name": "fixed"], "data": ["a": "MQ=="], "immutable": true]),
        (
            jobs,
            [
                "metadata": ["name": "once"],
                "spec": [
                    "template": [
                        "spec": [
                            "restartPolicy": "Never",
                            "containers": [["name": "c", "image": "i"]],
                        ]
                    ]
                ],
            ]
        ),
        (services, ["metadata": ["name": "web"], "spec": ["ports": [["port": 80]]]]),
        (
            models,
            [
                "metadata": ["name": "iris"],
                "spec": [
                    "format": ["name": "logistic"], "version": "1", "modelName": "iris",
                    "uri": "file:///iris.json",
                    "sha256": .string(String(repeating: "0", count: 64)),
                ],
            ]
        ),
        (CustomResourceTests.definitions, CustomResourceTests.definition()),
        (CustomResourceTests.widgets, CustomResourceTests.widget(["size": 3])),
    ]
}
