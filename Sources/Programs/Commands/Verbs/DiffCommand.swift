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
            KUBECTL_EXTERNAL_DIFF names another program than diff -u -N. Values of secrets are not
            shown, only whether they differ.
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
            let (old, new) = Self.masked(before, after)
            if let old { try write(old, to: live.appending(path: name)) }
            try write(new, to: merged.appending(path: name))
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
        try Data(Manifest.text(of: shown).utf8).write(to: file)
    }

    /// Both states of an object, those of a secret without their values.
    private static func masked(_ before: JSON?, _ after: JSON) -> (before: JSON?, after: JSON) {
        guard after["kind"] == "Secret" else { return (before, after) }
        var (old, new) = (before, after)
        for field in ["data", "stringData"] {
            for member in before[field].objectValue?.members ?? [] {
                let isSame = after[field][member.name] == member.value
                old?[field][member.name] = isSame ? "***" : "*** (before)"
            }
            for member in after[field].objectValue?.members ?? [] {
                let there = before[field][member.name]
                let isSame = there == nil || there == member.value
                new[field][member.name] = isSame ? "***" : "*** (after)"
            }
        }
        return (old, new)
    }

    private func run(on folders: [String]) throws -> Int32 {
        let usual = "diff -u -N" + (Standard.isColoured ? " --color=always" : "")
        let words = (Standard.variable("KUBECTL_EXTERNAL_DIFF") ?? usual)
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
