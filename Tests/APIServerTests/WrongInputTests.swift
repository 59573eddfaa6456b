import Testing

@testable import APIServer

/// Wrong requests get one clear answer, and change nothing.
@Suite struct WrongInputTests {
    private static let groups = [
        WrongInputs("addresses", addresses), WrongInputs("options of lists", listOptions),
        WrongInputs("options of changes", changeOptions), WrongInputs("bodies", bodies),
        WrongInputs("objects", objects), WrongInputs("replacements", replacements),
        WrongInputs("patches", patches), WrongInputs("subresources", subresources),
        .yaml, .bombs, .protobuf, .compression, .types, .fields, .immutable, .values, .custom,
        .credentials,
    ]

    @Test(arguments: groups)
    func `what is wrong is said, and nothing is stored`(_ group: WrongInputs) async throws {
        try await group.check()
    }

    @Test func `more requests at a time than are served are told to come again`() async throws {
        try await TestServer.run { server in
            let answers = try await server.getAtOnce(APIRouter.inFlightMax + 5, WrongInput.maps)
            #expect(answers.prefix(APIRouter.inFlightMax).allSatisfy { $0.status == 200 })
            for answer in answers.suffix(5) {
                #expect(answer.status == 429)
                #expect(answer.reason == "TooManyRequests")
                #expect(answer.header("retry-after") == "1")
            }
            #expect(try await server.send("GET", WrongInput.maps).status == 200)
        }
    }

    @Test func `there are many ways to be wrong`() {
        let names = Self.groups.flatMap { group in group.rows.map { "\(group): \($0)" } }
        #expect(Set(names).count == names.count)
        #expect(names.count >= 250)
    }

