internal import ArgumentParser
internal import ClusterAccess
internal import Manifests
internal import ResourceModel

/// `keelson patch`.
struct PatchCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Change some fields of objects.",
        discussion: """
            keelson patch deployment web -p '{"spec":{"replicas":3}}'
            keelson patch pod web --type=json -p '[{"op":"remove","path":"/metadata/labels/a"}]'
            """)
    @Argument(
        help: "TYPE NAME… or TYPE/NAME….",
        completion: Completion.resources(behind: 1))
    var resources: [String] = []
    @OptionGroup var targets: TargetOptions
    @Option(
        name: [.customShort("p", allowingJoined: true), .long], help: "The patch, JSON or YAML.")
    var patch: String?
    @Option(help: "A file with the patch.") var patchFile: String?
    @Option(help: "json, merge or strategic.") var type: Kind = .strategic
    @Option(help: "The part of the object that is changed, as in status.") var subresource: String?
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case json
        case merge
        case strategic

        var type: PatchType {
            switch self {
            case .json: .json
            case .merge: .merge
            case .strategic: .strategic
            }
        }
    }

    func run(_ session: Session) throws {
        let patch = try parsedPatch()
        guard change.dryRun != .client else {
            throw CommandFailure(
                "only the server knows the outcome of a patch: use --dry-run=server")
        }
        for place in try targets.places(resources, session) {
            session.attempt {
                let before = try session.get(place)
                let after = try self.patch(place, patch, session)
                let isSame = before["metadata"]["resourceVersion"]
                    == after["metadata"]["resourceVersion"]
                let isChanged = change.dryRun == .server ? before != after : !isSame
                try change.say(isChanged ? "patched" : "patched (no change)", place, after)
            }
        }
    }

    private func patch(
        _ place: ObjectPlace, _ patch: JSON, _ session: Session
    ) throws -> JSON {
        do {
            return try session.patch(
                place, patch, type: type.type, manager: change.manager("patch"),
                isDryRun: change.dryRun == .server, subresource: subresource ?? "")
        } catch let failure as APIFailure where failure.reason == .unsupportedMediaType {
            throw CommandFailure(
                "\(type.type.contentType) is not supported by \(place.kind.apiVersion), "
                    + "Kind=\(place.kind.kind): \(failure.message)")
        }
    }

    private func parsedPatch() throws -> JSON {
        guard (patch == nil) != (patchFile == nil) else {
            throw CommandFailure(
                "must specify --patch or --patch-file containing the contents of the patch")
        }
        let text = try patch.map { ClusterOptions.plain($0) ?? "" }.map { Array($0.utf8) }
            ?? Standard.read(patchFile ?? "")
        do {
            guard let document = try Manifest.documents(in: text).first else {
                throw CommandFailure("the patch is empty")
            }
            return document.value
        } catch let error as ManifestError {
            let shown = patch ?? patchFile ?? ""
            throw CommandFailure("unable to parse \(GoText.quoted(shown)): \(error)")
        }
    }
}
