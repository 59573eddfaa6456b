/// Why a text is no manifest, and where. Lines and columns count from 1, columns in characters.
package struct ManifestError: Error, Sendable, Equatable {
    /// What is wrong.
    package enum Problem: Sendable, Equatable {
        /// The text is no YAML; why, in libyaml's words.
        case syntax(String)
        case tooLarge(bytesMax: Int)
        case tooDeep(depthMax: Int)
        /// Aliases stand for more values than any manifest has.
        case tooManyValues(countMax: Int)
        case duplicateKey(String, firstLine: Int, firstColumn: Int)
        /// A key that is no scalar, or null.
        case invalidKey
        case unknownAlias(String)
        /// An alias inside the value that it stands for.
        case recursiveAlias(String)
        /// Something else than a mapping, or a list of them, under `<<`.
        case invalidMerge
        /// A value that is not what its tag says.
        case wrongTag(String, text: String)
        /// A number that JSON cannot hold.
        case noJSONNumber(String)
    }

    /// What is wrong.
    package var problem: Problem
    /// The line.
    package var line: Int
    /// The column.
    package var column: Int

    init(_ problem: Problem, at place: Place) {
        self.problem = problem
        line = place.line
        column = place.column
    }
}

extension ManifestError: CustomStringConvertible {
    /// What is wrong and where, in a sentence for whoever wrote the text.
    package var description: String {
        "yaml: line \(line), column \(column): \(problemText)"
    }

    /// What is wrong, without the place.
    package var problemText: String {
        switch problem {
        case .syntax(let text): text
        case .tooLarge(let bytesMax): "the text is larger than \(bytesMax) bytes"
        case .tooDeep(let depthMax): "values are nested deeper than \(depthMax)"
        case .tooManyValues(let countMax): "aliases expand to more than \(countMax) values"
        case .duplicateKey(let key, let line, let column):
            "key \"\(key)\" is already set at line \(line), column \(column)"
        case .invalidKey: "a key must be a text, a number or a boolean"
        case .unknownAlias(let name): "unknown anchor '\(name)' referenced"
        case .recursiveAlias(let name): "anchor '\(name)' value contains itself"
        case .invalidMerge: "map merge requires map or sequence of maps as the value"
        case .wrongTag(let tag, let text): "cannot read \"\(text)\" as \(tag)"
        case .noJSONNumber(let text): "\(text) is no number in JSON"
        }
    }
}
