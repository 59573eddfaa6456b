import ClusterAccess
import Primitives
import ResourceModel
import Testing

@Suite struct FieldNamesTests {
    private static let document: JSON = [
        "components": [
            "schemas": [
                "Boat": [
                    "x-kubernetes-group-version-kind": [
                        ["group": "example.com", "kind": "Boat", "version": "v1"]
                    ],
                    "properties": [
                        "metadata": ["allOf": [["$ref": "#/components/schemas/Meta"]]],
                        "crew": [
                            "type": "array",
                            "items": ["properties": ["name": ["type": "string"], "rank": [:]]],
                        ],
                        "hull": ["$ref": "#/components/schemas/Hull"],
                    ],
                ],
                "Meta": ["properties": ["labels": [:], "name": [:]]],
                "Hull": ["properties": ["length": [:]]],
            ]
        ]
    ]

    @Test(arguments: [
        ("crew", ["metadata", "crew", "hull"]), ("metadata.colour", ["labels", "name"]),
        ("crew[3].ranc", ["name", "rank"]), ("hull.lenght", ["length"]),
        ("hull.length.deep", []), ("nothing.here", []),
    ])
    func `the fields beside an unknown one are those of its parent`(
        path: String, names: [String]
    ) throws {
        let known = try #require(FieldNames(Self.document, of: "Boat", in: "example.com/v1"))
        #expect(known.siblings(of: path) == names)
    }

    @Test func `a document without the kind says nothing`() {
        #expect(FieldNames(Self.document, of: "Boat", in: "example.com/v2") == nil)
        #expect(FieldNames([:], of: "Pod", in: "v1") == nil)
    }

    /// With causes, as Keelson has them, and in the message alone, as Kubernetes does.
    @Test(arguments: [true, false])
    func `what a server says of fields is found`(hasCauses: Bool) {
        var failure = APIFailure(
            400, .badRequest,
            "Boat in version \"v1\" cannot be handled as a Boat: strict decoding error:"
                + " unknown field \"hull.lenght\", duplicate field \"crew[0].name\"")
        if hasCauses {
            failure.details = APIFailure.Details()
            failure.details?.causes = [
                .init(reason: "", message: "unknown field \"hull.lenght\"", field: "hull.lenght"),
                .init(
                    reason: "", message: "duplicate field \"crew[0].name\"",
                    field: "crew[0].name"),
            ]
        }
        let problems = FieldProblem.all(in: failure)
        #expect(problems.map(\.field) == ["hull.lenght", "crew[0].name"])
        #expect(problems.map(\.text) == ["unknown field", "duplicate field"])
        let known = FieldNames(Self.document, of: "Boat", in: "example.com/v1")
        #expect(problems.map { $0.suggestion(known) } == ["length", nil])
    }

    @Test func `wrong types and conflicts name their fields`() {
        let wrong = APIFailure(
            400, .badRequest,
            "Boat in version \"v1\" cannot be handled as a Boat: json: cannot unmarshal string into"
                + " Go struct field BoatSpec.spec.length of type int32")
        #expect(
            FieldProblem.all(in: wrong)
                == [FieldProblem(field: "spec.length", text: "string where int32 is wanted")])
        var conflict = APIFailure(409, .conflict, "Apply failed with 1 conflict")
        conflict.details = APIFailure.Details()
        conflict.details?.causes = [
            .init(reason: "FieldManagerConflict", message: "conflict with \"other\"", field: ".a.b")
        ]
        #expect(
            FieldProblem.all(in: conflict)
                == [FieldProblem(field: "a.b", text: "conflict with \"other\"")])
        #expect(FieldProblem.all(in: APIFailure(404, .notFound, "no such boat")).isEmpty)
    }
}
