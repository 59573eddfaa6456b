import Foundation
import Glibc
import Testing

/// docs/OPERATIONS.md, command by command: three loopback addresses stand for the machines, three
/// folders for `/srv/keelson`, and `scp` copies between them. Nothing else is replaced.
struct DrillTests {
    @Test func `the commands of OPERATIONS lead through set-up, repair and disaster`() throws {
        let drill = try Drill()
        let steps = try Drill.steps()
        #expect(steps.count > 15)
        for step in steps { try drill.run(step) }

        let said = drill.said
        #expect(said.split(separator: "\n").count { $0.contains("  follower   https://") } == 2)
        #expect(said.contains("configmap/before created") && said.contains("configmap/after"))
        #expect(said.contains(#".data.sky: "blue" -> "grey""#))
        #expect(said.contains(#".data.sky: "grey" -> "blue""#))
        let end = try #require(said.range(of: "restored /", options: .backwards))
        let after = String(said[end.lowerBound...])
        #expect(after.components(separatedBy: "is healthy").count == 4, "\(after)")
        #expect(after.contains("\nbefore ") && !after.contains("\nafter "), "\(after)")
        #expect(!after.contains("configmaps default/"), "no configmap differs: \(after)")
        #expect(said.contains("m1-20") && said.contains(".snapshot, 20"), "made by the clock")
        #expect(said.components(separatedBy: "restored /").count == 4)
        // Three members say the same of their history.
        let hashes = after.split(separator: "\n").filter { $0.hasPrefix("https://") }
            .compactMap { line in line.split(separator: " ").last.flatMap { UInt32($0) } }
        #expect(hashes.count == 3 && Set(hashes).count == 1, "\(after)")
    }
}

/// An operator with a shell on each of three machines.
private final class Drill {
    struct Step {
        /// 1 to 3; nil for each of them in turn.
        var machine: Int?
        var commands: String
    }

    private let scratch: Scratch
    private var shells: [ChildProcess] = []
    private var count = 0
    /// What came back so far.
    private(set) var said = ""
    /// The machines' addresses but for the last number.
    private let network: String

    init() throws {
        scratch = try Scratch()
        // All of 127.0.0.0/8 is this machine; another run takes another part of it.
        network = "127.\(200 + Int(getpid()) % 50).\(Int(getpid()) / 50 % 250 + 1)."
        let programs = [Programs.keelson, Programs.kubectls.last!.path].map {
            ($0 as NSString).deletingLastPathComponent
        }
        for number in 1...3 {
            let shell = try ChildProcess(
                ["/bin/bash"],
                variables: ["HOME": scratch.path, "ETCDCTL_API": "3", "TZ": "UTC"])
            shell.write(
                """
                exec 2>&1
                set -e
                export N=\(number) PATH=\(programs.joined(separator: ":")):$PATH
                mkdir -p \(folder(number))
                # The server must not outlive this shell, nor this shell the test.
                nohup() { exec setpriv --pdeathsig KILL -- "$@"; }
                scp() {
                    local target="${@: -1}"
                    local host="${target%%:*}" path="${target#*:}"
                    cp "${@:1:$#-1}" "${path/machine-$N/machine-${host##*.}}"
                }

                """)
            shells.append(shell)
        }
    }

    /// The fenced blocks of the page that say where they are to be run.
    static func steps() throws -> [Step] {
        let path = Programs.root + "/docs/OPERATIONS.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.matches(of: #/\n```sh (each|[123])\n((?s).*?\n)```\n/#).map { match in
            Step(machine: Int(match.1), commands: String(match.2))
        }
    }

    /// Runs a step; a command that fails is an error.
    func run(_ step: Step) throws {
        let numbers = step.machine.map { [$0] } ?? [1, 2, 3]
        // All of them begin before the first is waited for, as members wait for each other.
        count += 1
        for number in numbers {
            let commands = step.commands.replacing("/srv/keelson", with: folder(number))
                .replacing("10.0.0.", with: network)
            shells[number - 1].write(commands + "\necho '[[done \(count)]]'\n")
        }
        for number in numbers {
            let shell = shells[number - 1]
            let before = shell.output.count
            do {
                try shell.listen(for: "an end", within: .seconds(120)) {
                    $0.contains("[[done \(count)]]")
                }
            } catch {
                let log = scratch.text("machine-\(number)/log").suffix(2_000)
                throw TooLate(
                    description: "machine \(number): \(step.commands)\n\(error)\nlog: \(log)")
            }
            said += String(shell.output.dropFirst(before))
        }
    }

    private func folder(_ number: Int) -> String { scratch.path + "/machine-\(number)" }
}
