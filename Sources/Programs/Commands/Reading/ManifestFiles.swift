internal import ArgumentParser
internal import ClusterAccess
internal import Foundation
internal import Manifests
internal import Primitives
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
    var origin: ObjectOrigin

    /// The file, as messages name it.
    var source: String { origin.name }
    /// Where its document begins in the file.
    var line: Int { origin.line }
}

/// Where an object comes from.
struct ObjectOrigin {
    static let limits = {
        var limits = ManifestLimits()
        limits.bytesMax = 64 << 20
        return limits
    }()

    /// The file, as messages name it.
    var name: String
    /// All of the file.
    var text: Bytes
    /// Which of the file's documents it is in.
    var document = 0
    /// Where in the document, as in `items[2]`; empty for all of it.
    var path = ""
    /// Where the document begins.
    var line = 1

    /// `web.yaml:7:3: spec.replica`. The text is read once more: nobody asks unless something is
    /// wrong.
    func place(of field: String) -> String {
        // It has been read before.
        let documents = try? Manifest.documents(in: text, limits: Self.limits, keepsPlaces: true)
        let place = documents?[document].places?.place(of: path + "." + field)
        return "\(name):\(place?.line ?? line):\(place?.column ?? 1): \(field)"
    }
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
        var origin = ObjectOrigin(
            name: path == "-" ? "STDIN" : path, text: try Standard.read(path))
        let documents: [Manifest]
        do {
            documents = try Manifest.documents(in: origin.text, limits: ObjectOrigin.limits)
        } catch {
            throw CommandFailure(
                "error parsing \(origin.name): error converting YAML to JSON: \(error)")
        }
        var objects: [ManifestObject] = []
        for (index, document) in documents.enumerated() {
            origin.document = index
            origin.line = document.line
            for item in items(of: document.value) {
                origin.path = item.path
                objects.append(try object(item.value, origin, session))
            }
        }
        return objects
    }

    private static func items(
        of value: JSON, at path: String = ""
    ) -> [(value: JSON, path: String)] {
        let isList = value["kind"].stringValue?.hasSuffix("List") == true
        guard isList, let items = value["items"].arrayValue else { return [(value, path)] }
        return items.enumerated().flatMap { self.items(of: $1, at: "\(path).items[\($0)]") }
    }

    private static func object(
        _ value: JSON, _ origin: ObjectOrigin, _ session: Session
    ) throws -> ManifestObject {
        func failure(_ problem: String) -> CommandFailure {
            CommandFailure("error validating \"\(origin.name)\": line \(origin.line): \(problem)")
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
            let words = CommandFailure(
                "resource mapping not found for name: \(GoText.quoted(name)) namespace: "
                    + "\(GoText.quoted(given)) from \(GoText.quoted(origin.name)): no matches for"
                    + " kind \(GoText.quoted(kindName)) in version \(GoText.quoted(apiVersion))"
                    + "\nensure CRDs are installed first")
            let line = try unknownKind(kindName, apiVersion, origin, session)
            throw LocatedFailure(cause: words, lines: [line])
        }
        if kind.isNamespaced, session.namespaceIsGiven, !given.isEmpty, given != session.namespace {
            let words = CommandFailure(
                "the namespace from the provided object \(GoText.quoted(given)) does not match the"
                    + " namespace \(GoText.quoted(session.namespace)). You must pass "
                    + "'--namespace=\(given)' to perform this operation.")
            let line = origin.place(of: "metadata.namespace") + ": another one than --namespace"
            throw LocatedFailure(cause: words, lines: [line])
        }
        var value = value
        let namespace = given.isEmpty ? session.namespace : given
        if kind.isNamespaced {
            value["metadata", default: .emptyObject]["namespace"] = .string(namespace)
        }
        return ManifestObject(
            value: value, place: ObjectPlace(kind, namespace: namespace, name: name),
            origin: origin)
    }

    /// Where a kind stands that the server does not have, and which may have been meant.
    private static func unknownKind(
        _ kind: String, _ apiVersion: String, _ origin: ObjectOrigin, _ session: Session
    ) throws -> String {
        let known = try session.directory.all().filter { !$0.resource.contains("/") }
        if let other = known.first(where: { $0.kind == kind }) {
            return origin.place(of: "apiVersion")
                + ": it has no \(kind) (did you mean \"\(other.apiVersion)\"?)"
        }
        let names = known.filter { $0.apiVersion == apiVersion }.map(\.kind)
        let meant = Suggestion.nearest(to: kind, among: names)
        return origin.place(of: "kind") + ": unknown kind"
            + (meant.map { " (did you mean \"\($0)\"?)" } ?? "")
    }
}
