import Glibc

// SAFETY: the buffer outlives the read, and only as many bytes as were read are used; rusage is
// filled in by the kernel.

/// What the kernel says about processes that run.
struct ProcessUsage {
    /// CPU time in user and kernel since the start, in nanoseconds; the kernel counts in steps
    /// of 10 ms.
    var cpuNanoseconds: Int64 = 0
    /// Memory in use now (VmRSS), file mappings included.
    var residentBytes = 0
    /// Of that, what is no file mapping (RssAnon).
    var anonymousBytes = 0
    /// The most that it ever was (VmHWM).
    var peakBytes = 0

    /// Facts of one process; zeros if it is gone.
    init(of process: pid_t) {
        let ticks = Self.cpuTicks(inStat: TextFile.read("/proc/\(process)/stat"))
        cpuNanoseconds = Int64(ticks) * (1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
        let status = TextFile.read("/proc/\(process)/status")
        residentBytes = Self.kibibytes("VmRSS:", in: status) << 10
        anonymousBytes = Self.kibibytes("RssAnon:", in: status) << 10
        peakBytes = Self.kibibytes("VmHWM:", in: status) << 10
    }

    private init() {}

    /// The sum over several processes; the peaks are added too, though they need not coincide.
    static func sum(of processes: [pid_t]) -> ProcessUsage {
        var total = ProcessUsage()
        for process in processes {
            let usage = ProcessUsage(of: process)
            total.cpuNanoseconds += usage.cpuNanoseconds
            total.residentBytes += usage.residentBytes
            total.anonymousBytes += usage.anonymousBytes
            total.peakBytes += usage.peakBytes
        }
        return total
    }

    /// CPU time of this process, in nanoseconds.
    static var ownCPUNanoseconds: Int64 {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        let seconds = Int64(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        let micros = Int64(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
        return seconds * 1_000_000_000 + micros * 1_000
    }

    /// utime + stime of a line of /proc/PID/stat: fields 14 and 15. The second field, the name
    /// in parentheses, may itself contain spaces.
    static func cpuTicks(inStat line: String) -> Int {
        guard let end = line.lastIndex(of: ")") else { return 0 }
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 12 else { return 0 }
        return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
    }

    /// The number behind `name` in a file of such lines.
    static func kibibytes(_ name: String, in status: String) -> Int {
        for line in status.split(separator: "\n") where line.hasPrefix(name) {
            let words = line.dropFirst(name.count).split { $0 == " " || $0 == "\t" }
            return words.first.flatMap { Int($0) } ?? 0
        }
        return 0
    }
}

/// Small files read whole.
enum TextFile {
    /// What is in the file; empty if it cannot be read.
    static func read(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The last lines of the file.
    static func lastLines(_ count: Int, of path: String) -> String {
        read(path).split(separator: "\n").suffix(count).joined(separator: "\n")
    }
}
