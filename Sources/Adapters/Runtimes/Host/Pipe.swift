internal import CProcess
internal import Glibc

/// Two connected descriptors, closed when nobody has them any more.
struct Pipe {
    /// What is written to the other end comes out here.
    let reader: Descriptor
    let writer: Descriptor

    // SAFETY: the kernel fills a local.
    init() throws(HostFailure) {
        var ends: [Int32] = [-1, -1]
        try HostCalls.check("pipe", "") { unsafe keelson_make_pipe(&ends) }
        reader = Descriptor(ends[0])
        writer = Descriptor(ends[1])
    }
}

/// A terminal: what the process has, and what whoever sits before it has.
struct Terminal {
    let near: Descriptor
    let far: Descriptor

    // SAFETY: as above.
    init() throws(HostFailure) {
        var ends: [Int32] = [-1, -1]
        try HostCalls.check("open", "/dev/ptmx") { unsafe keelson_make_terminal(&ends) }
        near = Descriptor(ends[0])
        far = Descriptor(ends[1])
    }
}

extension Descriptor {
    /// Reads and writes that would have to wait answer EAGAIN instead.
    func makeNonBlocking() throws(HostFailure) {
        try HostCalls.check("fcntl", "") { fcntl(number, F_SETFL, O_NONBLOCK) }
    }
}
