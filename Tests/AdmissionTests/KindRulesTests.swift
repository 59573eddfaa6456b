import Admission
import ResourceModel
import Testing

/// Decoding, defaults and validation in Kubernetes' words.
@Suite struct KindRulesTests {
    private static let kind = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")

    private static func strings(_ change: (inout StringRules) -> Void) -> Schema {
        var rules = StringRules()
        change(&rules)
        return .string(rules)
    }

    private static let container = ObjectSchema(
        "io.k8s.api.core.v1.Container", "A container.",
        [
            Field(1, "name", .string(StringRules()), "Name.", isRequired: true),
            Field(2, "image", .string(StringRules()), "Image."),
            Field(3, "cpu", .quantity, "Processor."),
            Field(
                4, "pull", .string(StringRules(allowed: ["Always", "Never"])), "When to pull.",
                default: "Always"),
            Field(5, "env", .map(MapSchema(of: .string(StringRules()))), "Variables."),
        ])
    private static let spec = ObjectSchema(
        "io.k8s.api.apps.v1.DeploymentSpec", "Spec.",
        [
            Field(1, "replicas", .integer(IntegerRules(minimum: 0)), "Replicas.", default: 1),
            Field(2, "port", .integer(IntegerRules(minimum: 1, maximum: 65_535)), "Port."),
            Field(3, "big", .integer(IntegerRules(is32Bit: false)), "Big."),
            Field(4, "paused", .boolean, "Paused."),
            Field(5, "since", .time(isMicro: false), "Since."),
            Field(6, "surge", .integerOrString, "Surge."), Field(7, "secret", .bytes, "Secret."),
            Field(
                8, "containers",
                .array(ListSchema(of: .object(container), .map(keys: ["name"]), countMax: 3)),
                "Containers.", isRequired: true),
            Field(
                9, "tags", .array(ListSchema(of: .string(StringRules()), .set, countMin: 1)),
                "Tags."),
            Field(
                10, "code",
                strings {
                    $0.pattern = "^[a-z]+$"
                    $0.lengthMin = 2
                    $0.lengthMax = 4
                },
                "Code."),
            Field(11, "free", .any(preservesUnknown: true), "Anything."),
            Field(12, "inner", .reference("Spec"), "The same again."),
            Field(13, "note", .string(StringRules()), "Note.", isNullable: true),
            Field(
                14, "ratio",
                .number(
                    {
                        var r = NumberRules()
                        r.maximum = 1.5
                        r.excludesMaximum = true
                        return r
                    }()), "Ratio."),
        ])
    private static let schema = ObjectSchema(
        "io.k8s.api.apps.v1.Deployment", "A deployment.",
        [
            Field(0, "apiVersion", .string(StringRules()), "Version."),
            Field(0, "kind", .string(StringRules()), "Kind."),
            Field(
                1, "metadata",
                .object(
                    ObjectSchema(
                        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "Metadata.",
                        [
                            Field(1, "name", .string(StringRules()), "Name."),
                            Field(
                                11, "labels", .map(MapSchema(of: .string(StringRules()))), "Labels."
                            ),
                        ])), "Metadata."),
            Field(2, "spec", .object(spec), "Spec."),
        ])
    private static let table = SchemaTable(["Spec": .object(spec)])
    private let builtIn = KindRules(kind, schema, .builtIn, table: table)
    private let custom = KindRules(kind, schema, .custom, table: table)

    private func decode(
        _ text: String, _ validation: KindRules.FieldValidation = .strict,
        custom isCustom: Bool = false
    ) throws -> KindRules.Decoded {
        var duplicates: [String] = []
        let body = try JSON(parsing: .init(text.utf8), duplicates: &duplicates)
        return try (isCustom ? custom : builtIn).decode(body, duplicates: duplicates, validation)
    }

