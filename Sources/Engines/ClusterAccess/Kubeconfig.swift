internal import HTTPClient
internal import Manifests
package import Primitives
internal import ResourceModel

/// Where clusters are and who one is there, as kubectl's configuration files say it.
package struct Kubeconfig: Sendable {
    /// Why a configuration cannot be used.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// In a sentence.
        package var description: String
    }

    /// Reads the bytes of a file that a configuration names.
    package typealias FileReader = (_ path: String) throws -> Bytes

    private var clusters: [String: JSON] = [:]
    private var users: [String: JSON] = [:]
    private var contexts: [String: JSON] = [:]
    /// The context that counts if none is asked for.
    package private(set) var currentContext = ""

    /// Knows no cluster.
    package init() {}

    /// Adds what a file says; what is known already counts.
    package mutating func merge(_ text: Bytes, from path: String) throws(Failure) {
        let documents: [Manifest]
        do {
            documents = try Manifest.documents(in: text)
        } catch {
            throw Failure(description: "error loading config file \"\(path)\": \(error)")
        }
        guard let document = documents.first?.value else { return }
        guard document.objectValue != nil else {
            throw Failure(description: "error loading config file \"\(path)\": it is no mapping")
        }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[..<$0]) } ?? "."
        add(document["clusters"], "cluster", to: &clusters, folder)
        add(document["users"], "user", to: &users, folder)
        add(document["contexts"], "context", to: &contexts, folder)
        if currentContext.isEmpty {
            currentContext = document["current-context"].stringValue ?? ""
        }
    }

    private func add(
        _ list: JSON?, _ key: String, to known: inout [String: JSON], _ folder: String
    ) {
        for item in list.arrayValue ?? [] {
            guard let name = item["name"].stringValue, known[name] == nil else { continue }
            var value = item[key] ?? .emptyObject
            for field in ["certificate-authority", "client-certificate", "client-key", "tokenFile"]
            {
                guard let file = value[field].stringValue, !file.hasPrefix("/") else { continue }
                value[field] = file.isEmpty ? nil : .string(folder + "/" + file)
            }
            known[name] = value
        }
    }

    /// A part of a file.
    package enum Section: Sendable {
        /// Who one is where.
        case contexts
        /// Where servers are.
        case clusters
        /// Who one can be.
        case users
    }

    /// What there is in a part of the files, sorted.
    package func names(of section: Section) -> [String] {
        switch section {
        case .contexts: contexts.keys.sorted()
        case .clusters: clusters.keys.sorted()
        case .users: users.keys.sorted()
        }
    }

    /// What somebody asks for instead of what files say; nil for nothing.
    package struct Overrides: Sendable {
        /// Another context than the current one.
        package var context: String?
        /// Another cluster than the context's.
        package var cluster: String?
        /// Another user than the context's.
        package var user: String?
        /// Another namespace than the context's.
        package var namespace: String?
        /// Another address than the cluster's.
        package var server: String?
        /// Another token than the user's.
        package var token: String?
        /// A file with the authorities that sign for servers.
        package var authorityFile: String?
        /// Takes any certificate of a server.
        package var trustsAnyone = false
        /// Whom to be instead.
        package var impersonatedUser: String?
        /// Whose groups to be in instead.
        package var impersonatedGroups: [String] = []

        /// Nothing.
        package init() {}
    }

    /// How the cluster of a context is reached.
    package func access(
        _ overrides: Overrides = Overrides(), readFile: FileReader
    ) throws -> ClusterEndpoint {
        let name = overrides.context ?? currentContext
        let context = contexts[name]
        guard context != nil || overrides.context == nil else {
            throw Failure(description: "context \"\(name)\" does not exist")
        }
        let cluster = try Self.entry(
            overrides.cluster ?? context["cluster"].stringValue, clusters, "cluster")
        let user = try Self.entry(overrides.user ?? context["user"].stringValue, users, "auth info")
        guard let server = overrides.server ?? cluster["server"].stringValue, !server.isEmpty else {
            throw Failure(
                description: "no server is configured: name a file with --kubeconfig or KUBECONFIG,"
                    + " or a server with --server")
        }
        guard user["exec"] == nil, user["auth-provider"] == nil else {
            throw Failure(
                description: "the user's credentials come from a plugin, which is not supported")
        }
        var endpoint = ClusterEndpoint(server: server)
        endpoint.contextName = context == nil ? "" : name
        endpoint.namespace =
            overrides.namespace ?? context["namespace"].stringValue ?? "default"
        endpoint.identity.trustsAnyone =
            overrides.trustsAnyone || cluster["insecure-skip-tls-verify"] == true
        endpoint.identity.authorities = try overrides.authorityFile.map(readFile)
            ?? Self.bytes(cluster, "certificate-authority", readFile)
        endpoint.identity.certificate = try Self.bytes(user, "client-certificate", readFile)
        endpoint.identity.key = try Self.bytes(user, "client-key", readFile)
        if let token = overrides.token ?? user["token"].stringValue {
            endpoint.headers.append(.bearer(token))
        } else if let file = user["tokenFile"].stringValue {
            let token = String(decoding: try readFile(file), as: UTF8.self)
            endpoint.headers.append(.bearer(String(token.prefix { !$0.isWhitespace })))
        } else if let name = user["username"].stringValue {
            let pair = Base64.encode(Array("\(name):\(user["password"].stringValue ?? "")".utf8))
            endpoint.headers.append(HTTPHeader("Authorization", "Basic \(pair)"))
        }
        guard overrides.impersonatedGroups.isEmpty || overrides.impersonatedUser != nil else {
            let name = overrides.user ?? context["user"].stringValue ?? ""
            throw Failure(
                description: "requesting uid, groups or user-extra for \(name) without"
                    + " impersonating a user")
        }
        endpoint.impersonate(overrides.impersonatedUser, overrides.impersonatedGroups)
        return endpoint
    }

    private static func entry(
        _ name: String?, _ known: [String: JSON], _ word: String
    ) throws(Failure) -> JSON? {
        guard let name, !name.isEmpty else { return nil }
        guard let entry = known[name] else {
            throw Failure(description: "\(word) \"\(name)\" does not exist")
        }
        return entry
    }

    /// The bytes under `FIELD-data`, or of the file under `FIELD`.
    private static func bytes(
        _ entry: JSON?, _ field: String, _ readFile: FileReader
    ) throws -> Bytes? {
        if let text = entry["\(field)-data"].stringValue, !text.isEmpty {
            guard let bytes = Base64.decode(text) else {
                throw Failure(description: "\(field)-data is no base64")
            }
            return bytes
        }
        return try entry[field].stringValue.map(readFile)
    }
}
