import ClusterAccess
import Primitives
import Testing

/// What is heard from a command in a container.
@Suite struct CommandChannelsTests {
    private static func heard(_ messages: [Bytes]) -> [CommandChannels.Event] {
        var channels = CommandChannels()
        return messages.flatMap { channels.take($0, begins: true, ends: true) }
    }

    @Test func `the first byte of a message says what it is`() {
        let events = Self.heard([[1, 65], [2, 66], [1], [9, 1], []])
        #expect(events == [.output([65]), .errors([66])])
    }

    @Test func `a message may come in parts, the first of them empty`() {
        var channels = CommandChannels()
        #expect(channels.take([], begins: true, ends: false).isEmpty)
        #expect(channels.take([2], begins: false, ends: false).isEmpty)
        #expect(channels.take([65], begins: false, ends: false) == [.errors([65])])
        #expect(channels.take([66, 67], begins: false, ends: true) == [.errors([66, 67])])
        #expect(channels.take([1, 65], begins: true, ends: true) == [.output([65])])
    }

    @Test(arguments: [
        (#"{"status":"Success"}"#, CommandChannels.Event.exited(0)),
        (
            #"{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"Exit"#
                + #"Code","message":"7"}]}}"#, .exited(7)
        ),
        (#"{"status":"Failure","message":"no such program"}"#, .failed("no such program")),
        (#"{"status":"Failure"}"#, .failed("the command failed")),
        ("gibberish", .failed("gibberish")),
    ])
    func `the last message says how it ended`(_ text: String, _ event: CommandChannels.Event) {
        var channels = CommandChannels()
        let bytes = Bytes(text.utf8)
        #expect(channels.take([3] + bytes.prefix(5), begins: true, ends: false).isEmpty)
        #expect(!channels.isOver)
        #expect(channels.take(Bytes(bytes.dropFirst(5)), begins: false, ends: true) == [event])
        #expect(channels.isOver)
        #expect(channels.close().isEmpty)
    }

    @Test func `what is told begins with its channel too`() {
        #expect(CommandChannels.message(.input, [65]) == [0, 65])
        #expect(CommandChannels.endOfInput == [255, 0])
        let size = Bytes(#"{"Width":91,"Height":33}"#.utf8)
        #expect(CommandChannels.terminalSize(columns: 91, rows: 33) == [4] + size)
    }

    @Test func `a server that ends without a word has failed`() {
        var channels = CommandChannels()
        guard case .failed? = channels.close().first else {
            Issue.record("nothing was heard")
            return
        }
    }
}
