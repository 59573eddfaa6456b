import Testing

/// What stock kubectl says to its user on Keelson; `make golden` records it anew, with the oldest
/// kubectl. Read the diff.
@Suite struct TranscriptTests {
    struct Reading: Sendable, CustomTestStringConvertible {
        var name: String
        var tool: Programs.Tool

        var testDescription: String { "\(name) with kubectl \(tool)" }
    }

    private static let readings = TranscriptFolder.kubectls.names.flatMap { name in
        Programs.kubectls.prefix(TranscriptFolder.isRecording ? 1 : Int.max)
            .map { Reading(name: name, tool: $0) }
    }

    @Test func `there are transcripts and a kubectl`() {
        #expect(TranscriptFolder.kubectls.names.count >= 10)
        #expect(TranscriptFolder.keelsons.names.count >= 2)
        #expect(!Programs.kubectls.isEmpty, "no kubectl: run `make tools`")
    }

    @Test(arguments: readings)
    func `kubectl says what is recorded`(_ reading: Reading) throws {
        let isRecording = TranscriptFolder.isRecording
        var transcript = Transcript(parsing: try TranscriptFolder.kubectls.read(reading.name))
        let plane = try ControlPlane(reading.tool)
        for position in transcript.steps.indices {
            let step = transcript.steps[position]
            let answer = try plane.shell(step.line)
            var output = TranscriptNames.normalize(
                answer.output, port: plane.apiPort, scratch: plane.scratch.path)
            if answer.exitCode != 0 { output.append("[exit \(answer.exitCode)]") }
            if isRecording {
                transcript.steps[position].output = output
            } else {
                let isSame = step.output == output
                #expect(isSame, "$ \(step.line)\n\(Self.difference(step.output, output))")
            }
        }
        if isRecording { try TranscriptFolder.kubectls.write(transcript.text, to: reading.name) }
    }

    /// The verbs that keelson has, and the flags and messages in which it differs on purpose
    /// (docs/COMMANDS.md); calls with these go to kubectl even so.
    private static let ownVerbs =
        "get*|create*|delete*|scale*|label*|annotate*|patch*|set' 'image*|apply' '--server-side*"
        + "|apply' '--filename=set*|wait*|rollout*|events*|api-resources*|diff' '--server-side*"
        + "|describe*|explain*"
    private static let otherwise = "*go-template*|get' 'boats"

    /// Where keelson says more than kubectl: the places of fields.
    private static func inKubectlsWords(_ output: String) -> String {
        output.replacing(#/(?m)^\S+:\d+:\d+: .*\n/#, with: "")
            .replacing(#/(STDIN|\S+[.]yaml):\d+:\d+: /#, with: "")
            .replacing("yaml: line 4, column 1:", with: "yaml: line 3:")
    }

    @Test(arguments: TranscriptFolder.kubectls.names)
    func `keelson says what kubectl says`(_ name: String) throws {
        let transcript = Transcript(parsing: try TranscriptFolder.kubectls.read(name))
        let plane = try ControlPlane()
        for step in transcript.steps {
            let answer = try plane.shell(step.line, keelson: Self.ownVerbs, but: Self.otherwise)
            var output = TranscriptNames.normalize(
                Self.inKubectlsWords(answer.output), port: plane.apiPort,
                scratch: plane.scratch.path)
            if answer.exitCode != 0 { output.append("[exit \(answer.exitCode)]") }
            let isSame = step.output == output
            #expect(isSame, "$ \(step.line)\n\(Self.difference(step.output, output))")
        }
    }

    /// The lines that are missing, and those that are new.
    private static func difference(_ recorded: [String], _ said: [String]) -> String {
        said.difference(from: recorded).map { change in
            switch change {
            case .insert(_, let line, _): "+ " + line
            case .remove(_, let line, _): "- " + line
            }
        }.joined(separator: "\n")
    }

    @Test func `a transcript is written as it was read`() {
        let text = "# A.\n\n# B.\n$ one <<END\n> x\n> END\n1\n\n2\n\n# C.\n$ two\n$ three\n3\n"
        let transcript = Transcript(parsing: text)
        #expect(transcript.text == text)
        #expect(transcript.steps.map(\.line) == ["one <<END\nx\nEND", "two", "three"])
        #expect(transcript.steps.map(\.output) == [["1", "", "2"], [], ["3"]])
    }
}
