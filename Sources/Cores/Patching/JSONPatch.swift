package import ResourceModel

/// A list of operations on an object (RFC 6902). Either all of them are done or none.
package struct JSONPatch: Sendable {
    /// How many operations a patch may have, as in Kubernetes.
    package static let operationsMax = 10_000
    /// How many bytes `copy` operations may add together: each can double the object.
    static let copiedBytesMax = 3 << 20
    /// How deep an object may become; the parser reads no deeper one.
    static let depthMax = 100

    private enum Operation {
        case add(Pointer, JSON)
        case remove(Pointer)
        case replace(Pointer, JSON)
        case move(from: Pointer, to: Pointer)
        case copy(from: Pointer, to: Pointer)
        case test(Pointer, JSON)
    }

    /// A JSON pointer (RFC 6901).
    private struct Pointer {
        var text: String
        var names: ArraySlice<String>
    }

    private var operations: [Operation] = []

    /// Reads the operations.
    package init(_ patch: JSON) throws(PatchFailure) {
        guard case .array(let items) = patch else {
            throw .malformed("a JSON patch must be an array of operations")
        }
        guard items.count <= Self.operationsMax else {
            throw .malformed(
                "The allowed maximum operations in a JSON patch is \(Self.operationsMax), got "
                    + "\(items.count)")
        }
        for (index, item) in items.enumerated() {
            operations.append(try Self.operation(item, index))
        }
    }

    private static func operation(_ item: JSON, _ index: Int) throws(PatchFailure) -> Operation {
        func pointer(_ name: String) throws(PatchFailure) -> Pointer {
            guard let text = item[name].stringValue else {
                throw .malformed("operation \(index) of the JSON patch has no \"\(name)\"")
            }
            guard text.isEmpty || text.hasPrefix("/") else {
                throw .malformed(
                    "operation \(index) of the JSON patch: the \(name) \(GoText.quoted(text)) "
                        + "must be empty or begin with \"/\"")
            }
            let names = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            return Pointer(text: text, names: names.map(unescaped)[...])
        }
        func value() throws(PatchFailure) -> JSON {
            guard let value = item["value"] else {
                throw .malformed("operation \(index) of the JSON patch has no \"value\"")
            }
            return value
        }
        switch item["op"].stringValue {
        case "add": return .add(try pointer("path"), try value())
        case "remove": return .remove(try pointer("path"))
        case "replace": return .replace(try pointer("path"), try value())
        case "move": return .move(from: try pointer("from"), to: try pointer("path"))
        case "copy": return .copy(from: try pointer("from"), to: try pointer("path"))
        case "test": return .test(try pointer("path"), item["value"] ?? .null)
        case let word:
            throw .malformed(
                "operation \(index) of the JSON patch: Unexpected kind: \(word ?? "unknown")")
        }
    }

    private static func unescaped(_ name: Substring) -> String {
        guard name.contains("~") else { return String(name) }
        var text = ""
        var isEscaped = false
        for character in name {
            if isEscaped {
                text += character == "1" ? "/" : character == "0" ? "~" : "~\(character)"
                isEscaped = false
            } else if character == "~" {
                isEscaped = true
            } else {
                text.append(character)
            }
        }
        return isEscaped ? text + "~" : text
    }

    /// The object after all operations.
    package func applied(to object: JSON) throws(PatchFailure) -> JSON {
        var result = object
        var copiedBytes = 0
        for operation in operations {
            switch operation {
            case .add(let path, let value): try Self.add(value, to: &result, path, "add")
            case .remove(let path): _ = try Self.remove(path, from: &result, "remove")
            case .replace(let path, let value): try Self.replace(path, in: &result, with: value)
            case .move(let from, let to):
                guard !to.names.starts(with: from.names) || to.names.count == from.names.count
                else {
                    throw .inapplicable(
                        "move operation does not apply: \(from.text) would move into itself")
                }
                guard Self.find(from, in: result) != nil else {
                    throw Self.missing("move", "from path: \(from.text)")
                }
                let value = try Self.remove(from, from: &result, "move")
                try Self.add(value, to: &result, to, "move")
            case .copy(let from, let to):
                guard let value = Self.find(from, in: result) else {
                    throw Self.missing("copy", "from path: \(from.text)")
                }
                copiedBytes += value.encoded.count
                guard copiedBytes <= Self.copiedBytesMax else {
                    throw .inapplicable(
                        "Unable to complete the copy, the accumulated size increase of copy is "
                            + "\(copiedBytes), exceeding the limit \(Self.copiedBytesMax)")
                }
                try Self.add(value, to: &result, to, "copy")
            case .test(let path, let value):
                // A missing value counts as null.
                let found = Self.find(path, in: result) ?? .null
                guard
                    found == value
                        || found.numberValue != nil
                            && found.numberValue == value.numberValue
                else { throw .inapplicable("testing value \(path.text) failed: test failed") }
            }
        }
        return result
    }
}

