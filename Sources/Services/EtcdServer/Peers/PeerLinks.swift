internal import Environment
internal import Logging
internal import NIOCore
internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel
internal import Transport

/// What the links need from the member that they belong to.
protocol PeerLinksOwner: AnyObject {
    /// The present state of this member, for greetings.
    var peerFacts: PeerFacts { get }
    /// A message arrived.
    func received(_ message: PeerMessage)
    /// What was sent to the peer may be lost.
    func unreachable(_ peer: PeerID)
    /// Another member says that this one was removed.
    func wasRemoved(saidBy peer: PeerID)
}

/// What greetings are made of and judged by.
struct PeerFacts {
    var id: PeerID
    var clusterID: UInt64
    var appliedIndex: LogIndex
    /// This member takes part as of its applied state.
    var isMember: Bool
    var peerURLs: [String]
    /// As of the newest entry of the log.
    var members: [MemberDescription]
}

/// All connections with other members: one outgoing to each, for what this member says, and those
/// that others opened, for what they say. Belongs to the event loop.
final class PeerLinks {
    /// How long a removed member is still told so.
    private static let farewellSeconds: Int64 = 10
    /// How long others have for their greeting.
    private static let greetingSeconds: Int64 = 5

    let log: Logger
    private(set) var port: FramePort!
    private let loop: any EventLoop
    private unowned let owner: any PeerLinksOwner
    private var links: [PeerLink] = []
    private var incoming: [ObjectIdentifier: FrameConnection] = [:]
    /// Addresses that members gave in greetings, where the store knows none that works.
    private var told: [PeerID: [ServerURL]] = [:]
    private var problems: [String] = []
    private(set) var now: MonotonicInstant
    /// Bytes sent to and received from other members.
    private(set) var sentBytes: UInt64 = 0
    private(set) var receivedBytes: UInt64 = 0

    init(
        loop: any EventLoop, tls: TLSSettings, owner: any PeerLinksOwner, log: Logger,
        now: MonotonicInstant
    ) throws {
        self.loop = loop
        self.owner = owner
        self.log = log
        self.now = now
        port = try FramePort(loop: loop, tls: tls.files) { [unowned self] connection in
            self.accept(connection)
        }
    }

    /// Sends messages, each to its member.
    func send(_ messages: [PeerMessage]) {
        for message in messages {
            guard let link = links.first(where: { $0.peer == message.to }) else { continue }
            link.send(message)
        }
        for link in links { link.flush() }
    }

    /// Members with a working connection.
    var connected: Set<PeerID> {
        Set(links.filter { $0.openSince != nil }.map(\.peer))
    }

    /// Members whose connection has worked since then.
    func connected(since instant: MonotonicInstant) -> Set<PeerID> {
        Set(links.filter { $0.openSince.map { $0 <= instant } ?? false }.map(\.peer))
    }

    /// Time passed: follows the membership and keeps the connections up.
    func tick(_ instant: MonotonicInstant) {
        now = instant
        let facts = owner.peerFacts
        var wanted: [PeerID] = []
        for member in facts.members where member.id != facts.id {
            wanted.append(member.id)
            follow(member.id, urls(of: member))
        }
        for link in links where !wanted.contains(link.peer) && link.retiresAt == nil {
            link.retiresAt = now.adding(seconds: Self.farewellSeconds)
        }
        for link in links where link.retiresAt ?? MonotonicInstant(nanoseconds: .max) <= now {
            link.end()
        }
        links.removeAll { $0.retiresAt ?? MonotonicInstant(nanoseconds: .max) <= now }
        for link in links { link.tick(now) }
    }

    private func follow(_ peer: PeerID, _ urls: [ServerURL]) {
        if let link = links.first(where: { $0.peer == peer }) {
            link.retiresAt = nil
            link.urls = urls
        } else {
            links.append(PeerLink(to: peer, urls: urls, owner: self, now: now))
        }
    }

    /// The replicated addresses first, then those that the member gave itself.
    private func urls(of member: MemberDescription) -> [ServerURL] {
        // A URL that cannot be read was refused when it was proposed.
        var urls = member.attributes.peerURLs.compactMap { try? ServerURL($0) }
        for url in told[member.id] ?? [] where !urls.contains(url) { urls.append(url) }
        return urls
    }

    /// Hangs up everywhere.
    func close() {
        for link in links { link.end() }
        links = []
        port.close()
    }

    /// How this member introduces itself.
    func greeting(to peer: PeerID) -> PeerGreeting {
        let facts = owner.peerFacts
        return PeerGreeting(
            purpose: .messages, clusterID: facts.clusterID, from: facts.id, to: peer,
            appliedIndex: facts.isMember ? facts.appliedIndex : .zero,
            peerURLs: facts.peerURLs)
    }