    private static let addresses = [
        WrongInput("no group", "GET", "/apis/nothing.example.com/v1", 404, "NotFound"),
        WrongInput("no version", "GET", "/apis/apps/v9/deployments", 404, "NotFound"),
        WrongInput("no resource", "GET", "/api/v1/gadgets", 404, "NotFound"),
        WrongInput("no page", "GET", "/nothing", 404, "NotFound"),
        WrongInput("no subresource", "GET", "\(WrongInput.maps)/one/status", 404, "NotFound"),
        WrongInput("too deep", "GET", "\(WrongInput.web)/status/more", 404, "NotFound"),
        WrongInput("scale of none", "GET", "\(WrongInput.maps)/one/scale", 404, "NotFound"),
        WrongInput(
            "namespace around the cluster's", "GET", "/api/v1/namespaces/default/nodes", 404,
            "NotFound"),
        WrongInput("bad percent", "GET", "\(WrongInput.maps)/%zz", 400, "BadRequest", "percent"),
        WrongInput("no UTF-8", "GET", "\(WrongInput.maps)/%ff", 400, "BadRequest", "UTF-8"),
        WrongInput("cut percent", "GET", "\(WrongInput.maps)?limit=%3", 400, "BadRequest"),
        WrongInput(
            "no object", "GET", "\(WrongInput.maps)/absent", 404, "NotFound",
            "configmaps \"absent\" not found"),
        WrongInput(
            "a command in no pod", "POST", "/api/v1/namespaces/default/pods/p/exec", 404,
            "NotFound", "pods \"p\" not found"),
        WrongInput(
            "a port of no pod", "POST", "/api/v1/namespaces/default/pods/p/portforward", 404,
            "NotFound", "pods \"p\" not found"),
        WrongInput(
            "a page of a pod", "GET", "/api/v1/namespaces/default/pods/p/proxy", 501, "",
            "not served yet"),
        WrongInput(
            "post to an object", "POST", "\(WrongInput.maps)/one", "{}", 405, "MethodNotAllowed"),
        WrongInput("odd method", "BREW", "\(WrongInput.maps)/one", 405, "MethodNotAllowed"),
        WrongInput("put to a collection", "PUT", WrongInput.maps, "{}", 405, "MethodNotAllowed"),
        WrongInput("post to a page", "POST", "/apis", "{}", 405, "MethodNotAllowed"),
        WrongInput(
            "delete everywhere", "DELETE", "/api/v1/configmaps", 405, "MethodNotAllowed"),
        WrongInput(
            "create nowhere", "POST", "/api/v1/configmaps",
            #"{"metadata":{"name":"a"}}"#, 400, "BadRequest", "namespace"),
    ]

    private static func list(
        _ name: String, _ query: String, _ status: Int, _ reason: String, _ says: String = "",
        fields: [String]? = nil
    ) -> WrongInput {
        WrongInput(name, "GET", "\(WrongInput.maps)?\(query)", status, reason, says, fields: fields)
    }

    private static let listOptions = [
        list("limit in words", "limit=many", 400, "BadRequest", "limit"),
        list("negative limit", "limit=-1", 400, "BadRequest", "limit"),
        list(
            "limit beyond 64 bits", "limit=99999999999999999999", 400, "BadRequest", "limit"),
        list("watch in words", "watch=perhaps", 400, "BadRequest", "watch"),
        list("bad continue", "continue=nonsense", 400, "BadRequest", "continue"),
        list("continue of a key", "continue=e30", 400, "BadRequest", "continue"),
        list("bad selector", "labelSelector=a%3D%3D%3Db", 400, "BadRequest"),
        list("selector with bad key", "labelSelector=-a%3Db", 400, "BadRequest"),
        list("selector not closed", "labelSelector=a+in+(b", 400, "BadRequest"),
        list("unknown field", "fieldSelector=spec.x%3Db", 400, "BadRequest", "spec.x"),
        list("field without value", "fieldSelector=metadata.name", 400, "BadRequest"),
        list(
            "version in words", "resourceVersion=new", 422, "Invalid",
            fields: ["resourceVersion"]),
        list("negative version", "resourceVersion=-1", 422, "Invalid"),
        list("version to come", "resourceVersion=999999", 504, "Timeout", "Too large"),
        list(
            "exact version to come", "resourceVersion=999999&resourceVersionMatch=Exact", 504,
            "Timeout", "Too large"),
        list(
            "unknown match", "resourceVersion=1&resourceVersionMatch=About", 422, "Invalid",
            fields: ["resourceVersionMatch"]),
        list(
            "match without version", "resourceVersionMatch=Exact", 422, "Invalid",
            "forbidden unless resourceVersion"),
        list(
            "exactly zero", "resourceVersion=0&resourceVersionMatch=Exact", 422, "Invalid",
            fields: ["resourceVersionMatch"]),
        list(
            "match of a watch", "watch=1&resourceVersion=1&resourceVersionMatch=Exact", 422,
            "Invalid", fields: ["resourceVersionMatch"]),
        list(
            "initial events of a list", "sendInitialEvents=true", 422, "Invalid",
            fields: ["sendInitialEvents"]),
        list(
            "initial events without match", "watch=1&sendInitialEvents=true", 422, "Invalid",
            fields: ["resourceVersionMatch"]),
        list(
            "negative timeout", "watch=1&timeoutSeconds=-5", 400, "BadRequest", "timeout"),
        list(
            "unknown inclusion", "includeObject=Some", 422, "Invalid",
            fields: ["includeObject"]),
    ]

    private static let changeOptions = [
        WrongInput(
            "unknown dry run", "POST", "\(WrongInput.maps)?dryRun=Some",
            #"{"metadata":{"name":"a"}}"#, 422, "Invalid", fields: ["dryRun"]),
        WrongInput(
            "unknown validation", "POST", "\(WrongInput.maps)?fieldValidation=Loose",
            #"{"metadata":{"name":"a"}}"#, 422, "Invalid", fields: ["fieldValidation"]),
        WrongInput(
            "long manager",
            "POST", "\(WrongInput.maps)?fieldManager=\(String(repeating: "m", count: 129))",
            #"{"metadata":{"name":"a"}}"#, 422, "Invalid", fields: ["fieldManager"]),
        WrongInput(
            "odd manager", "POST", "\(WrongInput.maps)?fieldManager=a%0Ab",
            #"{"metadata":{"name":"a"}}"#, 422, "Invalid", fields: ["fieldManager"]),
        WrongInput(
            "force without apply", "PATCH", "\(WrongInput.maps)/one?force=true", "{}",
            type: "application/merge-patch+json", 422, "Invalid", fields: ["force"]),
        WrongInput(
            "unknown propagation", "DELETE", "\(WrongInput.maps)/one",
            #"{"propagationPolicy":"Slow"}"#, 422, "Invalid", fields: ["propagationPolicy"]),
        WrongInput(
            "two propagations", "DELETE", "\(WrongInput.maps)/one",
            #"{"propagationPolicy":"Orphan","orphanDependents":true}"#, 422, "Invalid",
            fields: ["propagationPolicy"]),
        WrongInput(
            "grace in words", "DELETE", "\(WrongInput.maps)/one", #"{"gracePeriodSeconds":"soon"}"#,
            400, "BadRequest", "gracePeriodSeconds"),
        WrongInput(
            "another body", "DELETE", "\(WrongInput.maps)/one", #"{"kind":"Pod"}"#, 400,
            "BadRequest", "DeleteOptions"),
        WrongInput(
            "another uid", "DELETE", "\(WrongInput.maps)/one", #"{"preconditions":{"uid":"x"}}"#,
            409, "Conflict", "Precondition failed"),
    ]

    private static func post(
        _ name: String, _ body: String, _ status: Int, _ reason: String, _ says: String = "",
        type: String = "application/json"
    ) -> WrongInput {
        WrongInput(name, "POST", WrongInput.maps, body, type: type, status, reason, says)
    }

    private static let bodies = [
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
    ]

    private static func map(_ name: String, _ metadata: String, _ fields: [String]) -> WrongInput {
        WrongInput(
            name, "POST", WrongInput.maps, #"{"metadata":\#(metadata)}"#, 422, "Invalid",
            fields: fields)
    }
    private static let long = String(repeating: "a", count: 254)

    private static let objects = [
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
            "a name that is taken", "POST", WrongInput.maps, #"{"metadata":{"name":"one"}}"#, 409,
            "AlreadyExists", "configmaps \"one\" already exists"),
        WrongInput(
            "a version of its own", "POST", WrongInput.maps,
            #"{"metadata":{"name":"a","resourceVersion":"5"}}"#, 400, "BadRequest",
            "resourceVersion should not be set"),
        WrongInput(
            "another namespace", "POST", WrongInput.maps,
            #"{"metadata":{"name":"a","namespace":"b"}}"#, 400, "BadRequest", "namespace"),
        WrongInput(
            "no such namespace", "POST", "/api/v1/namespaces/absent/configmaps",
            #"{"metadata":{"name":"a"}}"#, 404, "NotFound", "namespaces \"absent\" not found"),
        WrongInput(
            "labels in a list", "POST", WrongInput.maps, #"{"metadata":{"name":"a","labels":[]}}"#,
            400, "BadRequest", "cannot unmarshal array"),
        WrongInput(
            "name as a number", "POST", WrongInput.maps, #"{"metadata":{"name":7}}"#, 400,
            "BadRequest", "metadata.name"),
        WrongInput(
            "unknown field", "POST", "\(WrongInput.maps)?fieldValidation=Strict",
            #"{"metadata":{"name":"a"},"date":{}}"#, 400, "BadRequest",
            "unknown field \"date\"", fields: ["date"]),
        WrongInput(
            "field twice", "POST", "\(WrongInput.maps)?fieldValidation=Strict",
            #"{"metadata":{"name":"a"},"data":{"x":"1","x":"2"}}"#, 400, "BadRequest",
            "duplicate field \"data.x\""),
    ]

    private static func put(
        _ name: String, _ body: String, _ status: Int, _ reason: String, _ says: String = "",
        fields: [String]? = nil
    ) -> WrongInput {
        WrongInput(
            name, "PUT", "\(WrongInput.maps)/one", body, status, reason, says, fields: fields)
    }

    private static let replacements = [
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
            "replace what is not there", "PUT", "\(WrongInput.maps)/absent",
            #"{"metadata":{"name":"absent"}}"#, 404, "NotFound"),
    ]

    private static func patch(
        _ name: String, _ kind: String, _ body: String, _ status: Int, _ reason: String,
        _ says: String = "", fields: [String]? = nil
    ) -> WrongInput {
        WrongInput(
            name, "PATCH", WrongInput.web, body, type: "application/\(kind)+json", status, reason,
            says, fields: fields)
    }

    private static let patches = [
        WrongInput(
            "patch what is not there", "PATCH", "\(WrongInput.maps)/absent", "{}",
            type: "application/merge-patch+json", 404, "NotFound"),
        WrongInput("no form of patch", "PATCH", WrongInput.web, "{}", 415, "UnsupportedMediaType"),
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
    ]

    private static let subresources = [
        WrongInput(
            "a negative scale", "PATCH", "\(WrongInput.web)/scale", #"{"spec":{"replicas":-1}}"#,
            type: "application/merge-patch+json", 422, "Invalid", fields: ["spec.replicas"]),
        WrongInput(
            "a scale in words", "PATCH", "\(WrongInput.web)/scale", #"{"spec":{"replicas":"x"}}"#,
            type: "application/merge-patch+json", 400, "BadRequest", "spec.replicas"),
        WrongInput(
            "a scale at an old version", "PATCH", "\(WrongInput.web)/scale",
            #"{"metadata":{"resourceVersion":"1"}}"#, type: "application/merge-patch+json",
            409, "Conflict"),
        WrongInput(
            "create a status", "POST", "\(WrongInput.web)/status", "{}", 405, "MethodNotAllowed"),
    ]
}
