import Testing

/// What keelson says, verb by verb, on a pipe and on a terminal, and to wrong invocations: a
/// transcript like those of kubectl (`make golden` records it anew).
@Suite struct KeelsonTests {
    @Test(arguments: TranscriptFolder.keelsons.names)
    func `keelson says what is recorded`(_ name: String) throws {
        let folder = TranscriptFolder.keelsons
        var transcript = Transcript(parsing: try folder.read(name))
        let isWhole = transcript.steps.first?.preface.first?.hasPrefix("# A whole server") == true
        let plane = try isWhole ? ControlPlane.whole() : ControlPlane()
        let pods = PodProcesses(of: plane)
        defer { if isWhole { pods.end() } }
        for position in transcript.steps.indices {
            let step = transcript.steps[position]
            let answer = try plane.shell(step.line)
            var output = TranscriptNames.normalize(
                TranscriptNames.ofStore(answer.output, address: plane.storeAddress),
                port: plane.apiPort, scratch: plane.scratch.path)
            if answer.exitCode != 0 { output.append("[exit \(answer.exitCode)]") }
            if TranscriptFolder.isRecording {
                transcript.steps[position].output = output
            } else {
                let isSame = step.output == output
                let said = output.joined(separator: "\n")
                #expect(isSame, "$ \(step.line)\n\(said)")
            }
        }
        if TranscriptFolder.isRecording { try folder.write(transcript.text, to: name) }
    }
}
