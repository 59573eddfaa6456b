internal import ArgumentParser
internal import ClusterAccess
internal import Foundation
internal import Manifests
internal import ResourceModel

/// `keelson diff`.
struct DiffCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what `apply` would change, line by line.",
        discussion: """
            Ends with exit code 1 if there are differences, and a greater one if something is wrong.
            KUBECTL_EXTERNAL_DIFF names another program than diff -u -N.
            """)
    @OptionGroup var files: FileOptions
    @Flag(help: "Refuse to change fields that others manage.") var serverSide = false
    @Flag(help: "With --server-side: take over fields that others manage.")
    var forceConflicts = false
    @Option(help: "The name under which the server would note down the changes.")
    var fieldManager: String?
    @Flag(help: "Show who manages which field.") var showManagedFields = false
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        do {
            try compare(session)
        } catch let failure as CommandFailure where failure.message.isEmpty {
            throw failure
        } catch {
            // 1 would say that there are differences.
            session.tell(error)
            throw CommandFailure("", exitCode: 2)
        }
    }

    private func compare(_ session: Session) throws {
        guard !files.isEmpty else { throw CommandFailure("must specify -f") }
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "keelson-diff-\(UUID().uuidString)")
        // What stays behind stays in the folder for temporary files.
        defer { try? FileManager.default.removeItem(at: folder) }
        let (live, merged) = (folder.appending(path: "LIVE"), folder.appending(path: "MERGED"))
        for side in [live, merged] {
            try FileManager.default.createDirectory(
                at: side, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        for object in try files.objects(session) {
            let before = try Application.before(object, session)
            let after = try Application.apply(
                object, manager: fieldManager ?? Application.manager, validation: .strict,
                isForced: forceConflicts || !serverSide, dryRun: .server, session)
            let kind = object.place.kind
            let name = [
                kind.group, kind.version, kind.kind, object.place.namespace, object.place.name,
            ].filter { !$0.isEmpty }.joined(separator: ".")
            if let before { try write(before, to: live.appending(path: name)) }
            try write(after, to: merged.appending(path: name))
        }
        let status = try run(on: [live.path, merged.path])
        guard status <= 1 else { throw CommandFailure("the program for differences failed") }
        if status == 1 { throw CommandFailure.told }
    }

    private func write(_ object: JSON, to file: URL) throws {
        var shown = showManagedFields ? object : object.withoutManagedFields
        // Each dry run has a moment of its own.
        if let entries = shown["metadata"]["managedFields"].arrayValue {
            shown["metadata"]["managedFields"] = .array(
                entries.map { entry in
                    var entry = entry
                    entry["time"] = nil
                    return entry
                })
        }
        if object["kind"] == "Secret" { shown = Self.masked(shown) }
        try Data(Manifest.text(of: shown).utf8).write(to: file)
    }

    /// A secret whose values can be told apart, and no more.
    private static func masked(_ secret: JSON) -> JSON {
        var secret = secret
        for field in ["data", "stringData"] {
            guard let members = secret[field].objectValue?.members else { continue }
            for member in members {
                let count = member.value.stringValue?.count ?? 0
                secret[field][member.name] = .string("*** (\(count) characters)")
            }
        }
        return secret
    }

    private func run(on folders: [String]) throws -> Int32 {
        let words = (Standard.variable("KUBECTL_EXTERNAL_DIFF") ?? "diff -u -N")
            .split(separator: " ").map(String.init)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words + folders
        do {
            try process.run()
        } catch {
            throw CommandFailure("\(words.first ?? ""): it cannot be started")
        }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
