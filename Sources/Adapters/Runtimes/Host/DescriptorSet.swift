internal import CProcess

/// Descriptors that are waited for together. It has a descriptor of its own, which can be read
/// while one of them is ready, and which never hangs up.
///
/// libdispatch for Linux tells the readers of a descriptor that has hung up, and then looks for
/// its writers in a record that those readers, on other threads, may have freed meanwhile. Pipes
/// and processes that end hang up; so they are not shown to it.
final class DescriptorSet: Sendable {
    let descriptor: Descriptor

    /// Those that are to be read.
    convenience init(reading descriptors: [Int32]) throws(HostFailure) {
        try self.init(descriptors, areWritten: false)
    }

    /// One that is to be written.
    convenience init(writing descriptor: Int32) throws(HostFailure) {
        try self.init([descriptor], areWritten: true)
    }

    private init(_ descriptors: [Int32], areWritten: Bool) throws(HostFailure) {
        descriptor = Descriptor(try HostCalls.check("epoll_create", "") { keelson_make_set() })
        for number in descriptors {
            try HostCalls.check("epoll_ctl", "") {
                keelson_add_to_set(descriptor.number, number, areWritten ? 1 : 0)
            }
        }
    }
}
