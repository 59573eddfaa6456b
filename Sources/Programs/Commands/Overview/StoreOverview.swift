internal import ClusterAccess
internal import EtcdAPI
internal import EtcdClient
internal import NIOCore
internal import NIOPosix
internal import Wire

/// The members of a store as `status` shows them.
struct StoreOverview: Sendable {
    var rows: [[String]] = []
    /// What is wrong, each a line.
    var problems: [String] = []

    /// Asks each member in turn, from a thread that may block.
    /// - Parameters:
    ///   - endpoints: where some of the members are, with commas between them.
    ///   - variables: the environment, which may name certificates.
    static func ask(_ endpoints: String, _ variables: [String: String]) throws -> StoreOverview {
        var places: [EtcdEndpoint] = []
        for text in endpoints.split(separator: ",") {
            do {
                places.append(try EtcdEndpoint(String(text)))
            } catch {
                throw CommandFailure(error.description)
            }
        }
        guard !places.isEmpty else { throw CommandFailure("--endpoints names no address") }
        let settings = settings(places, variables)
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        return try loop.makeFutureWithTask { await overview(settings) }.wait()
    }

    private static func settings(
        _ places: [EtcdEndpoint], _ variables: [String: String]
    ) -> RemoteSettings {
        var settings = RemoteSettings(endpoints: places)
        settings.tls = RemoteSettings.tlsFiles(variables)
        settings.dialTimeout = .seconds(1)
        settings.callTimeout = .seconds(2)
        settings.requiresLeader = false
        return settings
    }

    private static func overview(_ settings: RemoteSettings) async -> StoreOverview {
        var overview = StoreOverview()
        let client = RemoteClient(settings)
        let members = await answer { try await client.members().body }
        await client.close()
        guard case .success(let members) = members else {
            let places = settings.endpoints.map(\.description).joined(separator: ", ")
            overview.problems.append(
                "store: no member answers at \(places) (--endpoints names others)")
            return overview
        }
        var isLed = false
        for member in members.sorted(by: { $0.attributes.name < $1.attributes.name }) {
            let address = member.attributes.clientURLs.first ?? ""
            let name = member.attributes.name.isEmpty ? "(not started)" : member.attributes.name
            let status = await status(of: address, settings)
            isLed = isLed || (status?.leader ?? 0) != 0
            let role = status?.leader == member.id
                ? "leader" : member.isLearner ? "learner" : "follower"
            overview.rows.append([
                name, status == nil ? "does not answer" : role, address,
                status.map { size($0.dbSizeBytes) } ?? "", status.map { "\($0.raftTerm)" } ?? "",
            ])
            if status == nil { overview.problems.append("member \(name): does not answer") }
            overview.problems += (status?.errors ?? []).map { "member \(name): \($0)" }
        }
        if !isLed {
            overview.problems.append("store: has no leader, so that nothing can be written")
        }
        return overview
    }

    private static func status(
        of address: String, _ settings: RemoteSettings
    ) async -> WireStatus? {
        // An address that is none is one that does not answer.
        guard let endpoint = try? EtcdEndpoint(address) else { return nil }
        var settings = settings
        settings.endpoints = [endpoint]
        let client = RemoteClient(settings)
        let answer = await answer { try await client.status().body }
        await client.close()
        guard case .success(let status) = answer else { return nil }
        return status
    }

    private static func answer<Body>(
        _ ask: () async throws -> Body
    ) async -> Result<Body, any Error> {
        do {
            return .success(try await ask())
        } catch {
            return .failure(error)
        }
    }

    private static func size(_ bytes: Int64) -> String {
        bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB"
    }
}
