internal import Glibc
internal import Primitives

/// A process that is not mistaken for a later one with the same number.
struct ProcessIdentity: Equatable, Sendable {
    /// Its number.
    var process: Int32
    /// When it started, in ticks since the machine did.
    var startTicks: UInt64
}

/// How a process ended, as waitpid says it.
struct ProcessEnd {
    /// The exit code; above 128 it is a signal, plus 128.
    var code: Int32
    /// The signal; 0 if none.
    var signal: Int32

    init(_ status: Int32) {
        signal = status & 0x7F
        code = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}

/// What `/proc` says of a process.
struct ProcessFacts {
    var identity: ProcessIdentity
    var parent: Int32
    var session: Int32
    /// Ended, and not waited for.
    var isZombie: Bool
    /// Processor time in ticks, with that of ended children.
    var cpuTicks: UInt64
    var residentPages: Int64
}

/// The processes of this machine.
enum ProcessTable {
    /// Tells one start of the machine from another; process numbers mean nothing beyond it.
    static func bootID() -> String {
        let text = HostFiles.text("/proc/sys/kernel/random/boot_id") ?? ""
        return String(text.prefix { $0 != "\n" })
    }

    /// What is known of a process; nil if there is none.
    static func facts(_ process: Int32) -> ProcessFacts? {
        guard let text = HostFiles.text("/proc/\(process)/stat", bytesMax: 4096),
            // The name before it may hold anything, a parenthesis too.
            let end = text.utf8.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = text[end...].dropFirst().split(separator: " ")
        guard fields.count > 21, let parent = Int32(fields[1]), let session = Int32(fields[3]),
            let start = UInt64(fields[19]), let pages = Int64(fields[21])
        else { return nil }
        return ProcessFacts(
            identity: ProcessIdentity(process: process, startTicks: start), parent: parent,
            session: session, isZombie: fields[0] == "Z" || fields[0] == "X",
            cpuTicks: fields[11...14].reduce(0) { $0 + (UInt64($1) ?? 0) },
            residentPages: pages)
    }

    /// The numbers of all processes.
    static func all() -> [Int32] { HostFiles.names(in: "/proc").compactMap { Int32($0) } }

    /// The children of a process, also those that have ended and are not waited for.
    static func children(of parent: Int32) -> [Int32] {
        all().filter { facts($0)?.parent == parent }
    }

    /// The processes whose environment has this setting, `NAME=value`.
    static func withSetting(_ setting: String) -> [Int32] {
        let wanted = Bytes(setting.utf8)
        return all().filter { process in
            // A process that has gone, or that we may not look into, has none.
            guard let bytes = try? HostFiles.read("/proc/\(process)/environ", bytesMax: 4 << 20)
            else { return false }
            return bytes.split(separator: 0).contains { $0.elementsEqual(wanted) }
        }
    }

    /// The processes of a session.
    static func session(_ session: Int32) -> [ProcessFacts] {
        all().compactMap { facts($0) }.filter { $0.session == session && !$0.isZombie }
    }

    /// What all descendants of a process use.
    static func usage(below root: Int32) -> ContainerStats {
        let processes = all().compactMap { facts($0) }
        let families = Dictionary(grouping: processes, by: \.parent)
        var stats = ContainerStats(cpuNanoseconds: 0, memoryBytes: 0, processes: 0)
        var parents = [root]
        while let parent = parents.popLast() {
            for child in families[parent] ?? [] where !child.isZombie {
                parents.append(child.identity.process)
                stats.cpuNanoseconds += Int64(clamping: child.cpuTicks) * nanosecondsPerTick
                stats.memoryBytes += child.residentPages * Int64(sysconf(Int32(_SC_PAGESIZE)))
                stats.processes += 1
            }
        }
        return stats
    }

    private static var nanosecondsPerTick: Int64 {
        1_000_000_000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }
}
