import Printing
import ResourceModel
import Testing

/// Known answers of kubectl's JSONPath.
@Suite struct JSONPathTests {
    private static let list: JSON = [
        "items": [
            ["name": "a", "size": 1, "tags": ["x", "y"], "spec": ["on.off": true]],
            ["name": "b", "size": 20, "tags": []],
            ["name": "c", "size": 3.5, "spec": ["on.off": false, "image": "i:1"]],
        ],
        "kind": "List",
    ]

    @Test(arguments: [
        ("{.kind}", "List"),
        ("kind: {.kind}\n", "kind: List\n"),
        ("{.items[*].name}", "a b c"),
        ("{.items[0].name} {.items[-1].name}", "a c"),
        ("{.items[0:2].name}", "a b"),
        ("{.items[0:3:2].name}", "a c"),
        ("{.items[0,2].name}", "a c"),
        ("{.items[0]['name','size']}", "a 1"),
        ("{.items[0].spec.on\\.off}", "true"),
        ("{.items[2].spec['image']}", "i:1"),
        ("{.items[0].tags}", "[\"x\",\"y\"]"),
        ("{.items[2].spec}", "{\"image\":\"i:1\",\"on.off\":false}"),
        ("{range .items[*]}{.name}={.size}{\"\\n\"}{end}", "a=1\nb=20\nc=3.5\n"),
        ("{.items[?(@.size>3)].name}", "b c"),
        ("{.items[?(@.name==\"b\")].size}", "20"),
        ("{.items[?(@.spec.image)].name}", "c"),
        ("{.items[?(@.name!='a')].name}", "b c"),
        ("{..image}", "i:1"),
        ("{.nothing}{.items[7].name}", ""),
        ("{range .items[*]}{range .tags[*]}{@}{end};{end}", "xy;;;"),
        ("{$.kind}", "List"),
    ])
    func `a template makes the text that kubectl makes`(_ template: String, _ text: String) throws {
        #expect(try JSONPath(parsing: template).text(for: Self.list) == text)
    }

    @Test(arguments: [
        "{.items[0}", "{.items", "{range .items[*]}{.name}", "{end}", "{\"a}",
        "{.items[?(@.a==b)]}", "{.items[1:2:0]}", "{)}",
    ])
    func `what is no template is refused`(_ template: String) {
        #expect(throws: JSONPath.Failure.self) { try JSONPath(parsing: template) }
    }

    @Test func `a path may leave out what is clear`() throws {
        for path in ["kind", ".kind", "{.kind}", "{kind}", "$.kind"] {
            #expect(try JSONPath(relaxed: path).values(in: Self.list) == ["List"])
        }
        #expect(throws: JSONPath.Failure.self) { try JSONPath(relaxed: "{.a} {.b}") }
    }

    @Test func `texts are ordered with the numbers inside them`() {
        let ordered: [JSON] = ["a", "a-2", "a-10", "a-10b", "b"]
        for (left, right) in zip(ordered, ordered.dropFirst()) {
            #expect(left.printedOrder(right) == -1)
            #expect(right.printedOrder(left) == 1)
        }
        #expect(JSON.integer(2).printedOrder(.number(10.5)) == -1)
        #expect(JSON.string("a").printedOrder(.integer(1)) == nil)
    }
}
