internal import Glibc

/// What the system says about this process, for the metrics that every Prometheus client has.
///
/// SAFETY: the C functions fill the structures and buffers that they are given, with their sizes.
struct ProcessFacts {
    var residentBytes = 0
    var virtualBytes = 0
    var openFiles = 0
    var cpuSeconds = 0.0

    /// Reads the present facts; zeros where the system does not tell.
    static func read() -> ProcessFacts {
        var facts = ProcessFacts()
        let pages = text(of: "/proc/self/statm").split(separator: " ").compactMap { Int($0) }
        let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
        if pages.count > 1 {
            facts.virtualBytes = pages[0] * pageBytes
            facts.residentBytes = pages[1] * pageBytes
        }
        facts.openFiles = countOpenFiles()
        var usage = rusage()
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            facts.cpuSeconds = [usage.ru_utime, usage.ru_stime].reduce(0) {
                $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
            }
        }
        return facts
    }

    private static func countOpenFiles() -> Int {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // Without the folder itself, its parent, and the descriptor that reads it.
        return max(0, count - 3)
    }

    private static func text(of path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe Glibc.read(file, buffer.baseAddress, buffer.count)
        }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
