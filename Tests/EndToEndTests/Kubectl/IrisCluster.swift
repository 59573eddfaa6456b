import Foundation
import Testing

/// A whole server, a web server with models beside it, and what tests do with versions of iris.
final class IrisCluster {
    let plane: ControlPlane
    let site: ModelSite
    let pods: PodProcesses
    private static let request = Programs.root + "/manifests/iris-request.json"

    init(_ plane: ControlPlane? = nil) throws {
        self.plane = try plane ?? ControlPlane(roles: nil)
        site = try ModelSite()
        pods = PodProcesses(of: self.plane)
    }

    /// Puts a version in the store of models.
    func add(
        _ version: Int, at uri: String, sha256: String? = nil, parent: String? = nil
    ) throws {
        let manifest = Self.model(version, at: uri, sha256: sha256, parent: parent)
        try plane("apply", "-f", "-", input: manifest)
    }

    static func model(
        _ version: Int, at uri: String, sha256: String?, parent: String? = nil
    ) -> String {
        """
        apiVersion: models.keelson.dev/v1alpha1
        kind: Model
        metadata: {name: iris-\(version)}
        spec:
          modelName: iris
          version: "\(version)"
          format: {name: logistic}
          uri: '\(uri)'
          \(sha256.map { "sha256: '\($0)'" } ?? "")
          \(parent.map { "lineage: {parents: [\($0)]}" } ?? "")
        """
    }

    /// The runtime of the quickstart, and two copies of a version.
    static func serving(_ version: Int) throws -> String {
        let quickstart = try String(
            contentsOfFile: Programs.root + "/manifests/quickstart/2-model.yaml", encoding: .utf8)
        let documents = quickstart.components(separatedBy: "\n---\n")
        let runtime = try #require(documents.first { $0.contains("kind: ServingRuntime") })
        return runtime + """

            ---
            apiVersion: models.keelson.dev/v1alpha1
            kind: ModelDeployment
            metadata: {name: iris}
            spec:
              model: {name: iris, version: "\(version)"}
              replicas: 2
              progressDeadlineSeconds: 8
            """
    }

    /// Serves a version, and waits until both copies do.
    func serve(_ version: Int) throws {
        try plane("apply", "-f", "-", input: Self.serving(version))
        try plane("wait", "--for=condition=Ready", "modeldeployment/iris", "--timeout=25s")
        try eventually("both copies") {
            try plane("get", "modeldeployment", "iris", "-o", "jsonpath={.status.readyReplicas}")
                == "2" ? true : nil
        }
    }

    /// Asks for another version.
    func ask(for version: Int) throws {
        let patch = #"{"spec":{"model":{"version":"\#(version)"}}}"#
        try plane("patch", "modeldeployment", "iris", "--type=merge", "-p", patch)
    }

    /// A field of `status.modelStatus`.
    func status(_ path: String) throws -> String {
        try plane(
            "get", "modeldeployment", "iris", "-o", "jsonpath={.status.modelStatus.\(path)}")
    }

    private func address() throws -> String {
        let address = try plane("get", "service", "iris", "-o", "jsonpath={.spec.clusterIP}")
        return "http://\(address)/v2/models/iris/infer"
    }

    /// One answer of the model.
    func infer() throws -> String {
        try ChildProcess.run(
            ["/usr/bin/curl", "--silent", try address(), "--data", "@" + Self.request]
        ).output
    }

    /// Sends requests, one after the other, while something happens.
    /// - Returns: the statuses of their answers.
    func underLoad(_ body: () throws -> Void) throws -> [String] {
        let mark = plane.scratch.path + "/enough"
        let script = """
            until [ -e '\(mark)' ]; do
                curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}\\n' \
                    '\(try address())' --data '@\(Self.request)'
            done
            """
        let load = try ChildProcess(["/bin/sh", "-c", script])
        try body()
        try Data().write(to: URL(fileURLWithPath: mark))
        return try load.finish().lines
    }

    /// Deletes everything, and waits until nothing of it runs.
    func delete() throws {
        try plane("delete", "modeldeployments,models,servingruntimes", "--all")
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
    }
}
