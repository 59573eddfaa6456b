package import ArgumentParser
internal import EtcdAPI
internal import EtcdClient
internal import NIOCore
internal import Primitives
internal import StoreModel
internal import Wire

/// `keelson endpoint`: how the members of a store are.
package struct EndpointCommand: ParsableCommand {
    /// How the command is called.
    package static let configuration = CommandConfiguration(
        commandName: "endpoint", abstract: "Ask members of a store how they are.",
        subcommands: [
            EndpointStatusCommand.self, EndpointHealthCommand.self, EndpointHashCommand.self,
        ])

    /// Nothing given.
    package init() {}
}

/// The flags that all endpoint commands have.
struct EndpointOptions: ParsableArguments, Sendable {
    @Flag(help: "Ask all members that the store knows, not only those of --endpoints.")
    var cluster = false
    @OptionGroup var connection: ConnectionOptions

    /// A client's settings for each member to ask.
    func targets(_ environment: [String: String]) async throws -> [RemoteSettings] {
        let settings = try connection.settings(environment)
        var endpoints = settings.endpoints
        if cluster {
            let members = try await withClient(settings) { try await $0.members() }.body
            endpoints = try ConnectionOptions.endpoints(members.flatMap(\.attributes.clientURLs))
        }
        return endpoints.map { endpoint in
            var own = settings
            own.endpoints = [endpoint]
            return own
        }
    }

    /// Asks each member in turn, says who does not answer, and prints what the others say.
    func askAll<Body: Sendable>(
        _ what: String, _ ask: (RemoteClient) async throws -> Answered<Body>
    ) async throws -> (answers: [EndpointAnswer<Body>], failure: GRPCStatus?) {
        var answers: [EndpointAnswer<Body>] = []
        var failure: GRPCStatus?
        for target in try await targets(processEnvironment) {
            let endpoint = target.endpoints[0].description
            do {
                let answer = try await withClient(target, ask)
                answers.append(EndpointAnswer(endpoint: endpoint, answer: answer))
            } catch let status as GRPCStatus {
                failure = status
                let problem = CommandFailure(status).message
                complain("Failed to get the \(what) of endpoint \(endpoint) (\(problem))")
            }
        }
        return (answers, failure)
    }
}

/// What the member at an endpoint says.
struct EndpointAnswer<Body: Sendable>: Sendable {
    var endpoint: String
    var answer: Answered<Body>
}

struct EndpointStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show version, size, leader and progress of members.")
    @OptionGroup var options: EndpointOptions

    func run() throws {
        let options = options
        try runToEnd {
            let format = try options.connection.format(processEnvironment)
            let (answers, failure) = try await options.askAll("status") {
                try await $0.status()
            }
            answers.printed(format, options.connection.hex)
            if failure != nil { throw CommandFailure(message: "") }
        }
    }
}

struct EndpointHashCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hashkv", abstract: "Show the hash of members' histories.")
    @Option(help: "Hash up to this revision; all of it if 0.") var rev: Int64 = 0
    @OptionGroup var options: EndpointOptions

    func run() throws {
        let (options, revision) = (options, Revision(rev))
        try runToEnd {
            let format = try options.connection.format(processEnvironment)
            let (answers, failure) = try await options.askAll("hash") {
                try await $0.hash(upTo: revision)
            }
            answers.printed(format, options.connection.hex)
            if let failure { throw failure }
        }
    }
}

struct EndpointHealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask members whether they serve, with a read through all.")
    @OptionGroup var options: EndpointOptions

    func run() throws {
        let options = options
        try runToEnd {
            let format = try options.connection.format(processEnvironment)
            let targets = try await options.targets(processEnvironment)
            let checks = await withTaskGroup(of: (Int, EndpointHealth).self) { group in
                for (place, target) in targets.enumerated() {
                    group.addTask { (place, await Self.check(target)) }
                }
                var found: [Int: EndpointHealth] = [:]
                for await (place, check) in group { found[place] = check }
                return targets.indices.compactMap { found[$0] }
            }
            checks.printed(format)
            guard checks.allSatisfy(\.isHealthy) else {
                throw CommandFailure(message: "unhealthy cluster")
            }
        }
    }

    private static func check(_ settings: RemoteSettings) async -> EndpointHealth {
        let client = RemoteClient(settings)
        let began = NIODeadline.now()
        var problem: String?
        do throws(KeyValueFailure) {
            let probe = RangeRequest(KeyRange(key: Bytes("health".utf8)))
            _ = try await client.range(probe, isSerializable: false)
        } catch {
            problem = "\(error)"
            switch error {
            case .refused("etcdserver: permission denied"): problem = nil
            case .unavailable(let text), .unknownOutcome(let text):
                problem = CommandFailure(GRPCStatus(.unavailable, text)).message
            case .refused(let text): problem = text
            case .store, .watchCompacted: break
            }
        }
        let took = NIODeadline.now() - began
        // What cannot be asked for is no alarm: an older store may not tell.
        if problem == nil, let alarms = try? await client.alarms(), !alarms.isEmpty {
            problem = "Active Alarm(s): " + alarms.map { "\($0.kind.wireName) " }.joined()
        }
        await client.close()
        return EndpointHealth(
            endpoint: settings.endpoints[0].description, took: took, problem: problem)
    }
}
