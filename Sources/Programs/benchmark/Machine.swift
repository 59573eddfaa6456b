import Glibc

/// Facts about the machine and the process.
enum Machine {
    /// One line for the head of a report.
    static var description: String {
        let model = field("model name", in: "/proc/cpuinfo") ?? "unknown processor"
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let gibibytes = (pages * sysconf(Int32(_SC_PAGESIZE))) >> 30
        return "machine: \(model), \(cores) cores, \(gibibytes) GiB"
    }

    /// Processors that can be used.
    static var cores: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

    /// CPU time of everything that runs here, in nanoseconds, since the machine started; what a
    /// hypervisor took away counts as used.
    static var busyNanoseconds: Int64 {
        guard let text = read("/proc/stat").split(separator: "\n").first else { return 0 }
        let ticks = text.split(separator: " ").dropFirst().map { Int64($0) ?? 0 }
        guard ticks.count >= 8 else { return 0 }
        // user, nice, system, idle, iowait, irq, softirq, steal (proc(5)).
        let busy = ticks[..<3].reduce(0, +) + ticks[5..<8].reduce(0, +)
        return busy * (1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Memory of this process that is not a mapped file, in bytes.
    static var privateMemoryBytes: Int {
        guard let text = field("RssAnon", in: "/proc/self/status"),
            let kibibytes = Int(text.split(separator: " ").first ?? "")
        else { return 0 }
        return kibibytes << 10
    }

    /// The value behind `name:` in a file of such lines.
    private static func field(_ name: String, in path: String) -> String? {
        for line in read(path).split(separator: "\n") where line.hasPrefix(name) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            return String(value.drop { $0 == " " || $0 == "\t" })
        }
        return nil
    }

    // SAFETY: the buffer outlives the read, and only as many bytes as were read are used.
    private static func read(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
