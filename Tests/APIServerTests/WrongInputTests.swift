import Primitives
import ResourceModel
import StoreModel
import Testing

@testable import APIServer

/// A request that is wrong, and what the server must say of it.
struct WrongInput: Sendable, CustomTestStringConvertible {
    var name: String
    var method: String
    var target: String
    var body: Bytes
    var type: String
    var status: Int
    var reason: String
    /// What the message must contain.
    var says: String
    /// The fields that the causes must name; nil where there need be none.
    var fields: [String]?

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
        self.name = name
        self.method = method
        self.target = target
        self.body = Bytes(body.utf8)
        self.type = type
        self.status = status
        self.reason = reason
        self.says = says
        self.fields = fields
    }

    var testDescription: String { name }
}

/// Wrong requests get one clear answer, and change nothing.
@Suite struct WrongInputTests {
    private static let maps = ObjectTests.configMaps
    private static let web = "\(UpdateTests.deployments)/web"

    /// Sends all of them to one server that has a ConfigMap and a Deployment.
    private static func check(_ inputs: [WrongInput]) async throws {
        try await TestServer.run { server in
            _ = try await server.send("POST", maps, ObjectTests.configMap("one"))
            _ = try await server.send("POST", UpdateTests.deployments, UpdateTests.deployment)
            let keys = RegistryKeys(group: "", resource: "configmaps", isNamespaced: true)
            let store = server.parts.service.store
            let before = try await store.revision(of: keys)
            for input in inputs {
                let answer = try await server.send(
                    input.method, input.target, input.body, headers: [("content-type", input.type)])
                let got = "\(input.name): \(answer.status) \(answer.text)"
                #expect(answer.status == input.status, "\(got)")
                #expect(answer.reason == input.reason, "\(got)")
                #expect(answer.json["kind"] == "Status", "\(got)")
                #expect(answer.json["code"].integerValue == Int64(input.status), "\(got)")
                #expect(input.says.isEmpty || answer.message.contains(input.says), "\(got)")
                if let fields = input.fields { #expect(answer.fields == fields, "\(got)") }
                #expect(try await store.revision(of: keys) == before, "\(got)")
            }
        }
    }

    @Test func `addresses`() async throws {
        try await Self.check([
            WrongInput("no group", "GET", "/apis/nothing.example.com/v1", 404, "NotFound"),
            WrongInput("no version", "GET", "/apis/apps/v9/deployments", 404, "NotFound"),
            WrongInput("no resource", "GET", "/api/v1/gadgets", 404, "NotFound"),
            WrongInput("no page", "GET", "/nothing", 404, "NotFound"),
            WrongInput("no subresource", "GET", "\(Self.maps)/one/status", 404, "NotFound"),
            WrongInput("too deep", "GET", "\(Self.web)/status/more", 404, "NotFound"),
            WrongInput("scale of none", "GET", "\(Self.maps)/one/scale", 404, "NotFound"),
            WrongInput(
                "namespace around the cluster's", "GET", "/api/v1/namespaces/default/nodes", 404,
                "NotFound"),
            WrongInput("bad percent", "GET", "\(Self.maps)/%zz", 400, "BadRequest", "percent"),
            WrongInput("no UTF-8", "GET", "\(Self.maps)/%ff", 400, "BadRequest", "UTF-8"),
            WrongInput("cut percent", "GET", "\(Self.maps)?limit=%3", 400, "BadRequest"),
            WrongInput(
                "no object", "GET", "\(Self.maps)/absent", 404, "NotFound",
                "configmaps \"absent\" not found"),
            WrongInput(
                "a command in a pod", "POST", "/api/v1/namespaces/default/pods/p/exec", 501, "",
                "not implemented yet"),
            WrongInput(
                "post to an object", "POST", "\(Self.maps)/one", "{}", 405, "MethodNotAllowed"),
            WrongInput("odd method", "BREW", "\(Self.maps)/one", 405, "MethodNotAllowed"),
            WrongInput("put to a collection", "PUT", Self.maps, "{}", 405, "MethodNotAllowed"),
            WrongInput("post to a page", "POST", "/apis", "{}", 405, "MethodNotAllowed"),
            WrongInput(
                "delete everywhere", "DELETE", "/api/v1/configmaps", 405, "MethodNotAllowed"),
            WrongInput(
                "create nowhere", "POST", "/api/v1/configmaps",
                #"{"metadata":{"name":"a"}}"#, 400, "BadRequest", "namespace"),
        ])
    }

    private static func list(
        _ name: String, _ query: String, _ status: Int, _ reason: String, _ says: String = "",
        fields: [String]? = nil
    ) -> WrongInput {
        WrongInput(name, "GET", "\(maps)?\(query)", status, reason, says, fields: fields)
    }

    @Test func `options of lists`() async throws {
        try await Self.check([
            Self.list("limit in words", "limit=many", 400, "BadRequest", "limit"),
            Self.list("negative limit", "limit=-1", 400, "BadRequest", "limit"),
            Self.list(
                "limit beyond 64 bits", "limit=99999999999999999999", 400, "BadRequest", "limit"),
            Self.list("watch in words", "watch=perhaps", 400, "BadRequest", "watch"),
            Self.list("bad continue", "continue=nonsense", 400, "BadRequest", "continue"),
            Self.list("continue of a key", "continue=e30", 400, "BadRequest", "continue"),
            Self.list("bad selector", "labelSelector=a%3D%3D%3Db", 400, "BadRequest"),
            Self.list("selector with bad key", "labelSelector=-a%3Db", 400, "BadRequest"),
            Self.list("selector not closed", "labelSelector=a+in+(b", 400, "BadRequest"),
            Self.list("unknown field", "fieldSelector=spec.x%3Db", 400, "BadRequest", "spec.x"),
            Self.list("field without value", "fieldSelector=metadata.name", 400, "BadRequest"),
            Self.list(
                "version in words", "resourceVersion=new", 422, "Invalid",
                fields: ["resourceVersion"]),
            Self.list("negative version", "resourceVersion=-1", 422, "Invalid"),
            Self.list("version to come", "resourceVersion=999999", 504, "Timeout", "Too large"),
            Self.list(
                "exact version to come", "resourceVersion=999999&resourceVersionMatch=Exact", 504,
                "Timeout", "Too large"),
            Self.list(
                "unknown match", "resourceVersion=1&resourceVersionMatch=About", 422, "Invalid",
                fields: ["resourceVersionMatch"]),
            Self.list(
                "match without version", "resourceVersionMatch=Exact", 422, "Invalid",
                "forbidden unless resourceVersion"),
            Self.list(
                "exactly zero", "resourceVersion=0&resourceVersionMatch=Exact", 422, "Invalid",
                fields: ["resourceVersionMatch"]),
            Self.list(
                "match of a watch", "watch=1&resourceVersion=1&resourceVersionMatch=Exact", 422,
                "Invalid", fields: ["resourceVersionMatch"]),
            Self.list(
                "initial events of a list", "sendInitialEvents=true", 422, "Invalid",
                fields: ["sendInitialEvents"]),
            Self.list(
                "initial events without match", "watch=1&sendInitialEvents=true", 422, "Invalid",
                fields: ["resourceVersionMatch"]),
            Self.list(
                "negative timeout", "watch=1&timeoutSeconds=-5", 400, "BadRequest", "timeout"),
            Self.list(
                "unknown inclusion", "includeObject=Some", 422, "Invalid",
                fields: ["includeObject"]),
        ])
    }

    @Test func `options of changes`() async throws {
        try await Self.check([
            WrongInput(
                "unknown dry run", "POST", "\(Self.maps)?dryRun=Some",
                #"{"metadata":{"name":"a"}}"#, 422, "Invalid", fields: ["dryRun"]),
            WrongInput(
                "unknown validation", "POST", "\(Self.maps)?fieldValidation=Loose",
                #"{"metadata":{"name":"a"}}"#, 422, "Invalid", fields: ["fieldValidation"]),
            WrongInput(
                "long manager",
                "POST", "\(Self.maps)?fieldManager=\(String(repeating: "m", count: 129))",
                #"{"metadata":{"name":"a"}}"#, 422, "Invalid", fields: ["fieldManager"]),
            WrongInput(
                "odd manager", "POST", "\(Self.maps)?fieldManager=a%0Ab",
                #"{"metadata":{"name":"a"}}"#, 422, "Invalid", fields: ["fieldManager"]),
            WrongInput(
                "force without apply", "PATCH", "\(Self.maps)/one?force=true", "{}",
                type: "application/merge-patch+json", 422, "Invalid", fields: ["force"]),
            WrongInput(
                "unknown propagation", "DELETE", "\(Self.maps)/one",
                #"{"propagationPolicy":"Slow"}"#, 422, "Invalid", fields: ["propagationPolicy"]),
            WrongInput(
                "two propagations", "DELETE", "\(Self.maps)/one",
                #"{"propagationPolicy":"Orphan","orphanDependents":true}"#, 422, "Invalid",
                fields: ["propagationPolicy"]),
            WrongInput(
                "grace in words", "DELETE", "\(Self.maps)/one", #"{"gracePeriodSeconds":"soon"}"#,
                400, "BadRequest", "gracePeriodSeconds"),
            WrongInput(
                "another body", "DELETE", "\(Self.maps)/one", #"{"kind":"Pod"}"#, 400,
                "BadRequest", "DeleteOptions"),
            WrongInput(
                "another uid", "DELETE", "\(Self.maps)/one", #"{"preconditions":{"uid":"x"}}"#,
                409, "Conflict", "Precondition failed"),
        ])
    }

    @Test func `bodies`() async throws {
        func post(
            _ name: String, _ body: String, _ status: Int, _ reason: String, _ says: String = "",
            type: String = "application/json"
        ) -> WrongInput {
            WrongInput(name, "POST", Self.maps, body, type: type, status, reason, says)
        }
        try await Self.check([
            post("empty", "", 400, "BadRequest", "unexpected end"),
            post("cut", #"{"metadata":{"#, 400, "BadRequest", "unexpected end"),
            post("no JSON", "name: a", 400, "BadRequest", "line 1, column"),
            post("two values", "{} {}", 400, "BadRequest", "line 1, column 4"),
            post("bad escape", #"{"metadata":{"name":"\x"}}"#, 400, "BadRequest", "column"),
            post("bad number", #"{"metadata":{"generation":01}}"#, 400, "BadRequest", "column"),
            post("control character", "{\"a\":\"\u{1}\"}", 400, "BadRequest", "column"),
            post(
                "too deep", String(repeating: "[", count: 100_000), 400, "BadRequest",
                "exceeded max depth"),
            post("a list", "[]", 400, "BadRequest", "cannot unmarshal array"),
            post("a text", "\"a\"", 400, "BadRequest", "cannot unmarshal string"),
            post("nothing", "null", 400, "BadRequest", "cannot unmarshal null"),
            post(
                "another kind",
                #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}"#, 400, "BadRequest",
                "Secret"),
            post(
                "another version",
                #"{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"a"}}"#, 400,
                "BadRequest", "does not match the expected API version"),
            post("unknown form", "{}", 415, "UnsupportedMediaType", type: "text/csv"),
            post("a patch as a body", "{}", 415, "UnsupportedMediaType",
                type: "application/merge-patch+json"),
            post("protobuf without magic", "{}", 400, "BadRequest", "6b 38 73 00",
                type: "application/vnd.kubernetes.protobuf"),
            post("protobuf that is cut", "k8s\0\u{0A}\u{7F}", 400, "BadRequest", "protobuf",
                type: "application/vnd.kubernetes.protobuf"),
            post(
                "too large", #"{"data":{"a":""# + String(repeating: "a", count: 3 << 20) + "\"}}",
                413, "RequestEntityTooLarge"),
            post(
                "too large for a ConfigMap",
                #"{"metadata":{"name":"a"},"data":{"a":""#
                    + String(repeating: "a", count: 1_100_000) + "\"}}", 422, "Invalid"),
        ])
    }

    @Test func `objects`() async throws {
        func map(_ name: String, _ metadata: String, _ fields: [String]) -> WrongInput {
            WrongInput(
                name, "POST", Self.maps, #"{"metadata":\#(metadata)}"#, 422, "Invalid",
                fields: fields)
        }
        let long = String(repeating: "a", count: 254)
        try await Self.check([
            map("no name", "{}", ["metadata.name"]),
            map("capitals", #"{"name":"One"}"#, ["metadata.name"]),
            map("underscore", #"{"name":"a_b"}"#, ["metadata.name"]),
            map("slash", #"{"name":"a/b"}"#, ["metadata.name"]),
            map("dots", #"{"name":"a..b"}"#, ["metadata.name"]),
            map("hyphen first", #"{"name":"-a"}"#, ["metadata.name"]),
            map("long name", #"{"name":"\#(long)"}"#, ["metadata.name"]),
            map("bad prefix", #"{"name":"a","generateName":"A-"}"#, ["metadata.generateName"]),
            map("label key", #"{"name":"a","labels":{"-x":"y"}}"#, ["metadata.labels"]),
            map("label value", #"{"name":"a","labels":{"x":"a b"}}"#, ["metadata.labels"]),
            map("annotation key", #"{"name":"a","annotations":{"a/b/c":""}}"#,
                ["metadata.annotations"]),
            map(
                "long annotations",
                #"{"name":"a","annotations":{"b":"\#(String(repeating: "c", count: 270_000))"}}"#,
                ["metadata.annotations"]),
            map("finalizer", #"{"name":"a","finalizers":["a b"]}"#, ["metadata.finalizers"]),
            map("owner", #"{"name":"a","ownerReferences":[{"kind":"X"}]}"#,
                [
                    "metadata.ownerReferences.apiVersion", "metadata.ownerReferences.name",
                    "metadata.ownerReferences.uid",
                ]),
            WrongInput(
                "a name that is taken", "POST", Self.maps, #"{"metadata":{"name":"one"}}"#, 409,
                "AlreadyExists", "configmaps \"one\" already exists"),
            WrongInput(
                "a version of its own", "POST", Self.maps,
                #"{"metadata":{"name":"a","resourceVersion":"5"}}"#, 400, "BadRequest",
                "resourceVersion should not be set"),
            WrongInput(
                "another namespace", "POST", Self.maps,
                #"{"metadata":{"name":"a","namespace":"b"}}"#, 400, "BadRequest", "namespace"),
            WrongInput(
                "no such namespace", "POST", "/api/v1/namespaces/absent/configmaps",
                #"{"metadata":{"name":"a"}}"#, 404, "NotFound", "namespaces \"absent\" not found"),
            WrongInput(
                "labels in a list", "POST", Self.maps, #"{"metadata":{"name":"a","labels":[]}}"#,
                400, "BadRequest", "cannot unmarshal array"),
            WrongInput(
                "name as a number", "POST", Self.maps, #"{"metadata":{"name":7}}"#, 400,
                "BadRequest", "metadata.name"),
            WrongInput(
                "unknown field", "POST", "\(Self.maps)?fieldValidation=Strict",
                #"{"metadata":{"name":"a"},"date":{}}"#, 400, "BadRequest",
                "unknown field \"date\"", fields: ["date"]),
            WrongInput(
                "field twice", "POST", "\(Self.maps)?fieldValidation=Strict",
                #"{"metadata":{"name":"a"},"data":{"x":"1","x":"2"}}"#, 400, "BadRequest",
                "duplicate field \"data.x\""),
        ])
    }

    @Test func `replacements`() async throws {
        func put(
            _ name: String, _ body: String, _ status: Int, _ reason: String, _ says: String = "",
            fields: [String]? = nil
        ) -> WrongInput {
            WrongInput(
                name, "PUT", "\(Self.maps)/one", body, status, reason, says, fields: fields)
        }
        try await Self.check([
            put("no name", "{}", 400, "BadRequest", "name"),
            put("another name", #"{"metadata":{"name":"two"}}"#, 400, "BadRequest", "two"),
            put(
                "another namespace", #"{"metadata":{"name":"one","namespace":"b"}}"#, 400,
                "BadRequest", "namespace"),
            put(
                "an old version", #"{"metadata":{"name":"one","resourceVersion":"1"}}"#, 409,
                "Conflict", "the object has been modified"),
            put(
                "another uid", #"{"metadata":{"name":"one","uid":"x"}}"#, 409, "Conflict",
                "Precondition failed"),
            WrongInput(
                "replace what is not there", "PUT", "\(Self.maps)/absent",
                #"{"metadata":{"name":"absent"}}"#, 404, "NotFound"),
        ])
    }

    @Test func `patches`() async throws {
        func patch(
            _ name: String, _ kind: String, _ body: String, _ status: Int, _ reason: String,
            _ says: String = "", fields: [String]? = nil
        ) -> WrongInput {
            WrongInput(
                name, "PATCH", Self.web, body, type: "application/\(kind)+json", status, reason,
                says, fields: fields)
        }
        try await Self.check([
            WrongInput(
                "patch what is not there", "PATCH", "\(Self.maps)/absent", "{}",
                type: "application/merge-patch+json", 404, "NotFound"),
            WrongInput("no form of patch", "PATCH", Self.web, "{}", 415, "UnsupportedMediaType"),
            patch("no JSON", "merge-patch", "{", 400, "BadRequest"),
            patch("a merge of a list", "merge-patch", "[]", 400, "BadRequest"),
            patch("a JSON patch that is none", "json-patch", "{}", 400, "BadRequest"),
            patch("an unknown operation", "json-patch", #"[{"op":"add2","path":"/a"}]"#, 400,
                "BadRequest"),
            patch(
                "a test that fails", "json-patch",
                #"[{"op":"test","path":"/spec/replicas","value":9}]"#, 422, "Invalid"),
            patch(
                "a path that is not there", "json-patch",
                #"[{"op":"remove","path":"/spec/nothing"}]"#, 422, "Invalid"),
            patch(
                "a directive that is none", "strategic-merge-patch",
                #"{"spec":{"$patch":"turn"}}"#, 400, "BadRequest"),
            patch("a wrong type", "merge-patch", #"{"spec":{"replicas":"two"}}"#, 400,
                "BadRequest", "spec.replicas"),
            patch(
                "a negative number", "merge-patch", #"{"spec":{"replicas":-1}}"#, 422, "Invalid",
                fields: ["spec.replicas"]),
            patch(
                "the name", "merge-patch", #"{"metadata":{"name":"other"}}"#, 400, "BadRequest",
                "other"),
            patch(
                "an old version", "merge-patch", #"{"metadata":{"resourceVersion":"1"}}"#, 409,
                "Conflict"),
            patch(
                "a field that never changes", "merge-patch",
                #"{"spec":{"selector":{"matchLabels":{"app":"other"}}}}"#, 422, "Invalid"),
        ])
    }

    @Test func `subresources`() async throws {
        try await Self.check([
            WrongInput(
                "a negative scale", "PATCH", "\(Self.web)/scale", #"{"spec":{"replicas":-1}}"#,
                type: "application/merge-patch+json", 422, "Invalid", fields: ["spec.replicas"]),
            WrongInput(
                "a scale in words", "PATCH", "\(Self.web)/scale", #"{"spec":{"replicas":"x"}}"#,
                type: "application/merge-patch+json", 400, "BadRequest", "spec.replicas"),
            WrongInput(
                "a scale at an old version", "PATCH", "\(Self.web)/scale",
                #"{"metadata":{"resourceVersion":"1"}}"#, type: "application/merge-patch+json",
                409, "Conflict"),
            WrongInput(
                "create a status", "POST", "\(Self.web)/status", "{}", 405, "MethodNotAllowed"),
        ])
    }
}
