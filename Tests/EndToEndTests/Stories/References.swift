import Synchronization

/// What a real etcd says in each story, found out when first asked for. TLS makes no difference.
final class References: Sendable {
    private let known = Mutex<[String: [String]]>([:])

    /// The transcript of a story on an etcd with that many members.
    func lines(of story: Story, on memberCount: Int, with tool: Programs.Tool) throws -> [String] {
        let count = story.dependsOnMembers ? memberCount : 1
        let key = "\(story.name), \(count), \(tool)"
        if let lines = known.withLock({ $0[key] }) { return lines }
        guard Programs.etcd != nil else { throw TooLate(description: "no etcd: run `make tools`") }
        let setup = Setup(memberCount: count, isSecure: false)
        let lines = try Self.play(.etcd, story, setup, tool)
        known.withLock { $0[key] = lines }
        return lines
    }

    /// Plays a story on a cluster of its own.
    static func play(
        _ contender: Contender, _ story: Story, _ setup: Setup, _ tool: Programs.Tool
    ) throws -> [String] {
        let flags = StoreCluster.impatient + story.flags
        let session = Session(try StoreCluster(contender, setup, flags: flags), tool)
        try story.play(session)
        return session.normalized
    }
}
