import Foundation
import Testing

/// The manifests that users begin with: all of them apply, change nothing when they are applied
/// again, and run as far as their comments say.
@Suite struct ExampleTests {
    private static let folder = Programs.root + "/manifests"

    /// The quickstart, which some examples build on, and the examples in their order.
    private static func files() throws -> [String] {
        let examples = try FileManager.default.contentsOfDirectory(atPath: folder + "/examples")
        return ["quickstart"] + examples.sorted().map { "examples/" + $0 }
    }

    @Test func `the list of examples names them all`() throws {
        let list = try String(contentsOfFile: Self.folder + "/README.md", encoding: .utf8)
        let files = try Self.files()
        #expect(files.count > 10)
        for file in files { #expect(list.contains(file), "manifests/README.md lacks \(file)") }
    }

    @Test func `kubectl applies every manifest, and a second time nothing changes`() throws {
        try Self.applyTwice("kubectl", try ControlPlane())
    }

    @Test func `keelson applies every manifest, and all of it comes up`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try Self.applyTwice("keelson", plane)

        for wanted in [
            "deployments --for=condition=Available", "jobs --for=condition=Complete",
            "modeldeployments --for=condition=Ready", "crds --for=condition=Established",
        ] {
            let answer = try plane.shell("keelson wait --all --timeout=30s " + wanted)
            #expect(answer.exitCode == 0, "\(answer.output)")
        }
        try eventually("nothing to be wrong") {
            let answer = try plane.shell("keelson status")
            guard answer.exitCode == 0 else { throw TooLate(description: answer.output) }
            return true
        }
        func says(_ command: String, _ text: String) throws {
            try eventually("$ \(command) to say \(text)") {
                let said = try plane.shell(command).output
                guard said.contains(text) else { throw TooLate(description: said) }
                return true
            }
        }
        try says("keelson logs job/configuration", "colour blue, password sesame, pod conf")
        try says("keelson logs job/configuration", "settings/greeting <==\nGood morning")
        try says("keelson logs -l job-name=squares --prefix", "[0, 1, 4, 9")
        try says("keelson logs deployment/steps -c main", "first\nsecond\nstarted\n")
        try says("keelson get boats", "dinghy   2.5      2")
        try says("keelson get models petals-1 -o wide", "Ready")
        let ip = "$(keelson get service site -o 'jsonpath={.spec.clusterIP}')"
        try says("curl --silent http://\(ip)/", "It works")
        let shares = "keelson get modeldeployment iris -o 'jsonpath={.status.traffic[*].percent}'"
        try says(shares, "80 20")
    }

    private static func applyTwice(_ tool: String, _ plane: ControlPlane) throws {
        // Of what never has a status, the version tells whether anything has changed.
        let versions = "keelson get configmaps,secrets,servingruntimes,cronjobs,roles "
            + "-o 'jsonpath={.items[*].metadata.resourceVersion}'"
        for file in try files() {
            let first = try plane.shell("\(tool) apply -f \(folder)/\(file)")
            #expect(first.exitCode == 0, "\(file): \(first.output)")
            for line in first.lines {
                let isChange = line == "modeldeployment.models.keelson.dev/iris configured"
                #expect(line.hasSuffix(" created") || isChange, "\(file): \(line)")
            }
            if tool == "keelson", file == "quickstart" {
                // What a canary is tried beside must serve first.
                let line = "keelson apply -f \(folder)/\(file) --wait --timeout=30s"
                let waited = try plane.shell(line)
                #expect(waited.exitCode == 0, "\(waited.output)")
            }
            let before = try plane.shell(versions).output
            let second = try plane.shell("\(tool) apply -f \(folder)/\(file)")
            #expect(second.exitCode == 0, "\(file): \(second.output)")
            #expect(second.lines.count == first.lines.count)
            for line in second.lines {
                // In kinds that it does not know, kubectl sends lists with defaults once more.
                let isSent = tool == "kubectl" && line.hasPrefix("servingruntime.")
                #expect(line.hasSuffix(" unchanged") || isSent, "\(file): \(line)")
            }
            #expect(try plane.shell(versions).output == before, "\(file)")
        }
    }
}
