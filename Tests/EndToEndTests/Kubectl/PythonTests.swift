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
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Python/client.py").standardizedFileURL.path()
        let plane = try ControlPlane()
        let answer = try ChildProcess.run(
            ["/usr/bin/python3", "-B", script, plane.kubeconfig, story],
            variables: ["PYTHONPATH": Programs.pythonPackages, "HOME": plane.scratch.path],
            within: .seconds(90))
        #expect(answer.output.hasSuffix("ok\n"), "\(answer.output)\(answer.errors)")
        #expect(answer.exitCode == 0)
    }
}