    private static let wrongTypes: [(String, String, String)] = [
        (
            #"{"spec":{"replicas":"1"}}"#, "spec.replicas",
            "json: cannot unmarshal string into Go"
                + " struct field DeploymentSpec.spec.replicas of type int32"
        ),
        (
            #"{"spec":{"replicas":1.5}}"#, "spec.replicas",
            "json: cannot unmarshal number 1.5 into Go"
                + " struct field DeploymentSpec.spec.replicas of type int32"
        ),
        (
            #"{"spec":{"replicas":4294967296}}"#, "spec.replicas",
            "json: cannot unmarshal number"
                + " 4294967296 into Go struct field DeploymentSpec.spec.replicas of type int32"
        ),
        (
            #"{"spec":{"big":"x"}}"#, "spec.big",
            "json: cannot unmarshal string into Go struct field"
                + " DeploymentSpec.spec.big of type int64"
        ),
        (
            #"{"spec":[]}"#, "spec",
            "json: cannot unmarshal array into Go struct field"
                + " Deployment.spec of type v1.DeploymentSpec"
        ),
        (
            #"{"spec":{"containers":{}}}"#, "spec.containers",
            "json: cannot unmarshal object into Go"
                + " struct field DeploymentSpec.spec.containers of type []v1.Container"
        ),
        (
            #"{"spec":{"containers":[{},{"image":1}]}}"#, "spec.containers[1].image",
            "json: cannot"
                + " unmarshal number into Go struct field Container.spec.containers.image of type"
                + " string"
        ),
        (
            #"{"metadata":{"labels":{"a":1}}}"#, "metadata.labels.a",
            "json: cannot unmarshal number into"
                + " Go struct field ObjectMeta.metadata.labels.a of type string"
        ),
        (
            #"{"spec":{"paused":"yes"}}"#, "spec.paused",
            "json: cannot unmarshal string into Go struct"
                + " field DeploymentSpec.spec.paused of type bool"
        ),
        (
            #"{"spec":{"containers":[{"cpu":"1x"}]}}"#, "spec.containers[0].cpu",
            "quantities must match"
                + " the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        ),
        (
            #"{"spec":{"since":"now"}}"#, "spec.since",
            "parsing time \"now\" as"
                + " \"2006-01-02T15:04:05Z07:00\": cannot parse \"now\" as \"2006\""
        ),
        (#"{"spec":{"secret":"a*=="}}"#, "spec.secret", "illegal base64 data at input byte 1"),
    ]

    @Test(arguments: wrongTypes)
    func `a value of the wrong type is refused with its path`(
        _ text: String, _ path: String, _ problem: String
    ) {
        let failure = #expect(throws: APIFailure.self) { try decode(text, .ignore) }
        #expect(failure?.code == 400)
        #expect(
            failure?.message
                == "Deployment in version \"v1\" cannot be handled as a Deployment: \(problem)")
        #expect(failure?.details?.causes.map(\.field) == [path])
    }

    @Test func `unknown and duplicate fields are refused, warned about or dropped`() throws {
        let text =
            #"{"spec":{"foo":1,"containers":[{"name":"a","bar":2}],"paused":true,"paused":false}}"#
        let failure = #expect(throws: APIFailure.self) { try decode(text) }
        #expect(
            failure?.message == "Deployment in version \"v1\" cannot be handled as a Deployment:"
                + " strict decoding error: unknown field \"spec.foo\", unknown field"
                + " \"spec.containers[0].bar\", duplicate field \"spec.paused\"")
        #expect(
            failure?.details?.causes.map(\.field) == [
                "spec.foo", "spec.containers[0].bar", "spec.paused",
            ])
        let warned = try decode(text, .warn)
        #expect(
            warned.warnings == [
                "unknown field \"spec.foo\"", "unknown field \"spec.containers[0].bar\"",
                "duplicate field \"spec.paused\"",
            ])
        #expect(
            warned.object.encodedText == #"{"spec":{"containers":[{"name":"a"}],"paused":false}}"#)
        let ignored = try decode(text, .ignore)
        #expect(ignored.warnings.isEmpty && ignored.object == warned.object)
    }

    @Test func `values get their canonical form, and null means absent`() throws {
        let decoded = try decode(
            #"{"spec":{"replicas":null,"containers":[{"name":"a","cpu":0.5,"env":{"X":null}}],"#
                + #""since":"2026-11-25T04:00:00+01:00","note":null,"free":{"any":[null]},"#
                + #""secret":"aGk="}}"#)
        #expect(
            decoded.object.encodedText == #"{"spec":{"containers":[{"name":"a","cpu":"500m","#
                + #""env":{"X":""}}],"since":"2026-11-25T03:00:00Z","note":null,"#
                + #""free":{"any":[null]},"secret":"aGk="}}"#)
    }

    @Test func `a custom resource has types in its metadata only`() throws {
        let decoded = try decode(#"{"spec":{"replicas":"1","foo":2}}"#, .warn, custom: true)
        #expect(decoded.object == ["spec": ["replicas": "1"]])
        #expect(decoded.warnings == ["unknown field \"spec.foo\""])
        let failure = #expect(throws: APIFailure.self) {
            try decode(#"{"metadata":{"labels":{"a":1}}}"#, custom: true)
        }
        #expect(failure?.message.contains("cannot unmarshal number") == true)
    }

    @Test func `defaults are set at every depth, and only where nothing is`() {
        var object: JSON = [
            "spec": ["containers": [["name": "a"], ["name": "b", "pull": "Never"]], "inner": [:]]
        ]
        builtIn.setDefaults(&object)
        #expect(
            object.encodedText == #"{"spec":{"containers":[{"name":"a","pull":"Always"},"#
                + #"{"name":"b","pull":"Never"}],"inner":{"replicas":1},"replicas":1}}"#)
        var empty: JSON = [:]
        builtIn.setDefaults(&empty)
        #expect(empty == [:])
    }

    private static let invalid: [(String, String, String)] = [
        (
            #"{"replicas":-1}"#,
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
            "spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or"
                + " equal"
                + " to 0"
        ),
        (
            #"{"port":0}"#, "spec.port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "spec.port: Invalid value: 0: spec.port in body should be greater than or equal to 1"
        ),
        (
            #"{"ratio":1.5}"#, "spec.ratio: Invalid value: 1.5: must be less than 1.5",
            "spec.ratio: Invalid value: 1.5: spec.ratio in body should be less than 1.5"
        ),
        (
            #"{"code":"A"}"#,
            "spec.code: Invalid value: \"A\": must be at least 2 characters|"
                + "spec.code: Invalid value: \"A\": must match '^[a-z]+$'",
            "spec.code: Invalid value: \"A\": spec.code in body should be at least 2 chars long|"
                + "spec.code: Invalid value: \"A\": spec.code in body should match '^[a-z]+$'"
        ),
        (
            #"{"code":"abcde"}"#, "spec.code: Too long: may not be more than 4 bytes",
            "spec.code: Too long: may not be more than 4 bytes"
        ),
        (
            #"{"tags":[]}"#, "spec.tags: Invalid value: 0: must have at least 1 items",
            "spec.tags: Invalid value: 0: spec.tags in body should have at least 1 items"
        ),
        (
            #"{"tags":["a","b","a"]}"#, "spec.tags[2]: Duplicate value: \"a\"",
            "spec.tags[2]: Duplicate value: \"a\""
        ),
        (
            #"{"containers":[{"name":"a"},{"name":"a"}]}"#,
            "spec.containers[1].name: Duplicate value: \"a\"",
            "spec.containers[1]: Duplicate value: {\"name\":\"a\"}"
        ),
        (
            #"{"containers":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]}"#,
            "spec.containers: Too many: 4: must have at most 3 items",
            "spec.containers: Too many: 4: must have at most 3 items"
        ),
        (
            #"{"containers":[{"name":"a","pull":"Maybe"}]}"#,
            "spec.containers[0].pull: Unsupported value:"
                + " \"Maybe\": supported values: \"Always\", \"Never\"",
            "spec.containers[0].pull: Unsupported value: \"Maybe\": supported values: \"Always\","
                + " \"Never\""
        ),
        (
            #"{"containers":[{"image":"x"}]}"#, "spec.containers[0].name: Required value",
            "spec.containers[0].name: Required value"
        ),
        (#"{"containers":[{"name":""}]}"#, "spec.containers[0].name: Required value", ""),
        (
            #"{"inner":{"port":70000,"containers":[{"name":"a"}]}}"#,
            "spec.inner.port: Invalid value:"
                + " 70000: must be between 1 and 65535, inclusive",
            "spec.inner.port: Invalid value: 70000: spec.inner.port in body should be less than or"
                + " equal to 65535"
        ),
        (
            #"{"paused":"x"}"#,
            "spec.paused: Invalid value: \"string\": spec.paused in body must be of"
                + " type boolean: \"string\"",
            "spec.paused: Invalid value: \"string\": spec.paused in body must be of type boolean:"
                + " \"string\""
        ),
    ]

    @Test(arguments: invalid)
    func `what breaks a rule is named with its path`(
        _ spec: String, _ builtInText: String, _ customText: String
    ) throws {
        var object: JSON = ["spec": try JSON(parsing: spec)]
        if object["spec"]["containers"] == nil { object["spec"]["containers"] = [["name": "a"]] }
        func texts(_ rules: KindRules) -> String {
            rules.validate(object).map(\.text).joined(separator: "|")
        }
        #expect(texts(builtIn) == builtInText)
        #expect(texts(custom) == customText)
    }

    @Test func `what keeps all rules is valid, and required lists must not be empty`() throws {
        let good: JSON = [
            "spec": [
                "replicas": 3, "containers": [["name": "a", "cpu": "1"]], "tags": ["x"],
                "code": "abc", "surge": "25%", "free": [1, ["x": .null]], "note": .null,
            ]
        ]
        #expect(builtIn.validate(good).isEmpty && custom.validate(good).isEmpty)
        #expect(
            builtIn.validate(["spec": ["containers": []]]).map(\.text)
                == ["spec.containers: Required value"])
        #expect(custom.validate(["spec": ["containers": []]]).isEmpty)
    }

    @Test func `errors and unknown fields are bounded`() throws {
        let names = (0..<500).map { "\"u\($0)\":1" }.joined(separator: ",")
        #expect(try decode("{\(names)}", .warn).warnings.count == 100)
        let object: JSON = [
            "spec": ["containers": .array(Array(repeating: ["image": "x"], count: 500))]
        ]
        #expect(builtIn.validate(object).count == 100)
    }

    @Test func `patterns that cannot be read are found`() {
        let schema = Schema.object(
            ObjectSchema(
                "", "",
                [Field(0, "a", .array(ListSchema(of: Self.strings { $0.pattern = "(" })), "")]))
        #expect(
            KindRules.problems(of: schema, path: "spec").map(\.text) == [
                "spec.a: Invalid value: \"(\": error parsing regexp: missing closing ): `(`"
            ])
    }
}
