package import Primitives
package import ResourceModel

/// A config map or a secret that is filled key by key.
package struct DataDraft: Sendable {
    /// What holds the data.
    package enum Holder: Sendable {
        case configMap
        /// With its type; empty for none.
        case secret(type: String)
    }

    private let holder: Holder
    private let name: String
    private var values: [(key: String, bytes: Bytes)] = []

    /// Holds nothing yet.
    package init(_ holder: Holder, _ name: String) {
        self.holder = holder
        self.name = name
    }

    /// Adds a value. No key may come twice.
    package mutating func add(_ key: String, _ bytes: Bytes) throws(DraftFailure) {
        let problems = NameRule.configMapKey.problems(key).joined(separator: ",")
        let other = values.first { $0.key == key }
        switch holder {
        case .configMap:
            guard problems.isEmpty else {
                throw DraftFailure(
                    "\(GoText.quoted(key)) is not a valid key name for a ConfigMap: \(problems)")
            }
            guard let other else { break }
            let place = Self.text(other.bytes) == nil ? "BinaryData" : "Data"
            throw DraftFailure(
                "cannot add key \(GoText.quoted(key)), another key by that name already exists in"
                    + " \(place) for ConfigMap \(GoText.quoted(name))")
        case .secret:
            guard problems.isEmpty else {
                throw DraftFailure(
                    "\(GoText.quoted(key)) is not valid key name for a Secret \(problems)")
            }
            guard other == nil else {
                throw DraftFailure(
                    "cannot add key \(key), another key by that name already exists")
            }
        }
        values.append((key, bytes))
    }

    /// Adds `KEY=VALUE`.
    package mutating func add(literal: String) throws(DraftFailure) {
        guard let equals = literal.firstIndex(of: "="), equals > literal.startIndex else {
            throw DraftFailure("invalid literal source \(literal), expected key=value")
        }
        let value = literal[literal.index(after: equals)...]
        try add(String(literal[..<equals]), Array(value.utf8))
    }

    /// Adds the lines `NAME=VALUE` of a file. A name alone stands for a variable of the
    /// environment.
    package mutating func add(
        environmentFile bytes: Bytes, _ path: String, variable: (String) -> String?
    ) throws(DraftFailure) {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        let lines = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            guard let whole = Self.text(Array(bytes)) else {
                throw DraftFailure(
                    "env file \(path) contains invalid utf8 bytes at line \(index + 1)")
            }
            let text = whole.hasSuffix("\r") ? String(whole.dropLast()) : whole
            let line = text.drop(while: \.isWhitespace)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let problems = NameRule.environmentName.problems(name)
            guard problems.isEmpty else {
                throw DraftFailure(
                    "\(GoText.quoted(name)) is not a valid key name: "
                        + problems.joined(separator: ";"))
            }
            let value = parts.count > 1 ? String(parts[1]) : variable(name) ?? ""
            try add(name, Array(value.utf8))
        }
    }

    /// What `--from-file` names: a path, behind a key if it is not the path's last part.
    package static func source(
        of text: String
    ) throws(DraftFailure) -> (key: String?, path: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { return (nil, text) }
        guard parts.count == 2 else {
            throw DraftFailure("key names or file paths cannot contain '='")
        }
        guard !parts[0].isEmpty else {
            throw DraftFailure("key name for file path \(parts[1]) missing")
        }
        guard !parts[1].isEmpty else {
            throw DraftFailure("file path for key name \(parts[0]) missing")
        }
        return (parts[0], parts[1])
    }

    /// What has come together.
    package var object: JSON {
        var data = JSON.emptyObject
        var binaryData = JSON.emptyObject
        guard case .secret(let type) = holder else {
            for (key, bytes) in values {
                if let text = Self.text(bytes) {
                    data[key] = .string(text)
                } else {
                    binaryData[key] = .string(Base64.encode(bytes))
                }
            }
            var map = Draft.object("v1", "ConfigMap", name)
            if data != .emptyObject { map["data"] = data }
            if binaryData != .emptyObject { map["binaryData"] = binaryData }
            return map
        }
        for (key, bytes) in values { data[key] = .string(Base64.encode(bytes)) }
        var secret = Draft.object("v1", "Secret", name)
        if data != .emptyObject { secret["data"] = data }
        if !type.isEmpty { secret["type"] = .string(type) }
        return secret
    }

    private static func text(_ bytes: Bytes) -> String? {
        String(validating: bytes, as: UTF8.self)
    }
}

/// What a user shows to a registry of images.
package struct RegistryLogin: Sendable {
    private let server: String
    private let user: String
    private let password: String
    private let email: String

    /// Describes a login; an empty mail address is left out.
    package init(server: String, user: String, password: String, email: String) {
        self.server = server
        self.user = user
        self.password = password
        self.email = email
    }

    /// As Docker keeps it in its configuration.
    package var configuration: JSON {
        var login: JSON = ["username": .string(user), "password": .string(password)]
        if !email.isEmpty { login["email"] = .string(email) }
        login["auth"] = .string(Base64.encode(Array("\(user):\(password)".utf8)))
        var logins = JSON.emptyObject
        logins[server] = login
        return ["auths": logins]
    }
}
