package import ResourceModel

extension JSONPath {
    /// Where steps lead from some values.
    static func follow(_ steps: [Step], from values: [JSON], root: JSON) -> [JSON] {
        var values = values
        for step in steps {
            if case .root = step {
                values = [root]
            } else {
                values = values.flatMap { follow(step, from: $0, root: root) }
            }
        }
        return values
    }

    private static func follow(_ step: Step, from value: JSON, root: JSON) -> [JSON] {
        switch step {
        case .root: [root]
        case .member(let name): value[name].map { [$0] } ?? []
        case .everything: children(of: value)
        case .descendants: [value] + descendants(of: value)
        case .index(let index): item(index, of: value)
        case .slice(let first, let end, let stride): slice(value, first, end, stride)
        case .union(let paths): paths.flatMap { follow($0, from: [value], root: root) }
        case .text(let text): [.string(text)]
        case .filter(let left, let relation, let right):
            (value.arrayValue ?? []).filter { item in
                holds(left, relation, right, item, root)
            }
        }
    }

    private static func children(of value: JSON) -> [JSON] {
        switch value {
        case .array(let items): items
        case .object(let object): object.members.sorted { $0.name < $1.name }.map(\.value)
        default: []
        }
    }

    private static func descendants(of value: JSON) -> [JSON] {
        children(of: value).flatMap { [$0] + descendants(of: $0) }
    }

    private static func item(_ index: Int, of value: JSON) -> [JSON] {
        let items = value.arrayValue ?? []
        let place = index < 0 ? items.count + index : index
        return items.indices.contains(place) ? [items[place]] : []
    }

    private static func slice(_ value: JSON, _ first: Int?, _ end: Int?, _ by: Int) -> [JSON] {
        let items = value.arrayValue ?? []
        func place(_ index: Int) -> Int {
            min(max(index < 0 ? items.count + index : index, 0), items.count)
        }
        return stride(from: place(first ?? 0), to: place(end ?? items.count), by: by)
            .map { items[$0] }
    }

    private static func holds(
        _ left: Operand, _ relation: String, _ right: Operand, _ item: JSON, _ root: JSON
    ) -> Bool {
        func values(_ operand: Operand) -> [JSON] {
            switch operand {
            case .path(let steps): follow(steps, from: [item], root: root)
            case .value(let value): [value]
            case .nothing: []
            }
        }
        guard let first = values(left).first else { return false }
        if relation == "exists" { return true }
        guard let second = values(right).first else { return false }
        switch relation {
        case "==": return equal(first, second)
        case "!=": return !equal(first, second)
        default:
            guard let order = first.printedOrder(second) else { return false }
            switch relation {
            case "<": return order < 0
            case "<=": return order <= 0
            case ">": return order > 0
            default: return order >= 0
            }
        }
    }

    private static func equal(_ left: JSON, _ right: JSON) -> Bool {
        if let left = left.numberValue, let right = right.numberValue { return left == right }
        return left == right
    }
}

extension JSON {
    /// Below, at or above zero where both can be compared: numbers by their value, texts with the
    /// numbers inside them by theirs, as in `web-2` before `web-10`.
    package func printedOrder(_ other: JSON) -> Int? {
        if let left = numberValue, let right = other.numberValue {
            return left < right ? -1 : left == right ? 0 : 1
        }
        if case .bool(let left) = self, case .bool(let right) = other {
            return left == right ? 0 : left ? 1 : -1
        }
        guard let left = stringValue, let right = other.stringValue else { return nil }
        if left == right { return 0 }
        return Self.precedesNaturally(Array(left.utf8)[...], Array(right.utf8)[...]) ? -1 : 1
    }

    private static func precedesNaturally(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>
    ) -> Bool {
        var (left, right) = (left, right)
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        while let a = left.first, let b = right.first {
            guard isDigit(a), isDigit(b) else {
                guard a == b else { return a < b }
                left.removeFirst()
                right.removeFirst()
                continue
            }
            let one = left.drop { $0 == 0x30 }.prefix(while: isDigit)
            let two = right.drop { $0 == 0x30 }.prefix(while: isDigit)
            guard one.elementsEqual(two) else {
                return one.count == two.count
                    ? one.lexicographicallyPrecedes(two) : one.count < two.count
            }
            left = left.drop(while: isDigit)
            right = right.drop(while: isDigit)
        }
        return left.count < right.count
    }
}
