import EtcdClient
import Foundation
import StoreModel
import Testing

/// `keelson member`, `endpoint` and `check` beside etcd's own tool.
@Suite(.serialized) struct `Commands on a store` {
    @Test(.enabled(if: Etcd.isInstalled && Tool.etcdctl.isInstalled), .timeLimit(.minutes(3)))
    func `answers look as etcdctl prints them`() async throws {
        try await withFolder { folder in
            try await Etcd.run(folder) { port in
                try await withClient([port]) { client in
                    _ = try await client.members()
                }
                for command in Self.questions {
                    for format in ["simple", "table", "json", "fields"] {
                        compare(command + ["-w", format], port)
                    }
                }
                for command in Self.mistakes { compare(command, port) }
                try changeMembers(port)
            }
        }
    }

    private static let questions = [
        ["member", "list"], ["endpoint", "status"], ["endpoint", "health"],
        ["endpoint", "hashkv"], ["endpoint", "status", "--cluster"],
    ]

    private static let mistakes = [
        ["member", "add"], ["member", "add", "a"], ["member", "add", "a", "b"],
        ["member", "remove"], ["member", "remove", "zz"], ["member", "remove", "1234"],
        ["member", "remove", "11112222333344445"], ["member", "update", "1234"],
        ["member", "promote", "1"], ["member", "promote"], ["member", "list", "-w", "odd"],
        ["endpoint", "hashkv", "--rev", "99"], ["check", "perf", "--load", "huge"],
    ]

    /// Adds, updates and removes a learner with each tool in turn.
    private func changeMembers(_ port: Int) throws {
        for format in ["simple", "json"] {
            let answers = try Tool.allCases.map { tool in
                // etcd makes identifiers from addresses, and never gives one out again.
                let host = "10.0.\(format.count).\(tool == .keelson ? 1 : 2)"
                let urls = "http://\(host):2380,http://\(host):2381"
                let added = tool.run(
                    ["member", "add", "new", "--learner", "--peer-urls=\(urls)", "-w", format],
                    port)
                let members = Tool.keelson.run(["member", "list"], port).output
                let line = members.split(separator: "\n").first { $0.contains("unstarted") }
                let id = String(try #require(line, "\(added)").prefix { $0 != "," })
                let early = tool.run(["member", "promote", id], port)
                let updated = tool.run(
                    ["member", "update", id, "--peer-urls=http://10.0.0.3:2380", "-w", format],
                    port)
                let removed = tool.run(["member", "remove", id, "-w", format], port)
                return [added, early, updated, removed].map(\.normalised.pieces)
            }
            #expect(answers[0] == answers[1])
        }
    }

    /// Both tools print the same, but for times and identifiers.
    private func compare(_ arguments: [String], _ port: Int) {
        var answers: [ToolAnswer] = []
        // The store works on in the background: its size may change between two questions.
        for _ in 0..<5 {
            answers = Tool.allCases.map { $0.run(arguments, port).normalised }
            if answers[0] == answers[1] { break }
        }
        #expect(answers[0] == answers[1], "\(arguments)")
    }
}

/// A command that was run.
struct ToolAnswer: Equatable {
    var exitCode: Int32
    var output: String
    var complaint: String

    /// Without what differs from run to run: times, identifiers, and the widths that they make.
    var normalised: ToolAnswer {
        // etcdctl 3.4 says on standard error that a member is healthy, later ones don't.
        let lines = (output + complaint).split(separator: "\n")
        var text = lines.filter { !$0.hasPrefix("{\"level\"") }.joined(separator: "\n")
        text.replace(#/[0-9.]+(ms|µs|s)\b/#, with: "TIME")
        text.replace(#/\b[0-9a-f]{14,16}\b|\b[0-9]{17,20}\b/#, with: "ID")
        text.replace(#/10\.0\.\d\.\d/#, with: "HOST")
        text.replace(#/-{2,}/#, with: "--")
        text.replace(#/ {2,}/#, with: " ")
        return ToolAnswer(exitCode: exitCode, output: text, complaint: "")
    }
}

extension ToolAnswer {
    /// Members come in the order of their identifiers, which differ.
    var pieces: [String] {
        output.split { "{}[],\" ".contains($0) }.map(String.init).sorted() + ["\(exitCode)"]
    }
}

/// The tools that are compared.
enum Tool: CaseIterable {
    case keelson
    case etcdctl

    var path: String {
        switch self {
        case .etcdctl: "/usr/bin/etcdctl"
        case .keelson:
            URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appendingPathComponent("keelson").path
        }
    }

    var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    func run(_ arguments: [String], _ port: Int) -> ToolAnswer {
        let process = Process()
        let (output, complaint) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments + ["--endpoints", "http://127.0.0.1:\(port)"]
        process.environment = ["ETCDCTL_API": "3"]
        process.standardOutput = output
        process.standardError = complaint
        do {
            try process.run()
        } catch {
            return ToolAnswer(exitCode: -1, output: "", complaint: "\(error)")
        }
        // Neither says so much that its pipe could be full before the other is read.
        let texts = [output, complaint].map {
            String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        return ToolAnswer(
            exitCode: process.terminationStatus, output: texts[0], complaint: texts[1])
    }
}
