package import ResourceModel

/// What a kind's schema demands of its objects, made ready once and used for every request:
/// decoding (types, unknown fields, pruning), defaults and validation.
///
/// A write goes through `decode`, `setDefaults` and `validate` in this order. All is pure.
package struct KindRules: Sendable {
    /// Whose words errors are in: those of Kubernetes' own kinds, whose objects are decoded into
    /// types first, or those of custom resources, which are only validated.
    package enum Wording: Sendable {
        case builtIn
        case custom
    }

    /// What becomes of fields that the schema does not have, and of those that stand twice.
    package enum FieldValidation: String, Sendable {
        case strict = "Strict"
        case warn = "Warn"
        case ignore = "Ignore"
    }

    /// Errors beyond this many are not looked for.
    static let errorsMax = 100

    let kind: GroupVersionKind
    let schema: ObjectSchema
    let wording: Wording
    let table: SchemaTable
    let patterns: [String: Pattern]

    /// Makes the rules of a kind. Patterns that cannot be read match everything; whoever accepts
    /// a schema from outside asks `problems(of:table:)` first.
    package init(
        _ kind: GroupVersionKind, _ schema: ObjectSchema, _ wording: Wording,
        table: SchemaTable = SchemaTable()
    ) {
        self.kind = kind
        self.schema = schema
        self.wording = wording
        self.table = table
        var patterns: [String: Pattern] = [:]
        Self.visitPatterns(.object(schema), path: "") { pattern, _ in
            // The caller has been told above what becomes of it.
            patterns[pattern] = try? Pattern(pattern)
        }
        self.patterns = patterns
    }

    /// What is wrong with the patterns of a schema, each with the path of its field.
    package static func problems(of schema: Schema, path: String = "") -> [FieldError] {
        var errors: [FieldError] = []
        visitPatterns(schema, path: path) { pattern, path in
            do {
                _ = try Pattern(pattern)
            } catch let failure as Pattern.Failure {
                errors.append(.invalid(path, .string(pattern), failure.description))
            } catch {}
        }
        return errors
    }

    private static func visitPatterns(
        _ schema: Schema, path: String, _ visit: (_ pattern: String, _ path: String) -> Void
    ) {
        switch schema {
        case .string(let rules):
            if let pattern = rules.pattern { visit(pattern, path) }
        case .object(let object):
            for field in object.fields {
                visitPatterns(field.schema, path: child(path, field.name), visit)
            }
        case .array(let list): visitPatterns(list.items, path: path, visit)
        case .map(let map): visitPatterns(map.values, path: path, visit)
        default: break
        }
    }
}

/// The path of a field of what is at `path`.
func child(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
/// The path of a value under a key that anybody may choose.
func keyed(_ path: String, _ key: String) -> String { "\(path)[\(key)]" }
/// The path of an item.
func item(_ path: String, _ index: Int) -> String { "\(path)[\(index)]" }
