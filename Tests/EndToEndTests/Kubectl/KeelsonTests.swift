import Testing

/// What keelson's own verbs say where kubectl has none, or says something else: a transcript like
/// those of kubectl (`make golden` records it anew), and wrong invocations.
@Suite struct KeelsonTests {
    @Test(arguments: TranscriptFolder.keelsons.names)
    func `keelson says what is recorded`(_ name: String) throws {
        let folder = TranscriptFolder.keelsons
        var transcript = Transcript(parsing: try folder.read(name))
        let plane = try ControlPlane()
        for position in transcript.steps.indices {
            let step = transcript.steps[position]
            let answer = try plane.shell(step.line)
            var output = TranscriptNames.normalize(
                answer.output, port: plane.apiPort, scratch: plane.scratch.path)
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
