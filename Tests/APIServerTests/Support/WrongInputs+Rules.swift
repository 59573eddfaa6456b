import Primitives

// Values that break the rules of their kind, and clients that are not who they say.
extension WrongInputs {
    private static func invalid(
        _ name: String, _ target: String, _ body: String, _ fields: [String]
    ) -> WrongInput {
        WrongInput(name, "POST", target, body, 422, "Invalid", fields: fields)
    }

    /// A pod with these members of its spec.
    private static func pod(_ name: String, _ spec: String, _ fields: [String]) -> WrongInput {
        invalid(
            name, "/api/v1/namespaces/default/pods",
            #"{"metadata":{"name":"a"},"spec":{\#(spec)}}"#, fields)
    }

    private static func container(
        _ name: String, _ members: String, _ fields: [String]
    ) -> WrongInput {
        pod(
            name, #""containers":[{"name":"c","image":"i",\#(members)}]"#,
            fields.map { "spec.containers[0].\($0)" })
    }

    /// Values that are out of their range.
    static let values = WrongInputs(
        "values",
        [
            pod("no containers", #""containers":[]"#, ["spec.containers"]),
            pod(
                "a container's name", #""containers":[{"name":"C","image":"i"}]"#,
                ["spec.containers[0].name"]),
            pod(
                "a name twice",
                #""containers":[{"name":"c","image":"i"},{"name":"c","image":"i"}]"#,
                ["spec.containers[1].name"]),
            container("a port", #""ports":[{"containerPort":70000}]"#, ["ports[0].containerPort"]),
            container("a variable", #""env":[{"name":"a=b"}]"#, ["env[0].name"]),
            container("a mount of nothing", #""volumeMounts":[{"name":"v","mountPath":"/v"}]"#,
                ["volumeMounts[0].name"]),
            container("a probe of nothing", #""livenessProbe":{}"#, ["livenessProbe"]),
            pod(
                "a policy", #""restartPolicy":"Often","containers":[{"name":"c","image":"i"}]"#,
                ["spec.restartPolicy"]),
            invalid(
                "a service without ports", services,
                #"{"metadata":{"name":"a"},"spec":{"ports":[]}}"#, ["spec.ports"]),
            invalid(
                "a port of zero", services,
                #"{"metadata":{"name":"a"},"spec":{"ports":[{"port":0}]}}"#,
                ["spec.ports[0].port", "spec.ports[0].targetPort"]),
            invalid(
                "a service's name", services,
                #"{"metadata":{"name":"1a"},"spec":{"ports":[{"port":1}]}}"#, ["metadata.name"]),
            invalid(
                "a namespace's name", "/api/v1/namespaces", #"{"metadata":{"name":"a.b"}}"#,
                ["metadata.name"]),
            invalid(
                "a key of a map", WrongInput.maps,
                #"{"metadata":{"name":"a"},"data":{"a/b":""}}"#, ["data[a/b]"]),
            invalid(
                "a model's hash", models,
                #"{"metadata":{"name":"a"},"spec":{"format":{"name":"f"},"version":"1","#
                    + #""uri":"file:///a","sha256":"1"}}"#,
                ["spec.sha256"]),
            invalid(
                "a model's address", models,
                #"{"metadata":{"name":"a"},"spec":{"format":{"name":"f"},"version":"1","#
                    + #""uri":"gopher://a"}}"#,
                ["spec.uri"]),
        ])

    /// Custom resources and their definitions.
    static let custom: WrongInputs = {
        func widget(_ name: String, _ spec: String, _ fields: [String]) -> WrongInput {
            invalid(
                name, CustomResourceTests.widgets,
                #"{"metadata":{"name":"a"},"spec":\#(spec)}"#, fields)
        }
        return WrongInputs(
            "custom resources",
            [
                widget("too small", #"{"size":0}"#, ["spec.size"]),
                widget("too large", #"{"size":11}"#, ["spec.size"]),
                widget("of another type", #"{"size":"1"}"#, ["spec.size"]),
                widget("absent", "{}", ["spec.size"]),
                widget("none of those", #"{"size":1,"color":"blue"}"#, ["spec.color"]),
                widget("of another form", #"{"size":1,"name":"A"}"#, ["spec.name"]),
                widget("too long", #"{"size":1,"name":"abcdef"}"#, ["spec.name"]),
                widget("several", #"{"size":0,"color":"blue"}"#, ["spec.size", "spec.color"]),
                invalid(
                    "no object", CustomResourceTests.widgets, #"{"metadata":{"name":"a"}}"#,
                    ["spec"]),
                WrongInput(
                    "a strategic merge", "PATCH", "\(CustomResourceTests.widgets)/one", "{}",
                    type: "application/strategic-merge-patch+json", 415, "UnsupportedMediaType"),
                invalid(
                    "a definition of another name", CustomResourceTests.definitions,
                    #"{"metadata":{"name":"a.b"},"spec":{"group":"example.org","scope":"Cluster","#
                        + #""names":{"plural":"toys","kind":"Toy"},"versions":[{"name":"v1","#
                        + #""served":true,"storage":true,"#
                        + #""schema":{"openAPIV3Schema":{"type":"object"}}}]}}"#,
                    ["metadata.name"]),
            ])
    }()

    /// Who shows something that is not valid is nobody, not somebody anonymous.
    static let credentials: WrongInputs = {
        func stranger(
            _ name: String, token: String?, certificate: Bytes? = nil, _ status: Int = 401,
            _ reason: String = "Unauthorized", headers: [(name: String, value: String)] = []
        ) -> WrongInput {
            var row = WrongInput(
                name, "POST", WrongInput.maps, #"{"metadata":{"name":"a"}}"#, status, reason)
            row.token = token
            row.certificate = certificate
            row.headers += headers
            return row
        }
        let basic = [("authorization", "Basic YWRtaW46YWRtaW4=")]
        return WrongInputs(
            "credentials",
            [
                stranger("a wrong token", token: "wrong"),
                stranger("half a token", token: "admin"),
                stranger("a token and more", token: "admin-token2"),
                stranger("an empty token", token: ""),
                stranger("a password", token: nil, headers: basic),
                stranger("a bare word", token: nil, headers: [("authorization", "admin-token")]),
                stranger("no certificate", token: nil, certificate: Bytes("x".utf8)),
                stranger("an empty certificate", token: nil, certificate: []),
                stranger("a cut certificate", token: nil, certificate: [0x30, 0x82, 0x01]),
                stranger("nobody", token: nil, 403, "Forbidden"),
                stranger("a reader", token: "user-token", 403, "Forbidden"),
                stranger(
                    "a reader as the administrator", token: "user-token", 403, "Forbidden",
                    headers: [("impersonate-user", "admin")]),
                stranger(
                    "a group alone", token: "admin-token", 400, "BadRequest",
                    headers: [("impersonate-group", "system:masters")]),
            ])
    }()
}
