internal import ArgumentParser
internal import EtcdClient
internal import Foundation
internal import NIOCore
internal import Transport

/// The flags with which etcdctl finds a store. What is not given comes from `ETCDCTL_*`
/// environment variables.
struct ConnectionOptions: ParsableArguments, Sendable {
    @Option(help: "Members of the store, with commas between them.")
    var endpoints: [String] = []
    @Option(help: "File with the authorities that sign for servers.")
    var cacert: String?
    @Option(help: "File with the client's certificate.")
    var cert: String?
    @Option(help: "File with the key of the client's certificate.")
    var key: String?
    @Flag(help: "Take any certificate of a server.")
    var insecureSkipTlsVerify = false
    @Option(help: "How long a member may take to answer a connection (2s).")
    var dialTimeout: String?
    @Option(help: "How long the command may take (5s).")
    var commandTimeout: String?
    @Option(name: [.customShort("w"), .long], help: "simple, table, json or fields.")
    var writeOut: String?
    @Flag(help: "Print numbers of members as hexadecimal.")
    var hex = false

    /// Where the members are.
    /// - Throws: what is wrong with an address.
    func allEndpoints(_ environment: [String: String]) throws -> [EtcdEndpoint] {
        let given = endpoints.isEmpty ? [environment["ETCDCTL_ENDPOINTS"] ?? ""] : endpoints
        let texts = given.flatMap { $0.split(separator: ",") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard !texts.isEmpty else { return try Self.endpoints(["127.0.0.1:2379"]) }
        return try Self.endpoints(texts)
    }

    static func endpoints(_ texts: [String]) throws -> [EtcdEndpoint] {
        var endpoints: [EtcdEndpoint] = []
        for text in texts {
            do {
                endpoints.append(try EtcdEndpoint(text))
            } catch {
                throw CommandFailure.badArguments(error.description)
            }
        }
        return endpoints
    }

    /// How the members are reached.
    /// - Throws: what is wrong with a flag.
    func settings(_ environment: [String: String]) throws -> RemoteSettings {
        var settings = RemoteSettings(endpoints: try allEndpoints(environment))
        var files = ClientTLSFiles()
        files.trustedAuthorities = Self.file(cacert ?? environment["ETCDCTL_CACERT"])
        files.certificate = Self.file(cert ?? environment["ETCDCTL_CERT"])
        files.key = Self.file(key ?? environment["ETCDCTL_KEY"])
        files.skipsVerification =
            insecureSkipTlsVerify || environment["ETCDCTL_INSECURE_SKIP_TLS_VERIFY"] == "true"
        guard (files.certificate == nil) == (files.key == nil) else {
            throw CommandFailure.badArguments("--cert and --key go together")
        }
        for path in [files.trustedAuthorities, files.certificate, files.key] {
            guard let path, !FileManager.default.isReadableFile(atPath: path) else { continue }
            throw CommandFailure(message: "open \(path): no such file, or it cannot be read")
        }
        if files != ClientTLSFiles() { settings.tls = files }
        settings.dialTimeout = try Self.duration(
            "dial-timeout", dialTimeout ?? environment["ETCDCTL_DIAL_TIMEOUT"], else: .seconds(2))
        settings.callTimeout = try Self.duration(
            "command-timeout", commandTimeout ?? environment["ETCDCTL_COMMAND_TIMEOUT"],
            else: .seconds(5))
        settings.requiresLeader = false
        return settings
    }

    /// How answers are printed.
    /// - Throws: if there is no such format, or not for this command.
    func format(
        _ environment: [String: String], allowed: [OutputFormat] = OutputFormat.allCases
    ) throws -> OutputFormat {
        let name = writeOut ?? environment["ETCDCTL_WRITE_OUT"] ?? "simple"
        guard let format = OutputFormat(rawValue: name) else {
            throw CommandFailure.badFormat("unsupported output format")
        }
        guard allowed.contains(format) else {
            throw CommandFailure.badFormat("\(name) not supported as output format")
        }
        return format
    }

    private static func file(_ path: String?) -> String? { path == "" ? nil : path }

    private static func duration(
        _ flag: String, _ text: String?, else standard: TimeAmount
    ) throws -> TimeAmount {
        guard let text else { return standard }
        guard let duration = GoDuration.parse(text) else {
            throw CommandFailure(
                message: "invalid argument \"\(text)\" for \"--\(flag)\" flag: "
                    + "it is no positive duration such as 500ms, 5s or 1m30s")
        }
        return duration
    }
}

/// The process's environment, as commands read it.
var processEnvironment: [String: String] { ProcessInfo.processInfo.environment }

/// A client for the time of `body`.
func withClient<Result: Sendable>(
    _ settings: RemoteSettings, _ body: (RemoteClient) async throws -> Result
) async throws -> Result {
    let client = RemoteClient(settings)
    do {
        let result = try await body(client)
        await client.close()
        return result
    } catch {
        await client.close()
        throw error
    }
}
