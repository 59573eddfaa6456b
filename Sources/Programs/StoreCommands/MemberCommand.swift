package import ArgumentParser
internal import EtcdAPI
internal import EtcdClient
internal import Wire

/// `keelson member`: who takes part in a store.
package struct MemberCommand: ParsableCommand {
    /// How the command is called.
    package static let configuration = CommandConfiguration(
        commandName: "member", abstract: "List and change the members of a store.",
        subcommands: [
            MemberListCommand.self, MemberAddCommand.self, MemberRemoveCommand.self,
            MemberUpdateCommand.self, MemberPromoteCommand.self,
        ])

    /// Nothing given.
    package init() {}
}

struct MemberListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the members.")
    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let connection = connection
        try runToEnd {
            let environment = processEnvironment
            let format = try connection.format(environment)
            let answer = try await withClient(try connection.settings(environment)) {
                try await $0.members()
            }
            for line in MemberListing(answer.body).lines(format, answer.header, connection.hex) {
                print(line)
            }
        }
    }
}

struct MemberAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a member that is to be started then.")
    @Argument(help: "The new member's name.") var names: [String] = []
    @Option(
        name: .customLong("peer-urls"),
        help: "Where other members reach it, with commas between addresses.")
    var peerURLs: [String] = []
    @Flag(help: "Give it no vote yet.") var learner = false
    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let command = self
        try runToEnd { try await command.add() }
    }

    private func add() async throws {
        guard let name = names.first, !name.isEmpty else {
            throw CommandFailure.badArguments("member name not provided")
        }
        guard names.count == 1 else { throw CommandFailure.badArguments("too many arguments") }
        let urls = try PeerURLs.checked(peerURLs)
        let environment = processEnvironment
        let format = try connection.format(environment, allowed: [.simple, .json])
        let answer = try await withClient(try connection.settings(environment)) {
            try await $0.addMember(peerURLs: urls, isLearner: learner)
        }
        if format == .json {
            var fields = JSONFields()
            fields.addRaw("header", answer.header.json)
            fields.addRaw("member", answer.body.added.json)
            fields.addRaw("members", MemberListing(answer.body.all).json)
            print(fields.text)
            return
        }
        let added = answer.body.added.id
        let cluster = answer.body.all.flatMap { member in
            let shown = member.id == added ? name : member.attributes.name
            return member.attributes.peerURLs.map { "\(shown)=\($0)" }
        }
        let given = answer.body.added.attributes.peerURLs
        print("Member \(padded(added)) added to cluster \(padded(answer.header.clusterID))\n")
        print("ETCD_NAME=\(JSONFields.quoted(name))")
        print("ETCD_INITIAL_CLUSTER=\"\(cluster.joined(separator: ","))\"")
        print("ETCD_INITIAL_ADVERTISE_PEER_URLS=\"\(given.joined(separator: ","))\"")
        print("ETCD_INITIAL_CLUSTER_STATE=\"existing\"")
    }
}

struct MemberRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a member, for good.")
    @Argument(help: "The member's identifier, hexadecimal.") var ids: [String] = []
    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let (ids, connection) = (ids, connection)
        try runToEnd {
            let id = try MemberChange.id(ids)
            try await MemberChange.make(id, "removed from", connection) {
                try await $0.removeMember(id)
            }
        }
    }
}

struct MemberUpdateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Give a member other peer addresses.")
    @Argument(help: "The member's identifier, hexadecimal.") var ids: [String] = []
    @Option(
        name: .customLong("peer-urls"),
        help: "Where other members reach it, with commas between addresses.")
    var peerURLs: [String] = []
    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let (ids, peerURLs, connection) = (ids, peerURLs, connection)
        try runToEnd {
            let id = try MemberChange.id(ids)
            let urls = try PeerURLs.checked(peerURLs)
            try await MemberChange.make(id, "updated in", connection) {
                try await $0.updateMember(id, peerURLs: urls)
            }
        }
    }
}

struct MemberPromoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Give a learner a vote.")
    @Argument(help: "The member's identifier, hexadecimal.") var ids: [String] = []
    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let (ids, connection) = (ids, connection)
        try runToEnd {
            let id = try MemberChange.id(ids)
            try await MemberChange.make(id, "promoted in", connection) {
                try await $0.promoteMember(id)
            }
        }
    }
}