extension JSONPatch {
    // The words are those of the library that Kubernetes applies patches with.

    private static func missing(_ operation: String, _ what: String) -> PatchFailure {
        .inapplicable(
            "\(operation) operation does not apply: doc is missing \(what): missing value")
    }

    /// The object or array around a value is not there.
    private static func missingPath(_ operation: String, _ path: Pointer) -> PatchFailure {
        switch operation {
        case "replace": missing(operation, "path: \(path.text)")
        case "move", "copy": missing(operation, "destination path: \(path.text)")
        default: missing(operation, "path: \"\(path.text)\"")
        }
    }

    private static func wrongIndex(
        _ operation: String, _ path: Pointer, _ index: String
    ) -> PatchFailure {
        .inapplicable(
            "error in \(operation) for path: '\(path.text)': Unable to access invalid index: "
                + "\(index): invalid index referenced")
    }

    private static func checkDepth(_ value: JSON, _ path: Pointer) throws(PatchFailure) {
        if path.names.count + depth(of: value) > depthMax {
            throw .inapplicable("the value at \(path.text) would be nested too deeply")
        }
    }

    private static func depth(of value: JSON) -> Int {
        switch value {
        case .array(let items): 1 + (items.map(depth).max() ?? 0)
        case .object(let object): 1 + (object.members.map { depth(of: $0.value) }.max() ?? 0)
        default: 0
        }
    }

    private static func find(_ path: Pointer, in object: JSON) -> JSON? {
        var found: JSON? = object
        for name in path.names {
            switch found {
            case .array(let items):
                found = index(name, items.count).map { items[$0] }
            default: found = found?[name]
            }
        }
        return found
    }

    /// A place in an array; nil if the text is no number or there is no such item.
    private static func index(_ text: String, _ count: Int) -> Int? {
        guard let index = Int(text), index >= 0, index < count, String(index) == text else {
            return nil
        }
        return index
    }

    private static func add(
        _ value: JSON, to object: inout JSON, _ path: Pointer, _ operation: String
    ) throws(PatchFailure) {
        try checkDepth(value, path)
        guard let last = path.names.last else {
            object = value
            return
        }
        try change(path.names.dropLast(), in: &object, missingPath(operation, path)) {
            container throws(PatchFailure) in
            switch container {
            case .object: container[last] = value
            case .array:
                let count = container.arrayValue?.count ?? 0
                guard let place = last == "-" ? count : index(last, count + 1) else {
                    throw wrongIndex(operation, path, last)
                }
                container.withItems { $0.insert(value, at: place) }
            default: throw missingPath(operation, path)
            }
        }
    }

    private static func replace(
        _ path: Pointer, in object: inout JSON, with value: JSON
    ) throws(PatchFailure) {
        try checkDepth(value, path)
        if path.names.isEmpty {
            object = value
            return
        }
        guard find(Pointer(text: "", names: path.names.dropLast()), in: object) != nil else {
            throw missingPath("replace", path)
        }
        try change(path.names, in: &object, missing("replace", "key: \(path.text)")) { $0 = value }
    }

    private static func remove(
        _ path: Pointer, from object: inout JSON, _ operation: String
    ) throws(PatchFailure) -> JSON {
        guard let last = path.names.last,
            let container = find(Pointer(text: "", names: path.names.dropLast()), in: object)
        else { throw missingPath(operation, path) }
        guard let found = find(path, in: object) else {
            if case .array = container { throw wrongIndex(operation, path, last) }
            throw .inapplicable(
                "error in \(operation) for path: '\(path.text)': Unable to remove nonexistent key: "
                    + "\(last): missing value")
        }
        try change(path.names.dropLast(), in: &object, missingPath(operation, path)) { container in
            if let place = index(last, container.arrayValue?.count ?? 0) {
                container.withItems { $0.remove(at: place) }
            } else {
                container[last] = nil
            }
        }
        return found
    }

    /// Changes the value at some names in place; `missing` is thrown if there is none.
    private static func change(
        _ names: ArraySlice<String>, in value: inout JSON, _ missing: PatchFailure,
        _ body: (inout JSON) throws(PatchFailure) -> Void
    ) throws(PatchFailure) {
        guard let name = names.first else { return try body(&value) }
        let rest = names.dropFirst()
        switch value {
        case .object where value[name] != nil:
            try value.withMembers { (object: inout JSONObject) throws(PatchFailure) in
                var member = object[name] ?? .null
                object[name] = JSON.null
                defer { object[name] = member }
                try change(rest, in: &member, missing, body)
            }
        case .array:
            guard let place = index(name, value.arrayValue?.count ?? 0) else { throw missing }
            try value.withItems { (items: inout [JSON]) throws(PatchFailure) in
                try change(rest, in: &items[place], missing, body)
            }
        default: throw missing
        }
    }
}
