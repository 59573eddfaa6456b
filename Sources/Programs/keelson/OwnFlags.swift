/// Flags that a command has beside etcd's, in etcd's forms: `--f v` and `--f=v`.
enum OwnFlags {
    /// A flag without its value.
    struct MissingValue: Error, CustomStringConvertible {
        var flag: String
        var description: String { "flag needs an argument: --\(flag)" }
    }

    /// Takes the flags of these names out; the last of several wins.
    static func take(
        _ names: [String], from arguments: [String]
    ) throws(MissingValue) -> (values: [String: String], rest: [String]) {
        var values: [String: String] = [:]
        var rest: [String] = []
        var remaining = arguments[...]
        while let argument = remaining.popFirst() {
            guard argument.hasPrefix("-") else {
                rest.append(argument)
                continue
            }
            let text = argument.drop { $0 == "-" }
            let name = String(text.prefix { $0 != "=" })
            guard names.contains(name) else {
                rest.append(argument)
                continue
            }
            if name.count < text.count {
                values[name] = String(text.dropFirst(name.count + 1))
            } else if let value = remaining.popFirst() {
                values[name] = value
            } else {
                throw MissingValue(flag: name)
            }
        }
        return (values, rest)
    }

    /// The names of the flags that are given.
    static func names(_ arguments: [String]) -> Set<String> {
        Set(
            arguments.filter { $0.hasPrefix("-") }.map { argument in
                String(argument.drop { $0 == "-" }.prefix { $0 != "=" })
            })
    }
}
