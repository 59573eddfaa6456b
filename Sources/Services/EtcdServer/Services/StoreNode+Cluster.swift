internal import EtcdAPI
internal import Logging
internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// etcd's cluster service.
extension StoreNode {
    func registerCluster() {
        let service = "etcdserverpb.Cluster"
        register(service, "MemberList", servesLearner: true) { try $0.listMembers($1, $2) }
        register(service, "MemberAdd") { try $0.addMember($1, $2) }
        register(service, "MemberRemove") { try $0.removeMember($1, $2) }
        register(service, "MemberUpdate") { try $0.updateMember($1, $2) }
        register(service, "MemberPromote") { try $0.promoteMember($1, $2) }
    }

    private func listMembers(_ call: GRPCCall, _ message: ProtobufReader) throws {
        guard try WireMemberListRequest.isLinearizable(message) else {
            answerNow(call) { [member] writer in
                Self.encode(member!.memberList, field: 2, into: &writer)
            }
            return
        }
        relay(call, .members) { answer, writer in Self.encode(answer, field: 2, into: &writer) }
    }

    private func addMember(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let request = try WireMemberAddRequest(decoding: message)
        let urls = try Self.checkedURLs(request.peerURLs)
        let members = member.latestMembers
        let taken = Set(members.flatMap(\.attributes.peerURLs))
        guard taken.isDisjoint(with: urls) else { throw EtcdError.peerURLsExist }
        let id = ClusterIdentity.memberID(
            peerURLs: urls, token: "", addedAtSeconds: Clock.unixSeconds())
        if request.isLearner {
            guard members.count(where: \.isLearner) < settings.learnersMax else {
                throw EtcdError.tooManyLearners
            }
        } else if settings.checksReconfiguration,
            let objection = reconfiguration(members).objectionToAddingVoter()
        {
            throw objection
        }
        let attributes = MemberAttributes(peerURLs: urls)
        let added = MemberDescription(
            id: id, attributes: attributes, isLearner: request.isLearner)
        let isSecond = !request.isLearner && member.membership.voters == [member.id]
        log.info(
            "adding member",
            metadata: [
                "member": "\(MemberRecord.hex(id.rawValue))",
                "peer-urls": "\(urls.joined(separator: ","))", "learner": "\(request.isLearner)",
            ])
        relay(
            call,
            .changeMembership(
                [request.isLearner ? .addLearner(id) : .addVoter(id)],
                attributes: [(id, attributes)])
        ) { answer, writer in
            WireMember(added).encode(2, into: &writer)
            Self.encode(answer, field: 3, into: &writer)
        }
        if isSecond { answerEarly(call, adding: added) }
    }

    /// Answers for the second member of a cluster of one as soon as its entry is durable in the
    /// only log there is. The entry is in force from then on and can never be lost, but it can be
    /// committed only when the new member runs, and nobody starts that before this answer.
    private func answerEarly(_ call: GRPCCall, adding added: MemberDescription) {
        wait { [unowned self] in
            if call.isOver { return true }
            guard self.member.membership.everyone.contains(added.id) else { return false }
            self.member.forget(RequestID(call.ticket))
            call.ticket = 0
            self.answerNow(call) { writer in
                WireMember(added).encode(2, into: &writer)
                Self.encode(self.member.latestMembers, field: 3, into: &writer)
            }
            return true
        }
    }

    private func removeMember(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let id = PeerID(try WireMemberUpdateRequest(decoding: message).id)
        let members = member.memberList
        guard members.contains(where: { $0.id == id }) else {
            throw RequestError.memberNotFound
        }
        if settings.checksReconfiguration,
            let objection = reconfiguration(members).objectionToRemoving(id)
        {
            throw objection
        }
        log.info("removing member", metadata: ["member": "\(MemberRecord.hex(id.rawValue))"])
        let known = member.attributes(of: id).map { [(id, $0)] } ?? []
        relay(call, .changeMembership([.remove(id)], attributes: known)) { answer, writer in
            Self.encode(answer, field: 2, into: &writer)
        }
    }

    private func promoteMember(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let id = PeerID(try WireMemberUpdateRequest(decoding: message).id)
        let members = member.memberList
        let check = reconfiguration(members)
        if let objection = check.objectionToPromoting(id) { throw objection }
        let known = member.attributes(of: id).map { [(id, $0)] } ?? []
        relay(call, .changeMembership([.addVoter(id)], attributes: known)) { answer, writer in
            Self.encode(answer, field: 2, into: &writer)
        }
    }

    private func updateMember(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let request = try WireMemberUpdateRequest(decoding: message)
        let id = PeerID(request.id)
        let urls = try Self.checkedURLs(request.peerURLs)
        guard var attributes = member.attributes(of: id),
            member.membership.everyone.contains(id)
        else { throw RequestError.memberNotFound }
        let others = member.memberList.filter { $0.id != id }.flatMap(\.attributes.peerURLs)
        guard Set(others).isDisjoint(with: urls) else { throw EtcdError.peerURLsExist }
        attributes.peerURLs = urls
        relay(call, .command(.setMember(id, attributes))) { [unowned self] _, writer in
            Self.encode(self.member.memberList, field: 2, into: &writer)
        }
    }

    /// The members and who can be reached of them.
    private func reconfiguration(_ members: [MemberDescription]) -> Reconfiguration {
        Reconfiguration(members: members, connected: links.connected.union([member.id]))
    }

    private static func checkedURLs(_ texts: [String]) throws -> [String] {
        guard !texts.isEmpty else { throw EtcdError.memberURLsInvalid }
        do {
            return try texts.map { try ServerURL($0) }.sortedTexts
        } catch {
            throw EtcdError.memberURLsInvalid
        }
    }

    private static func encode(
        _ answer: ClientResponse, field: Int, into writer: inout ProtobufWriter
    ) {
        if case .members(let members) = answer.body { encode(members, field: field, into: &writer) }
    }

    private static func encode(
        _ members: [MemberDescription], field: Int, into writer: inout ProtobufWriter
    ) {
        for member in members { WireMember(member).encode(field, into: &writer) }
    }
}

extension WireMember {
    /// A member as the wire has it.
    init(_ member: MemberDescription) {
        self.init(
            id: member.id.rawValue, attributes: member.attributes, isLearner: member.isLearner)
    }
}