    /// A member's identifier as etcd's tools print it.
    func hex(_ peer: PeerID) -> String { MemberRecord.hex(peer.rawValue) }

    func countSent(_ bytes: Int) { sentBytes += UInt64(bytes) }

    func reportUnreachable(_ peer: PeerID) { owner.unreachable(peer) }

    /// Another member does not want to talk.
    func refused(_ refusal: PeerRefusal, by peer: PeerID, at url: ServerURL) {
        let text = "\(hex(peer)) \(url) \(refusal.text)"
        if !problems.contains(text) {
            problems.append(text)
            if problems.count > 100 { problems.removeFirst() }
            log.error(
                "peer refused the connection",
                metadata: [
                    "peer": "\(hex(peer))", "url": "\(url)", "reason": "\(refusal.text)",
                ])
        }
        if refusal.reason == .removed { owner.wasRemoved(saidBy: peer) }
    }
}

/// Connections that others opened.
extension PeerLinks {
    private func accept(_ connection: FrameConnection) {
        let key = ObjectIdentifier(connection)
        incoming[key] = connection
        let patience = loop.assumeIsolated().scheduleTask(in: .seconds(Self.greetingSeconds)) {
            [weak connection] in
            connection?.close("no greeting came")
        }
        connection.closed = { [weak self] _ in
            patience.cancel()
            self?.incoming[key] = nil
        }
        connection.received = { [weak self, weak connection] body in
            guard let self, let connection else { return }
            patience.cancel()
            self.greeted(body, connection)
        }
    }

    private func greeted(_ body: Bytes, _ connection: FrameConnection) {
        do throws(PeerRefusal) {
            let greeting = try PeerGreeting(decoding: body)
            let facts = owner.peerFacts
            switch greeting.purpose {
            case .members:
                connection.send(
                    PeerAnswer.members(clusterID: facts.clusterID, facts.members).encoded)
                connection.close("the question is answered")
            case .messages:
                try Self.check(greeting, facts)
                learn(greeting)
                listen(to: greeting.from, facts.id, connection)
                connection.send(PeerAnswer.welcome.encoded)
                connection.flush()
            }
        } catch {
            log.error(
                "refused a connection on the peer port",
                metadata: [
                    "address": "\(connection.remoteAddress)", "reason": "\(error.text)",
                ])
            if error.reason != .malformed { connection.send(PeerAnswer.refused(error).encoded) }
            connection.close(error.text)
        }
    }

    /// Whether a greeting comes from a member of the cluster, for this one.
    static func check(_ greeting: PeerGreeting, _ facts: PeerFacts) throws(PeerRefusal) {
        let hex = MemberRecord.hex
        guard greeting.clusterID == facts.clusterID else {
            throw PeerRefusal(
                .otherCluster,
                "cluster ID mismatch: the greeter is of cluster \(hex(greeting.clusterID)), the "
                    + "one greeted of \(hex(facts.clusterID))")
        }
        guard greeting.to == facts.id else {
            throw PeerRefusal(
                .otherMember,
                "the greeter looks for member \(hex(greeting.to.rawValue)), here is "
                    + "\(hex(facts.id.rawValue))")
        }
        // Identifiers are never used twice: who applied an entry as a member and is none at this
        // or a later entry was removed. Who applied nothing may be newer than our log.
        let isKnown = facts.members.contains { $0.id == greeting.from }
        if !isKnown, greeting.appliedIndex > .zero, greeting.appliedIndex <= facts.appliedIndex {
            throw PeerRefusal(
                .removed,
                "the member \(hex(greeting.from.rawValue)) has been permanently removed from the "
                    + "cluster")
        }
    }

    private func learn(_ greeting: PeerGreeting) {
        // What cannot be read is no address to try.
        let urls = greeting.peerURLs.prefix(16).compactMap { try? ServerURL($0) }
        if told.count < 1_000 || told[greeting.from] != nil { told[greeting.from] = urls }
    }

    private func listen(to peer: PeerID, _ me: PeerID, _ connection: FrameConnection) {
        connection.acceptsBytesMax = FrameConnection.bodyBytesMax
        connection.received = { [weak self, weak connection] body in
            guard let self else { return }
            self.receivedBytes += UInt64(body.count)
            do throws(DecodingError) {
                let message = try PeerMessage(decoding: body)
                guard message.from == peer, message.to == me else {
                    throw .invalid(field: "sender or receiver", offset: 1)
                }
                self.owner.received(message)
            } catch {
                self.log.error(
                    "peer sent what is no message",
                    metadata: ["peer": "\(self.hex(peer))", "reason": "\(error)"])
                connection?.close("no message")
            }
        }
    }
}
