import Testing

/// Stories with recorded outputs in `Scripts`; `make golden` records them anew. Read the diff.
@Suite struct `Scripts` {
    @Test(arguments: ScriptFolder.names)
    func `a script runs as recorded`(_ name: String) throws {
        var script = try Script(parsing: try ScriptFolder.read(name))
        let recorded = script.text
        var runner = ScriptRunner()
        for position in script.blocks.indices {
            var output: [String] = []
            for command in script.blocks[position].commands {
                output += try runner.run(command)
            }
            if output.isEmpty { output = ["ok"] }
            if !ScriptFolder.isRecording {
                let block = script.blocks[position]
                let told = block.output.joined(separator: "\n")
                let actual = output.joined(separator: "\n")
                #expect(told == actual, "\(name): \(block.commands.joined(separator: "; "))")
            }
            script.blocks[position].output = output
        }
        if ScriptFolder.isRecording, script.text != recorded {
            try ScriptFolder.write(script.text, to: name)
        }
    }

    @Test func `there are scripts`() {
        #expect(ScriptFolder.names.count >= 12)
    }

    @Test func `a script is written as it was read`() throws {
        let text = "# A.\n\n# B.\nnodes 1\n----\nok\n\nstatus\nlog\n----\n1: x\n2: y\n\n# End.\n"
        let script = try Script(parsing: text)
        #expect(script.text == text)
        #expect(script.blocks.map(\.commands) == [["nodes 1"], ["status", "log"]])
        #expect(script.blocks[1].output == ["1: x", "2: y"])
        #expect(throws: Script.MalformedScript.self) { try Script(parsing: "status\n") }
        #expect(throws: Script.MalformedScript.self) { try Script(parsing: "----\nok\n") }
        #expect(throws: Script.MalformedScript.self) { try Script(parsing: "a\n\nb\n----\nok\n") }
    }

    @Test(arguments: ["jump 1", "campaign", "deliver 1-2", "change 1 promote 4"])
    func `a script's mistakes are told`(_ command: String) throws {
        var runner = ScriptRunner()
        _ = try runner.run("nodes 1 2 3")
        #expect(throws: ScriptRunner.BadCommand.self) { try runner.run(command) }
    }
}
