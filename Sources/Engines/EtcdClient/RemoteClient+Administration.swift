package import EtcdAPI
package import Primitives
package import StoreModel
internal import Transport
package import Wire

/// An answer to an operator, with its header.
package struct Answered<Body: Sendable>: Sendable {
    /// Who answers.
    package var header: WireHeader
    /// What is answered.
    package var body: Body
}

/// What operators ask of a store, with the store's own status where it refuses.
extension RemoteClient {
    /// The members, linearizably.
    package func members() async throws(GRPCStatus) -> Answered<[WireMember]> {
        try await administer("Cluster/MemberList", isRepeatable: true) {
            $0.write(1, true)
        } decode: { try WireMember.list($0) }
    }

    /// Adds a member; answers with its identifier and all members.
    package func addMember(
        peerURLs: [String], isLearner: Bool
    ) async throws(GRPCStatus) -> Answered<(added: WireMember, all: [WireMember])> {
        try await administer("Cluster/MemberAdd") {
            WireMemberAddRequest(peerURLs: peerURLs, isLearner: isLearner).encode(into: &$0)
        } decode: { message in
            let added = try WireMember.list(message, field: 2)
            guard let first = added.first else { throw ProtobufError.truncated(offset: 0) }
            return (first, try WireMember.list(message, field: 3))
        }
    }

    /// Removes a member; answers with those that are left.
    package func removeMember(_ id: UInt64) async throws(GRPCStatus) -> Answered<[WireMember]> {
        try await changeMember("MemberRemove", WireMemberUpdateRequest(id: id))
    }

    /// Gives a member other addresses.
    package func updateMember(
        _ id: UInt64, peerURLs: [String]
    ) async throws(GRPCStatus) -> Answered<[WireMember]> {
        try await changeMember(
            "MemberUpdate", WireMemberUpdateRequest(id: id, peerURLs: peerURLs))
    }

    /// Gives a learner a vote.
    package func promoteMember(_ id: UInt64) async throws(GRPCStatus) -> Answered<[WireMember]> {
        try await changeMember("MemberPromote", WireMemberUpdateRequest(id: id))
    }

    /// What the member at the endpoint knows of itself.
    package func status() async throws(GRPCStatus) -> Answered<WireStatus> {
        try await administer("Maintenance/Status", isRepeatable: true) { _ in
        } decode: { try WireStatus(decoding: $0) }
    }

    /// The hash of the history of the member at the endpoint, up to `revision`; zero for all.
    package func hash(upTo revision: Revision) async throws(GRPCStatus) -> Answered<WireHash> {
        try await administer("Maintenance/HashKV", isRepeatable: true) {
            $0.write(1, revision.rawValue)
        } decode: { try WireHash(decoding: $0) }
    }

    /// The alarms that are raised.
    package func alarms() async throws(GRPCStatus) -> [Alarm] {
        try await administer("Maintenance/Alarm", isRepeatable: true) {
            WireAlarmRequest().encode(into: &$0)
        } decode: { try Alarm.list($0) }.body
    }

    /// Returns the space that is free to the file system, at the member at the endpoint.
    package func defragment() async throws(GRPCStatus) {
        _ = try await administer("Maintenance/Defragment") { _ in } decode: { _ in }
    }

    /// The text of a page that the first endpoint shows, such as `/metrics`.
    package func page(_ path: String) async throws(GRPCStatus) -> String {
        let endpoint = link.settings.endpoints[0]
        do {
            return try await HTTPPage.get(
                path, host: endpoint.host, port: endpoint.port,
                tls: link.settings.tls(for: endpoint), timeout: link.settings.callTimeout,
                loop: link.loop)
        } catch {
            throw GRPCStatus(.unavailable, "\(endpoint)\(path): \(error)")
        }
    }

    private func changeMember(
        _ method: String, _ request: WireMemberUpdateRequest
    ) async throws(GRPCStatus) -> Answered<[WireMember]> {
        try await administer("Cluster/\(method)") {
            request.encode(into: &$0)
        } decode: { try WireMember.list($0) }
    }

    private func administer<Body: Sendable>(
        _ method: String, isRepeatable: Bool = false,
        encode: (inout ProtobufWriter) -> Void,
        decode: (ProtobufReader) throws -> Body
    ) async throws(GRPCStatus) -> Answered<Body> {
        var writer = GRPCCall.messageWriter()
        encode(&writer)
        let message: ProtobufReader
        do {
            message = try await link.call(
                "/etcdserverpb.\(method)", writer, isRepeatable: isRepeatable)
        } catch {
            throw error.status
        }
        do {
            return Answered(
                header: try WireHeader.ofAnswer(message), body: try decode(message))
        } catch {
            throw GRPCStatus(.internal, "an answer that cannot be read: \(error)")
        }
    }
}
