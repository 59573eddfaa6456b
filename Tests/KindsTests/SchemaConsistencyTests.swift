import Kinds
import ResourceModel
import Testing

@Suite struct SchemaConsistencyTests {
    static let roots: [ObjectSchema] =
        BuiltInKinds.all.map(\.schema) + BuiltInKinds.virtual.map(\.schema)
        + Array(BuiltInKinds.schemas.values)

    /// Every object schema that a kind reaches, once for each name.
    static let reachable: [ObjectSchema] = {
        var found: [String: ObjectSchema] = [:]
        func visit(_ schema: Schema) {
            switch schema {
            case .object(let object): visit(object)
            case .array(let list): visit(list.items)
            case .map(let map): visit(map.values)
            default: break
            }
        }
        func visit(_ object: ObjectSchema) {
            guard found.updateValue(object, forKey: object.name) == nil else { return }
            for field in object.fields { visit(field.schema) }
        }
        for root in roots { visit(root) }
        return found.values.sorted { $0.name < $1.name }
    }()

    static let fields: [(path: String, field: Field)] = reachable.flatMap { object in
        object.fields.map { ("\(object.name).\($0.name)", $0) }
    }

    @Test func `every schema has a name and says what it is`() {
        for object in Self.reachable {
            #expect(!object.name.isEmpty)
            #expect(object.summary.hasSuffix("."), "\(object.name)")
        }
        for (path, field) in Self.fields {
            #expect(field.summary.hasSuffix("."), "\(path)")
        }
    }

    @Test func `names are unique within a schema`() {
        for object in Self.reachable {
            let names = object.fields.map(\.name)
            #expect(Set(names).count == names.count, "\(object.name)")
        }
    }

    @Test func `one name stands for one schema`() {
        func shape(_ object: ObjectSchema) -> [String] { object.fields.map(\.name) }
        let byName = Dictionary(uniqueKeysWithValues: Self.reachable.map { ($0.name, shape($0)) })
        for root in Self.roots { #expect(byName[root.name] == shape(root)) }
    }

    @Test func `numbers are unique within a message`() {
        for object in Self.reachable {
            let numbered = object.fields.filter { $0.number != 0 }
            let numbers = numbered.map { "\($0.messageNumber).\($0.number)" }
            #expect(Set(numbers).count == numbers.count, "\(object.name)")
            // A number is a field's or an embedded message's.
            let embedded = Set(numbered.map(\.messageNumber)).subtracting([0])
            let plain = Set(numbered.filter { $0.messageNumber == 0 }.map(\.number))
            #expect(embedded.isDisjoint(with: plain), "\(object.name)")
        }
    }

    @Test func `items are told apart by fields that they have`() {
        for (path, field) in Self.fields {
            guard case .array(let list) = field.schema else { continue }
            var keys: [String] = []
            if case .map(let names) = list.kind { keys = names }
            if let key = list.patchMergeKey, !key.isEmpty { keys.append(key) }
            guard !keys.isEmpty else { continue }
            guard case .object(let item) = list.items else {
                Issue.record("\(path) has keys, but no objects")
                continue
            }
            for key in keys { #expect(item.field(key) != nil, "\(path) by \(key)") }
        }
    }

    @Test func `sets hold scalars`() {
        for (path, field) in Self.fields {
            guard case .array(let list) = field.schema, list.kind == .set else { continue }
            switch list.items {
            case .string, .integer: break
            default: Issue.record("\(path) is a set of something else")
            }
        }
    }

    @Test func `references lead to schemas`() {
        for (path, field) in Self.fields {
            for name in references(in: field.schema) {
                #expect(BuiltInKinds.schemas[name] != nil, "\(path) refers to \(name)")
            }
        }
    }

    private func references(in schema: Schema) -> [String] {
        switch schema {
        case .reference(let name): [name]
        case .array(let list): references(in: list.items)
        case .map(let map): references(in: map.values)
        default: []
        }
    }

    @Test func `defaults are values of their fields`() {
        for (path, field) in Self.fields {
            guard let value = field.defaultValue else { continue }
            #expect(!field.isRequired, "\(path)")
            switch (field.schema, value) {
            case (.string(let rules), .string(let text)):
                #expect(rules.allowed.isEmpty || rules.allowed.contains(text), "\(path)")
            case (.integer, .integer), (.integerOrString, .integer), (.integerOrString, .string),
                (.boolean, .bool), (.object, .object):
                break
            default: Issue.record("\(path) has a default of another type")
            }
        }
    }

    @Test func `allowed texts are sorted and differ`() {
        for (path, field) in Self.fields {
            guard case .string(let rules) = field.schema else { continue }
            #expect(rules.allowed == Set(rules.allowed).sorted(), "\(path)")
        }
    }
}
