import Glibc
import Primitives

// SAFETY: the functions have the C signatures that epoll_create1(2), epoll_ctl(2) and
// epoll_wait(2) document, and the events the layout that <sys/epoll.h> gives them: packed on
// x86-64 alone. The buffer belongs to the object, and the kernel fills at most as many events
// as fit.

/// Waits until sockets can be read or written (epoll; poll costs a third of the whole load at a
/// hundred connections). Glibc's Swift module leaves epoll out, so the functions are looked up.
@safe
final class Poller {
    private typealias Create = @convention(c) (Int32) -> Int32
    private typealias Control =
        @convention(c) (Int32, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
    private typealias Wait =
        @convention(c) (Int32, UnsafeMutableRawPointer?, Int32, Int32) -> Int32

    #if arch(x86_64)
    private static let (eventBytes, dataOffset) = (12, 4)
    #else
    private static let (eventBytes, dataOffset) = (16, 8)
    #endif
    /// Sockets looked at in one go.
    private static let eventsMax = 64
    private static let (addOperation, modifyOperation): (Int32, Int32) = (1, 3)
    private static let (readable, writable): (UInt32, UInt32) = (1, 4)

    private let control: Control
    private let waitForEvents: Wait
    private let descriptor: Int32
    private let events = UnsafeMutableRawPointer.allocate(
        byteCount: Poller.eventsMax * Poller.eventBytes, alignment: 8)

    init() throws {
        guard let create = unsafe dlsym(nil, "epoll_create1"),
            let control = unsafe dlsym(nil, "epoll_ctl"),
            let wait = unsafe dlsym(nil, "epoll_wait")
        else { throw LoadFailure.noProgram("this system has no epoll") }
        unsafe self.control = unsafeBitCast(control, to: Control.self)
        unsafe waitForEvents = unsafeBitCast(wait, to: Wait.self)
        descriptor = unsafe unsafeBitCast(create, to: Create.self)(0)
        guard descriptor >= 0 else { throw LoadFailure.lastCall("epoll_create1") }
    }

    deinit {
        close(descriptor)
        unsafe events.deallocate()
    }

    /// From now on reports `number` when the socket can be read.
    func add(_ socket: Int32, number: Int) throws {
        guard change(Self.addOperation, socket, number, wantsWrites: false) == 0 else {
            throw LoadFailure.lastCall("epoll_ctl")
        }
    }

    /// Whether to report too when the socket can be written.
    func update(_ socket: Int32, number: Int, wantsWrites: Bool) {
        let result = change(Self.modifyOperation, socket, number, wantsWrites: wantsWrites)
        invariant(result == 0, "epoll_ctl fails on a socket that was added")
    }

    /// Waits at most so long, and calls `body` with the number of each socket that is ready.
    func wait(milliseconds: Int, _ body: (Int) -> Void) {
        let count = unsafe waitForEvents(
            descriptor, events, Int32(Self.eventsMax), Int32(milliseconds))
        // Below zero a signal came, which whoever loops looks for.
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let offset = index * Self.eventBytes + Self.dataOffset
            body(Int(unsafe events.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
    }

    private func change(
        _ operation: Int32, _ socket: Int32, _ number: Int, wantsWrites: Bool
    ) -> Int32 {
        let wanted = Self.readable | (wantsWrites ? Self.writable : 0)
        return unsafe withUnsafeTemporaryAllocation(byteCount: Self.eventBytes, alignment: 8) {
            unsafe $0.storeBytes(of: wanted, as: UInt32.self)
            unsafe $0.storeBytes(of: UInt64(number), toByteOffset: Self.dataOffset, as: UInt64.self)
            return unsafe control(descriptor, operation, socket, $0.baseAddress)
        }
    }
}
