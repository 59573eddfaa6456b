internal import ArgumentParser
internal import Drafting
internal import Foundation
internal import ResourceModel
internal import Transport

/// `keelson create namespace`.
struct CreateNamespaceCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespace", abstract: "Create a namespace.", aliases: ["ns"])
    static let refusal = ""
    @OptionGroup var draft: DraftOptions

    func object(_ name: String, _ session: Session) -> JSON { Draft.namespace(name) }
}

/// `keelson create serviceaccount`.
struct CreateServiceAccountCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "serviceaccount", abstract: "Create a service account.", aliases: ["sa"])
    @OptionGroup var draft: DraftOptions

    func object(_ name: String, _ session: Session) -> JSON {
        Draft.object("v1", "ServiceAccount", name)
    }
}

/// Where the data of config maps and secrets comes from.
struct DataOptions: ParsableArguments {
    @Option(
        help: "A file, or KEY=FILE, or a folder of files; may stand several times.",
        completion: .file())
    var fromFile: [String] = []
    @Option(help: "KEY=VALUE; may stand several times.") var fromLiteral: [String] = []
    @Option(
        help: "A file with lines NAME=VALUE; may stand several times.", completion: .file())
    var fromEnvFile: [String] = []

    /// Puts everything into a draft.
    func fill(_ draft: inout DataDraft) throws {
        guard fromEnvFile.isEmpty || fromFile.isEmpty && fromLiteral.isEmpty else {
            throw CommandFailure(
                "from-env-file cannot be combined with from-file or from-literal")
        }
        for text in fromFile.apart { try Self.add(text, to: &draft) }
        for text in fromLiteral { try draft.add(literal: text) }
        for path in fromEnvFile.apart {
            guard try !Self.isFolder(path) else {
                throw CommandFailure("env config file cannot be a directory")
            }
            try draft.add(
                environmentFile: try Standard.read(path), path, variable: Standard.variable)
        }
    }

    private static func add(_ text: String, to draft: inout DataDraft) throws {
        let (key, path) = try DataDraft.source(of: text)
        guard try isFolder(path) else {
            let last = path.split(separator: "/").last.map(String.init) ?? path
            return try draft.add(key ?? last, try Standard.read(path))
        }
        guard key == nil else {
            throw CommandFailure("cannot give a key name for a directory path")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() {
            let file = path + "/" + name
            let facts = try FileManager.default.attributesOfItem(atPath: file)
            guard facts[.type] as? FileAttributeType == .typeRegular else { continue }
            try draft.add(name, try Standard.read(file))
        }
    }

    private static func isFolder(_ path: String) throws -> Bool {
        guard let isFolder = ManifestFiles.isFolder(path) else {
            throw CommandFailure("error reading \(path): no such file or directory")
        }
        return isFolder
    }
}

/// `keelson create configmap`.
struct CreateConfigMapCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "configmap", abstract: "Create a config map.", aliases: ["cm"])
    @OptionGroup var draft: DraftOptions
    @OptionGroup var data: DataOptions

    func object(_ name: String, _ session: Session) throws -> JSON {
        var map = DataDraft(.configMap, name)
        try data.fill(&map)
        return map.object
    }
}

/// `keelson create secret`.
struct CreateSecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Create a secret.",
        subcommands: [
            CreateGenericSecretCommand.self, CreateRegistrySecretCommand.self,
            CreateTLSSecretCommand.self,
        ])
    static let path = "create secret"
    static let refusal = "failed to create secret "
}

/// `keelson create secret generic`.
struct CreateGenericSecretCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "generic", abstract: "Create a secret from files or values.")
    static let parent = CreateSecretCommand.path
    static let refusal = CreateSecretCommand.refusal
    @Option(help: "The type of the secret (Opaque).") var type = ""
    @OptionGroup var draft: DraftOptions
    @OptionGroup var data: DataOptions

    func object(_ name: String, _ session: Session) throws -> JSON {
        var secret = DataDraft(.secret(type: type), name)
        try data.fill(&secret)
        return secret.object
    }
}

/// `keelson create secret docker-registry`.
struct CreateRegistrySecretCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "docker-registry", abstract: "Create a secret for a registry of images.")
    static let parent = CreateSecretCommand.path
    static let refusal = CreateSecretCommand.refusal
    @Option(help: "The registry.") var dockerServer = "https://index.docker.io/v1/"
    @Option(help: "The user.") var dockerUsername = ""
    @Option(help: "The user's password.") var dockerPassword = ""
    @Option(help: "The user's mail address.") var dockerEmail = ""
    @Option(help: "A file of Docker's instead.") var fromFile: [String] = []
    @OptionGroup var draft: DraftOptions

    func object(_ name: String, _ session: Session) throws -> JSON {
        let key = ".dockerconfigjson"
        var secret = DataDraft(.secret(type: "kubernetes.io/dockerconfigjson"), name)
        guard fromFile.isEmpty else {
            for text in fromFile.apart {
                try secret.add(key, try Standard.read(try DataDraft.source(of: text).path))
            }
            return secret.object
        }
        guard !dockerUsername.isEmpty, !dockerPassword.isEmpty, !dockerServer.isEmpty else {
            throw CommandFailure(
                "either --from-file or the combination of --docker-username, --docker-password"
                    + " and --docker-server is required")
        }
        let login = RegistryLogin(
            server: dockerServer, user: dockerUsername, password: dockerPassword,
            email: dockerEmail)
        try secret.add(key, login.configuration.encoded)
        return secret.object
    }
}

/// `keelson create secret tls`.
struct CreateTLSSecretCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "tls", abstract: "Create a secret from a certificate and its key.")
    static let parent = CreateSecretCommand.path
    static let refusal = CreateSecretCommand.refusal
    @Option(help: "A PEM file with the certificate.", completion: .file()) var cert = ""
    @Option(help: "A PEM file with its key.", completion: .file()) var key = ""
    @OptionGroup var draft: DraftOptions

    func object(_ name: String, _ session: Session) throws -> JSON {
        guard !cert.isEmpty, !key.isEmpty else {
            throw CommandFailure("key and cert must be specified")
        }
        var secret = DataDraft(.secret(type: "kubernetes.io/tls"), name)
        for (key, path) in [("tls.crt", cert), ("tls.key", key)] {
            do {
                try secret.add(key, try Standard.read(path))
            } catch let failure as CommandFailure {
                throw CommandFailure("Cannot read file \(path), \(failure.message)")
            }
        }
        do {
            try TLSFiles(certificate: cert, key: key).check()
        } catch {
            throw CommandFailure("tls: \(error)")
        }
        return secret.object
    }
}
