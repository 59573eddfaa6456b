import Testing

/// Something that a user does, told once and played on keelson and on etcd.
struct Story: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether what is said depends on how many members there are.
    var dependsOnMembers = false
    /// Flags that the servers are started with.
    var flags: [String] = []
    let play: @Sendable (Session) throws -> Void

    var testDescription: String { name }
}

/// A story on a kind of cluster, told with one of the tools.
struct Performance: Sendable, CustomTestStringConvertible {
    var story: Story
    var setup: Setup
    var tool: Programs.Tool

    var testDescription: String {
        "\(story.name), \(setup.testDescription), etcdctl \(tool)"
    }
}

/// Stock etcdctl, of every version there is, says and does the same on keelson as on etcd.
struct ComparisonTests {
    private static let stories: [Story] =
        KeyValueStories.all + TransactionStories.all + WatchStories.all + LeaseStories.all
        + ConcurrencyStories.all + ClusterStories.all + MaintenanceStories.all

    /// Everything with the newest etcdctl; others see the smallest and the largest kind.
    private static let performances = stories.flatMap { story in
        Programs.etcdctls.flatMap { tool in
            let isNewest = tool.path == Programs.etcdctls.last?.path
            let setups = Setup.all.filter { isNewest || ($0.memberCount == 3) == $0.isSecure }
            return setups.map { Performance(story: story, setup: $0, tool: tool) }
        }
    }

    private static let references = References()

    @Test func `etcd's own programs are there to compare with`() {
        #expect(!Programs.etcdctls.isEmpty, "no etcdctl: run `make tools`")
        #expect(Programs.etcd != nil, "no etcd: run `make tools`")
    }

    @Test(arguments: performances)
    func `etcdctl sees no difference to etcd`(performance: Performance) throws {
        let (story, setup, tool) = (performance.story, performance.setup, performance.tool)
        let ours = try References.play(.keelson, story, setup, tool)
        let theirs = try Self.references.lines(of: story, on: setup.memberCount, with: tool)
        // Of the whole transcripts only the place where they part is worth printing.
        let isSame = ours == theirs
        #expect(isSame, "\(Normalizer.difference(ours, theirs))")
    }
}
