import Primitives
import ResourceModel
import StoreModel
import Testing

@testable import APIServer

/// Resources that are defined while the server runs.
@Suite struct CustomResourceTests {
    static let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    static let widgets = "/apis/example.com/v1/namespaces/default/widgets"

    static let schema: JSON = [
        "type": "object", "required": ["spec"],
        "properties": [
            "spec": [
                "type": "object", "required": ["size"],
                "properties": [
                    "size": ["type": "integer", "minimum": 1, "maximum": 10],
                    "color": ["type": "string", "enum": ["red", "green"], "default": "red"],
                    "name": ["type": "string", "pattern": "^[a-z]+$", "maxLength": 5],
                    "replicas": ["type": "integer"],
                    "free": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                ],
            ],
            "status": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
        ],
    ]

    static func definition(_ schema: JSON = schema) -> JSON {
        [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "widgets.example.com"],
            "spec": [
                "group": "example.com", "scope": "Namespaced",
                "names": ["plural": "widgets", "kind": "Widget", "shortNames": ["wd"]],
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true,
                        "schema": ["openAPIV3Schema": schema],
                        "subresources": [
                            "status": [:],
                            "scale": [
                                "specReplicasPath": ".spec.replicas",
                                "statusReplicasPath": ".status.replicas",
                            ],
                        ],
                        "additionalPrinterColumns": [
                            ["name": "Size", "type": "integer", "jsonPath": ".spec.size"],
                            [
                                "name": "Ready", "type": "string",
                                "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status",
                            ],
                        ],
                    ],
                    [
                        "name": "v1beta1", "served": true, "storage": false,
                        "schema": ["openAPIV3Schema": schema],
                    ],
                ],
            ],
        ]
    }

    static func widget(_ spec: JSON) -> JSON {
        [
            "apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "one"],
            "spec": spec,
        ]
    }

    @Test func `a definition is served at once, in all its versions, and gone at once`()
        async throws
    {
        try await TestServer.run { server in
            #expect(try await server.send("GET", Self.widgets).status == 404)
            let defined = try await server.send("POST", Self.definitions, Self.definition())
            #expect(defined.status == 201, "\(defined.text)")
            let conditions = defined.json["status"]["conditions"].arrayValue ?? []
            #expect(conditions.map { $0["type"] ?? "" } == ["NamesAccepted", "Established"])
            let created = try await server.send("POST", Self.widgets, Self.widget(["size": 3]))
            #expect(created.status == 201, "\(created.text)")
            #expect(created.json["spec"]["color"] == "red")
            #expect(created.json["metadata"]["generation"] == 1)
            let older = try await server.send(
                "GET", "/apis/example.com/v1beta1/namespaces/default/widgets/one")
            #expect(older.json["apiVersion"] == "example.com/v1beta1")
            let groups = try await server.send("GET", "/apis/example.com")
            #expect(groups.json["preferredVersion"]["version"] == "v1")
            let paths = try await server.send("GET", "/openapi/v3")
            let place = paths.json["paths"]["apis/example.com/v1"]["serverRelativeURL"]
            let document = try await server.send("GET", place.stringValue ?? "")
            #expect(document.json["components"]["schemas"]["com.example.v1.Widget"] != nil)
            let gone = try await server.send("DELETE", "\(Self.definitions)/widgets.example.com")
            #expect(gone.status == 200)
            #expect(try await server.send("GET", Self.widgets).status == 404)
            #expect(try await server.send("GET", "/apis/example.com").status == 404)
        }
    }

    @Test func `with its definition go all objects and their watches end`() async throws {
        try await TestServer.run { server in
            _ = try await server.send("POST", Self.definitions, Self.definition())
            _ = try await server.send("POST", Self.widgets, Self.widget(["size": 3]))
            let stream = try await server.open("GET", "\(Self.widgets)?watch=true")
            var lines = stream.lines()
            #expect(await lines.summary() == "ADDED one ")
            let address = "\(Self.definitions)/widgets.example.com"
            let one = "watch=true&fieldSelector=metadata.name%3Dwidgets.example.com"
            let definitions = try await server.open("GET", "\(Self.definitions)?\(one)")
            var changes = definitions.lines()
            _ = await changes.next()
            _ = try await server.send("DELETE", address)
            while await lines.next() != nil {}
            var change = await changes.next()
            while change != nil, change["type"] != "DELETED" { change = await changes.next() }
            #expect(change["type"] == "DELETED")
            _ = try await server.send("POST", Self.definitions, Self.definition())
            #expect(try await server.send("GET", Self.widgets).json["items"] == [])
            try await definitions.hangUp()
        }
    }

    @Test func `definitions of an earlier run are served from the start`() async throws {
        try await TestServer.run { server in
            _ = try await server.send("POST", Self.definitions, Self.definition())
            let log = server.parts.service.log
            try await TestServer.run(on: server.store, log) { other in
                let created = try await other.send("POST", Self.widgets, Self.widget(["size": 3]))
                #expect(created.status == 201, "\(created.text)")
            }
        }
    }

    @Test(arguments: [
        (["size": 0], ["spec.size"]), (["size": 11], ["spec.size"]),
        (["size": "x"], ["spec.size"]), ([:], ["spec.size"]),
        (["size": 1, "color": "blue"], ["spec.color"]),
        (["size": 1, "name": "ABC"], ["spec.name"]),
        (["size": 1, "name": "toolong"], ["spec.name"]),
        (["size": 1.5], ["spec.size"]), (["size": 99, "color": 7], ["spec.size", "spec.color"]),
        (["size": 1, "free": "text"], ["spec.free"]),
    ] as [(JSON, [String])])
    func `objects are held to the schema, with the fields named`(
        spec: JSON, fields: [String]
    ) async throws {
        try await TestServer.run { server in
            _ = try await server.send("POST", Self.definitions, Self.definition())
            let answer = try await server.send("POST", Self.widgets, Self.widget(spec))
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.reason == "Invalid")
            #expect(Set(answer.fields) == Set(fields), "\(answer.text)")
            #expect(try await server.send("GET", Self.widgets).json["items"] == [])
        }
    }

    @Test func `a definition is served at once and stays, whatever else is defined meanwhile`()
        async throws
    {
        try await TestServer.run { server in
            for number in 0..<60 {
                // Each of them has the housekeeper compare what is served with what is there.
                let plural = "widgets\(number)"
                var definition = Self.definition()
                definition["metadata"]["name"] = .string("\(plural).example.com")
                definition["spec"]["names"] = [
                    "plural": .string(plural), "kind": .string("Widget\(number)"),
                ]
                _ = try await server.send("POST", Self.definitions, definition)
                for _ in 0..<5 {
                    let answer = try await server.send(
                        "GET", "/apis/example.com/v1/namespaces/default/\(plural)")
                    #expect(answer.status == 200, "\(plural): \(answer.text)")
                }
            }
        }
    }

    @Test func `what is known of a definition is not replaced by something older`() throws {
        let registry = ResourceRegistry.builtIn()
        func sizes() -> [String] {
            registry.contents.resources.filter { $0.kind.resource == "widgets" }
                .map(\.kind.version)
        }
        func set(_ versions: [String], at revision: Revision) {
            var definition = Self.definition()
            definition["spec"]["versions"]?.withItems { items in
                items = items.filter { versions.contains($0["name"].stringValue ?? "") }
            }
            let read = CustomDefinition(definition, metadata: registry.metadataSchema)
            registry.setCustom(
                read.resources, of: "widgets.example.com",
                definition: definition["spec"] ?? .null, at: revision)
        }
        set(["v1", "v1beta1"], at: Revision(5))
        set(["v1"], at: Revision(4))
        #expect(sizes().count == 2)
        set(["v1"], at: Revision(6))
        #expect(sizes() == ["v1"])
    }

    @Test func `unknown fields are pruned, or refused where that is wished`() async throws {
        try await TestServer.run { server in
            _ = try await server.send("POST", Self.definitions, Self.definition())
            let widget = Self.widget(["size": 1, "unknown": 2, "free": ["any": ["thing": 1]]])
            let strict = try await server.send(
                "POST", "\(Self.widgets)?fieldValidation=Strict", widget)
            #expect(strict.status == 400)
            #expect(strict.message.contains("unknown field \"spec.unknown\""), "\(strict.text)")
            let warned = try await server.send("POST", Self.widgets, widget)
            #expect(warned.status == 201)
            #expect(warned.json["spec"]["unknown"] == nil)
            #expect(warned.json["spec"]["free"]["any"]["thing"] == 1)
            #expect(warned.header("warning")?.contains("spec.unknown") == true)
        }
    }

    @Test func `columns, status and scale are those of the definition`() async throws {
        try await TestServer.run { server in
            _ = try await server.send("POST", Self.definitions, Self.definition())
            _ = try await server.send("POST", Self.widgets, Self.widget(["size": 3]))
            let one = "\(Self.widgets)/one"
            let status: JSON = ["conditions": [["type": "Ready", "status": "True"]], "replicas": 1]
            let changed = try await server.send(
                "PATCH", "\(one)/status", ["status": status],
                type: "application/merge-patch+json")
            #expect(changed.json["status"] == status, "\(changed.text)")
            let scaled = try await server.send(
                "PATCH", "\(one)/scale", ["spec": ["replicas": 4]],
                type: "application/merge-patch+json")
            #expect(scaled.json["spec"]["replicas"] == 4, "\(scaled.text)")
            let table = try await server.send(
                "GET", one,
                headers: [("accept", "application/json;as=Table;v=v1;g=meta.k8s.io")])
            #expect(table.json["rows"][0]["cells"] == ["one", 3, "True"])
            let strategic = try await server.send(
                "PATCH", one, ["spec": ["size": 4]],
                type: "application/strategic-merge-patch+json")
            #expect(strategic.status == 415)
        }
    }

    @Test(arguments: [
        (["type": "object", "properties": ["a": [:]]], "properties[a].type"),
        (["type": "array"], "openAPIV3Schema.type"),
        (
            ["type": "object", "properties": ["a": ["type": "string", "pattern": "("]]],
            "properties[a].pattern"
        ),
        (["type": "object", "x-kubernetes-validations": [["rule": "true"]]], "validations"),
        (["type": "object", "oneOf": [["required": ["a"]]]], "oneOf"),
        (["type": "object", "properties": ["a": ["type": "array"]]], "properties[a].items"),
        (["type": "object", "properties": ["a": ["type": "text"]]], "properties[a].type"),
        (["type": "object", "properties": ["a": ["type": "string", "not": [:]]]], "not"),
    ] as [(JSON, String)])
    func `a schema that cannot be kept is refused with its place`(
        schema: JSON, field: String
    ) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                "POST", Self.definitions, Self.definition(schema))
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.fields.contains { $0.hasSuffix(field) }, "\(answer.text)")
            #expect(try await server.send("GET", "/apis/example.com").status == 404)
        }
    }
}
