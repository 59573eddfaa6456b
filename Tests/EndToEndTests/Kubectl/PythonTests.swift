import Foundation
import Testing

/// The same server through the stock Python client (`Tests/EndToEndTests/Python/client.py`).
struct PythonTests {
    private static let stories = [
        "objects", "workloads", "watching", "applying", "custom", "electing",
    ]

    @Test func `the Python client is there`() {
        let package = Programs.pythonPackages + "/kubernetes"
        #expect(FileManager.default.fileExists(atPath: package), "none: run `make tools`")
    }

    @Test(arguments: stories)
    func `the Python client gets what it expects`(story: String) throws {
        try tell(story, to: try ControlPlane())
    }

    @Test func `the Python client runs commands`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try tell("commanding", to: plane)
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
    }

    private func tell(_ story: String, to plane: ControlPlane) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Python/client.py").standardizedFileURL.path()
        let answer = try ChildProcess.run(
            ["/usr/bin/python3", "-B", script, plane.kubeconfig, story],
            variables: ["PYTHONPATH": Programs.pythonPackages, "HOME": plane.scratch.path],
            within: .seconds(90))
        #expect(answer.output.hasSuffix("ok\n"), "\(answer.output)\(answer.errors)")
        #expect(answer.exitCode == 0)
    }
}
