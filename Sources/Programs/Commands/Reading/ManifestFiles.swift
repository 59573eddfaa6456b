internal import ArgumentParser
internal import ClusterAccess
internal import Foundation
internal import Manifests
internal import ResourceModel

/// The flags that name manifests.
struct FileOptions: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .long],
        help: "A file, a folder or - for standard input; may stand several times.",
        completion: .file())
    var filename: [String] = []
    @Flag(name: [.customShort("R"), .long], help: "Look into folders inside folders too.")
    var recursive = false

    var isEmpty: Bool { filename.isEmpty }

    /// All objects of all files, in order.
    func objects(_ session: Session) throws -> [ManifestObject] {
        var objects: [ManifestObject] = []
        for path in try ManifestFiles.paths(filename, isRecursive: recursive) {
            objects += try ManifestFiles.objects(in: path, session)
        }
        guard !objects.isEmpty else { throw CommandFailure("no objects passed to \(Self.verb)") }
        return objects
    }

    private static var verb: String {
        CommandLine.arguments.dropFirst().first { !$0.hasPrefix("-") } ?? "the command"
    }
}

/// An object of a file.
struct ManifestObject {
    var value: JSON
    var place: ObjectPlace
    /// The file, as messages name it.
    var source: String
    /// Where its document begins in the file.
    var line: Int
}

enum ManifestFiles {
    private static let endings = [".json", ".yaml", ".yml"]

    /// The files that some paths stand for; of folders those with manifests, sorted.
    static func paths(_ given: [String], isRecursive: Bool) throws -> [String] {
        var paths: [String] = []
        for given in given.flatMap({ $0.split(separator: ",").map(String.init) }) {
            let path = given.hasPrefix("=") ? String(given.dropFirst()) : given
            guard path != "-" else {
                paths.append(path)
                continue
            }
            guard let isFolder = isFolder(path) else {
                throw CommandFailure("the path \"\(path)\" does not exist")
            }
            guard isFolder else {
                paths.append(path)
                continue
            }
            let found = try files(in: path, isRecursive: isRecursive)
            guard !found.isEmpty else {
                throw CommandFailure(
                    "error reading [\(path)]: recognized file extensions are"
                        + " [.json .yaml .yml]")
            }
            paths += found
        }
        return paths
    }

    /// Links are followed; nil if there is nothing.
    static func isFolder(_ path: String) -> Bool? {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        // What cannot be looked at is not there.
        guard let facts = try? FileManager.default.attributesOfItem(atPath: target) else {
            return nil
        }
        return facts[.type] as? FileAttributeType == .typeDirectory
    }

    private static func files(in folder: String, isRecursive: Bool) throws -> [String] {
        var files: [String] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let path = folder + (folder.hasSuffix("/") ? "" : "/") + name
            if isFolder(path) == true {
                if isRecursive { files += try self.files(in: path, isRecursive: true) }
            } else if endings.contains(where: name.hasSuffix) {
                files.append(path)
            }
        }
        return files
    }

    /// The objects of one file; lists are taken apart.
    static func objects(in path: String, _ session: Session) throws -> [ManifestObject] {
        let source = path == "-" ? "STDIN" : path
        var limits = ManifestLimits()
        limits.bytesMax = 64 << 20
        let documents: [Manifest]
        do {
            documents = try Manifest.documents(in: try Standard.read(path), limits: limits)
        } catch let error as ManifestError {
            throw CommandFailure("error parsing \(source): error converting YAML to JSON: \(error)")
        }
        return try documents.flatMap { document in
            try items(of: document.value).map {
                try object($0, source, line: document.line, session)
            }
        }
    }

    private static func items(of value: JSON) -> [JSON] {
        let isList = value["kind"].stringValue?.hasSuffix("List") == true
        guard isList, let items = value["items"].arrayValue else { return [value] }
        return items.flatMap(items(of:))
    }

    private static func object(
        _ value: JSON, _ source: String, line: Int, _ session: Session
    ) throws -> ManifestObject {
        func failure(_ problem: String) -> CommandFailure {
            CommandFailure("error validating \"\(source)\": line \(line): \(problem)")
        }
        guard value.objectValue != nil else { throw failure("an object was expected") }
        guard let kindName = value["kind"].stringValue, !kindName.isEmpty else {
            throw failure("kind not set")
        }
        guard let apiVersion = value["apiVersion"].stringValue, !apiVersion.isEmpty else {
            throw failure("apiVersion not set")
        }
        let metadata = value["metadata"]
        let name = metadata["name"].stringValue ?? ""
        let given = metadata["namespace"].stringValue ?? ""
        guard let kind = try session.directory.kind(apiVersion: apiVersion, kind: kindName) else {
            let meant = try suggestion(apiVersion, kindName, session)
            throw CommandFailure(
                "resource mapping not found for name: \(GoText.quoted(name)) namespace: "
                    + "\(GoText.quoted(given)) from \(GoText.quoted(source)): no matches for kind "
                    + "\(GoText.quoted(kindName)) in version \(GoText.quoted(apiVersion))"
                    + meant + "\nensure CRDs are installed first")
        }
        if kind.isNamespaced, session.namespaceIsGiven, !given.isEmpty, given != session.namespace {
            throw CommandFailure(
                "the namespace from the provided object \(GoText.quoted(given)) does not match the"
                    + " namespace \(GoText.quoted(session.namespace)). You must pass "
                    + "'--namespace=\(given)' to perform this operation.")
        }
        var value = value
        let namespace = given.isEmpty ? session.namespace : given
        if kind.isNamespaced {
            value["metadata", default: .emptyObject]["namespace"] = .string(namespace)
        }
        return ManifestObject(
            value: value, place: ObjectPlace(kind, namespace: namespace, name: name),
            source: source, line: line)
    }

    /// What kind may have been meant.
    private static func suggestion(
        _ apiVersion: String, _ kind: String, _ session: Session
    ) throws -> String {
        let known = try session.directory.all().filter { !$0.resource.contains("/") }
        if let other = known.first(where: { $0.kind == kind }) {
            return " (did you mean version \"\(other.apiVersion)\"?)"
        }
        let names = known.filter { $0.apiVersion == apiVersion }.map(\.kind)
        return Suggestion.nearest(to: kind, among: names)
            .map { " (did you mean \"\($0)\"?)" } ?? ""
    }
}
