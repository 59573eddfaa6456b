import ResourceModel
import Testing

@Suite struct SchemaTableTests {
    private let table = SchemaTable([
        "number": .integer(IntegerRules()), "alias": .reference("number"),
        "left": .reference("right"), "right": .reference("left"),
    ])

    private func isAnything(_ schema: Schema) -> Bool {
        if case .any(preservesUnknown: true) = schema { true } else { false }
    }

    @Test func `references lead to their schema`() {
        for name in ["number", "alias"] {
            guard case .integer = table.resolve(.reference(name)) else {
                Issue.record("\(name) does not lead to a number")
                continue
            }
        }
        guard case .boolean = table.resolve(.boolean) else {
            Issue.record("a schema is itself")
            return
        }
    }

    @Test func `what is named nowhere or in a circle may be anything`() {
        #expect(isAnything(table.resolve(.reference("none"))))
        #expect(isAnything(table.resolve(.reference("left"))))
    }
}
