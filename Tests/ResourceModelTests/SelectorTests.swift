import ResourceModel
import Testing

/// Kubernetes' labels and fields packages: what is wanted, and their words for mistakes.
@Suite struct SelectorTests {
    private static let labels: [(name: String, value: String)] = [
        ("app", "web"), ("tier", "front"), ("n", "7"), ("empty", ""),
    ]
    private static let wanted: [(String, Bool)] = [
        ("", true), ("app=web", true), ("app==web", true), ("app=db", false), ("app!=db", true),
        ("app != web", false), ("none!=x", true), ("none=x", false), ("app", true),
        ("none", false), ("!none", true), ("! app", false), ("app in (db, web)", true),
        ("app in (db)", false), ("app notin (db)", true), ("none notin (db)", true),
        ("none in ()", false), ("empty in ()", true), ("empty=", true), ("empty=,app=web", true),
        ("empty in (,x)", true), ("app=web,tier in (front,back),!none", true),
        ("app=web,tier=back", false), ("n>6", true), ("n<7", false), ("n < 8", true),
        ("app>1", false), ("in in (in)", false), ("app in (in,web,notin)", true),
    ]

    @Test(arguments: wanted)
    func `labels are matched`(_ text: String, _ isMatch: Bool) throws {
        let selector = try LabelSelector(parsing: text)
        #expect(selector.matches(Self.labels) == isMatch)
        let object = JSON(
            dictionaryLiteral: ("app", "web"), ("tier", "front"), ("n", "7"),
            ("empty", ""))
        #expect(selector.matches(object) == isMatch)
        #expect(try LabelSelector(parsing: selector.description) == selector)
    }

    private static let mistakes: [(String, String)] = [
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a=b,", "found '', expected: identifier after ','"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        (
            "a ! b",
            "unable to parse requirement: found '!', expected:"
                + " in, notin, =, ==, !=, gt, lt"
        ),
        (
            "a>b",
            "unable to parse requirement: values[0]: Invalid value: \"b\":"
                + " for 'Gt', 'Lt' operators, the value must be an integer"
        ),
    ]

    @Test(arguments: mistakes)
    func `a malformed selector is refused`(_ text: String, _ message: String) {
        let error = #expect(throws: LabelSelector.Failure.self) { try LabelSelector(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func `keys and values of a selector must be a label's`() {
        let key = #expect(throws: LabelSelector.Failure.self) {
            try LabelSelector(parsing: "a/b/c=d")
        }
        #expect(
            key?.description.hasPrefix(
                "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key")
                == true)
        let value = #expect(throws: LabelSelector.Failure.self) {
            try LabelSelector(parsing: "a=-")
        }
        #expect(
            value?.description.hasPrefix(
                "unable to parse requirement: values[0][a]: Invalid value: \"-\": a valid label")
                == true)
    }

    @Test func `the object form says the same`() throws {
        let selector = try LabelSelector(object: [
            "matchLabels": ["app": "web"],
            "matchExpressions": [
                ["key": "tier", "operator": "In", "values": ["b", "front"]],
                ["key": "none", "operator": "DoesNotExist"],
            ],
        ])
        #expect(selector.description == "app=web,!none,tier in (b,front)")
        #expect(selector.matches(Self.labels))
        #expect(try LabelSelector(object: [:]).matches(nil))
        let wrong = #expect(throws: LabelSelector.Failure.self) {
            try LabelSelector(object: ["matchExpressions": [["key": "a", "operator": "Like"]]])
        }
        #expect(wrong?.description == "\"Like\" is not a valid label selector operator")
        let none = #expect(throws: LabelSelector.Failure.self) {
            try LabelSelector(object: ["matchExpressions": [["key": "a", "operator": "In"]]])
        }
        #expect(
            none?.description
                == "values: Invalid value: []: for 'in', 'notin' operators, values set can't be"
                + " empty"
        )
    }

    @Test func `fields are matched`() throws {
        let fields = ["metadata.name": "x", "status.phase": "Running", "odd": "a,b=c\\"]
        func isMatch(_ text: String) throws -> Bool {
            try FieldSelector(parsing: text).matches { fields[$0] ?? "" }
        }
        #expect(try isMatch("") && isMatch("metadata.name=x") && isMatch("metadata.name==x"))
        #expect(try isMatch("metadata.name=x,status.phase!=Failed,"))
        #expect(try !isMatch("metadata.name=x,status.phase!=Running"))
        #expect(try isMatch("spec.nodeName="))
        #expect(try isMatch(#"odd=a\,b\=c\\"#))
        let selector = try FieldSelector(parsing: #"odd=a\,b\=c\\,metadata.name!=y"#)
        #expect(selector.description == #"odd=a\,b\=c\\,metadata.name!=y"#)
        #expect(selector.requiredValue(of: "odd") == "a,b=c\\")
        #expect(selector.requiredValue(of: "metadata.name") == nil)
        #expect(selector.unknownField(among: ["odd"]) == "metadata.name")
        let wrong = #expect(throws: FieldSelector.Failure.self) {
            try FieldSelector(parsing: "a=b,c")
        }
        #expect(wrong?.description == "invalid selector: 'a=b,c'; can't understand 'c'")
    }
}
