internal import CProcess
internal import Glibc

/// The two ends of a pipe, closed when nobody has them any more.
struct Pipe {
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

extension Descriptor {
    /// Reads and writes that would have to wait answer EAGAIN instead.
    func makeNonBlocking() throws(HostFailure) {
        try HostCalls.check("fcntl", "") { fcntl(number, F_SETFL, O_NONBLOCK) }
    }
}
