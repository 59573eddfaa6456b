import Foundation
import Primitives
import StoreModel
import Testing

/// `keelson snapshot` as a user meets it: wrong invocations, and what is printed.
@Suite struct `The snapshot commands` {
    let folder = TestFolder()

    init() throws {
        var source = try TestSource()
        try source.put("/registry/core/configmaps/default/a", #"{"data":{"x":"1"}}"#)
        try source.put("/registry/apps/deployments/shop/web", #"{"spec":{"replicas":2}}"#)
        try source.put("other", "x")
        try source.save(folder / "good")
        try source.save(folder / "image", withSum: false)
        try source.put("/registry/core/configmaps/default/a", #"{"data":{"x":"2"}}"#)
        try source.save(folder / "later")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder / "good"))
        try bytes.dropLast(40).write(to: URL(fileURLWithPath: folder / "cut"))
        var flipped = bytes
        flipped[100] ^= 1
        try flipped.write(to: URL(fileURLWithPath: folder / "flipped"))
        try Data("hello".utf8).write(to: URL(fileURLWithPath: folder / "text"))
        try FileManager.default.createDirectory(
            atPath: folder / "full/sub", withIntermediateDirectories: true)
    }

    /// Runs a command in the folder.
    private func keelson(_ words: [String]) throws -> (code: Int32, output: String, error: String) {
        let process = Process()
        let (output, complaint) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("keelson")
        process.arguments = ["snapshot"] + words
        process.environment = ["TZ": "UTC"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = output
        process.standardError = complaint
        try process.run()
        let texts = [output, complaint].map {
            String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        return (process.terminationStatus, texts[0], texts[1])
    }

    /// The words, and what the one error says.
    private static let mistakes: [(words: String, error: String)] = [
        ("save", "Missing expected argument '<file>'"),
        ("save good", "good exists already: --force replaces it"),
        ("save --force full", "full is no file that could be replaced"),
        ("save nowhere/new", "nowhere/new.part does not exist"),
        ("save new --endpoints nowhere.invalid:99 --dial-timeout 1s", "context deadline exceeded"),
        ("save new --endpoints http://a:b", "http://a:b"),
        ("save new --cert missing", "--cert and --key go together"),
        ("save new --cacert missing", "open missing"),
        ("status", "Missing expected argument '<file>'"),
        ("status missing", "missing does not exist"),
        ("status full", "full: read: Is a directory"),
        ("status text", "text is damaged at offset 5: the file ends 11 bytes early"),
        ("status cut", "cut is damaged at offset"),
        ("status flipped", "flipped is damaged at offset"),
        ("status good -w fields", "unsupported output format \"fields\""),
        ("status good -w odd", "unsupported output format \"odd\""),
        ("verify", "Missing expected argument '<files> ...'"),
        ("verify flipped", "chunk 0 fails its hash"),
        ("verify good cut", "cut is damaged at offset"),
        ("list missing", "missing does not exist"),
        ("list good", "good: open folder: Not a directory"),
        ("prune .", "give --keep, --max-age or both"),
        ("prune . --keep 0", "--keep must be 1 or more"),
        ("prune . --keep many", "The value 'many' is invalid for '--keep <keep>'"),
        ("prune . --max-age 5", "--max-age \"5\" is no duration"),
        ("prune . --max-age=-1d", "--max-age \"-1d\" is no duration"),
        ("diff good", "Missing expected argument '<new>'"),
        ("diff good missing", "missing does not exist"),
        ("diff flipped good", "flipped is damaged at offset"),
        ("restore", "Missing expected argument '<file>'"),
        ("restore missing --data-dir d", "missing does not exist"),
        ("restore flipped --data-dir d", "flipped is damaged at offset"),
        ("restore cut --data-dir d", "cut"),
        ("restore image --data-dir d", "no sum at the end"),
        ("restore text --data-dir d", "text"),
        ("restore good --data-dir full", "data-dir \"full\" not empty"),
        ("restore good --data-dir good", "data-dir \"good\" is there already, and no folder"),
        ("restore good --data-dir d --bump-revision=-1", "--bump-revision must not be negative"),
        (
            "restore good --data-dir d --bump-revision 0 --mark-compacted",
            "--mark-compacted needs --bump-revision above 0"
        ),
        ("restore good --data-dir d --bump-revision 9223372036854775807", "revisionTooLarge"),
        ("restore good --data-dir d --name x --initial-cluster y=http://a:1", "\"x\""),
        ("restore good --data-dir d --initial-cluster http://a:1", "initial-cluster"),
        (
            "restore good --data-dir d --initial-cluster default=http://a:1",
            "--initial-advertise-peer-urls"
        ),
        ("restore good --data-dir d --initial-advertise-peer-urls nonsense", "nonsense"),
        ("apply good", "name objects, or give --namespace or --all"),
        ("apply good --all -n x", "--all means everything"),
        ("apply good configmaps", "\"configmaps\" is not KIND/NAME"),
        ("apply good a/b/c", "\"a/b/c\" is not KIND/NAME"),
        ("apply flipped --all", "flipped is damaged at offset"),
        ("apply good configmaps/b", "good has no configmaps/b"),
        ("apply good configmaps/a -n shop", "good has no configmaps/a in namespace shop"),
        ("frobnicate", "Unexpected argument 'frobnicate'"),
        ("status good --frob", "Unknown option '--frob'"),
    ]

    @Test func `each mistake is told by one error and changes nothing`() throws {
        let before = folder.content
        for (words, error) in Self.mistakes {
            let answer = try keelson(words.split(separator: " ").map(String.init))
            #expect(answer.code != 0, "\(words)")
            #expect(answer.error.contains(error), "\(words): \(answer.error)")
            #expect(answer.error.components(separatedBy: "Error: ").count == 2, "\(answer.error)")
        }
        #expect(folder.content == before)
    }

    @Test func `status and diff print what is there`() throws {
        let simple = try keelson(["status", "good"])
        let lines = simple.output.split(separator: "\n").map(String.init)
        #expect(simple.code == 0 && lines.count == 4)
        #expect(lines[0].wholeMatch(of: #/[0-9a-f]{6,8}, 4, 3, \d\.\d kB/#) != nil, "\(lines[0])")
        #expect(lines[1...] == ["(other keys) 1", "configmaps 1", "deployments.apps 1"])
        let table = try keelson(["status", "good", "-w", "table"]).output
        #expect(table.contains("|   HASH") && table.contains("| deployments.apps |       1 |"))
        let json = try keelson(["status", "good", "-w", "json"]).output
        #expect(json.contains(#""revision":4,"compactRevision":0,"totalKey":3,"#))
        #expect(json.contains(#""objects":{"(other keys)":1,"configmaps":1,"#))
        let diff = try keelson(["diff", "good", "later"])
        #expect(diff.code == 1)
        #expect(diff.output == "~ configmaps default/a\n    .data.x: \"1\" -> \"2\"\n")
        #expect(try keelson(["diff", "good", "later", "-n", "shop"]).code == 0)
        #expect(try keelson(["diff", "good", "image"]).output.isEmpty)
    }

    @Test func `prune keeps what it should and says what it removes`() throws {
        for (name, seconds) in [("good", 100), ("later", 200), ("image", 300), ("flipped", 50)] {
            let touch = try Process.run(
                URL(fileURLWithPath: "/usr/bin/touch"),
                arguments: ["-d", "@\(seconds)", folder / name])
            touch.waitUntilExit()
        }
        try FileManager.default.removeItem(atPath: folder / "cut")
        let list = try keelson(["list", "."]).output.split(separator: "\n").map(String.init)
        #expect(list.map { $0.prefix { $0 != "," } } == ["image", "later", "good", "flipped"])
        #expect(list[3].contains("chunk 0 fails its hash"))
        let dry = try keelson(["prune", ".", "--keep", "2", "--dry-run"])
        #expect(dry.output == "would remove good\nwould remove flipped\n")
        #expect(FileManager.default.fileExists(atPath: folder / "good"))
        let real = try keelson(["prune", ".", "--keep", "2"])
        #expect(real.code == 0 && real.output == "removed good\nremoved flipped\n")
        // All are ancient, and yet one stays.
        #expect(try keelson(["prune", ".", "--max-age", "1d"]).output == "removed later\n")
        #expect(FileManager.default.fileExists(atPath: folder / "image"))
        #expect(FileManager.default.fileExists(atPath: folder / "text"))
    }

    @Test func `an image without a sum is restored where that is asked for`() throws {
        let answer = try keelson(["restore", "image", "--data-dir", "d", "--skip-hash-check"])
        #expect(answer.code == 0, "\(answer.error)")
        #expect(answer.output.hasPrefix("restored image to d: 3 keys, revision 1000000004,"))
        let again = try keelson(["restore", "image", "--data-dir", "d", "--skip-hash-check"])
        #expect(again.code == 1 && again.error.contains("not empty"))
    }
}
