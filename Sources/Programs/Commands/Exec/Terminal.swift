internal import Dispatch
internal import Glibc

/// The user's terminal while somebody else has it: it hands on every key as it is, and a signal
/// sets it right before it ends the process.
///
/// SAFETY: what is passed to the kernel are locals that outlive the call.
final class Terminal {
    private var usual = termios()
    /// Readable when a signal has come.
    let signals: Int32
    private static let number = STDIN_FILENO

    /// Nil if standard input is no terminal. Blocks the signals in this thread and those that it
    /// starts later.
    init?() {
        guard unsafe tcgetattr(Self.number, &usual) == 0 else { return nil }
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { return nil }
        signals = ends[0]
        let writer = ends[1]
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in [SIGWINCH, SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let awaited = set
        DispatchQueue(label: "keelson.signals").async {
            var set = awaited
            var number: Int32 = 0
            while unsafe sigwait(&set, &number) == 0 {
                var byte = UInt8(number)
                _ = unsafe write(writer, &byte, 1)
            }
        }
    }

    /// Its size; nil if it has none.
    var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard unsafe ioctl(Self.number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    func makeRaw() {
        var raw = usual
        unsafe cfmakeraw(&raw)
        unsafe tcsetattr(Self.number, TCSADRAIN, &raw)
    }

    func restore() {
        unsafe tcsetattr(Self.number, TCSADRAIN, &usual)
    }

    /// Takes a signal that has come; answers whether it tells of another size. Any other ends the
    /// process.
    func takeSignal() -> Bool {
        var number: UInt8 = 0
        guard unsafe read(signals, &number, 1) == 1 else { return false }
        if Int32(number) == SIGWINCH { return true }
        restore()
        exit(128 + Int32(number))
    }
}

/// What one waits for while a command runs.
enum Descriptors {
    /// Makes an end of standard input if there is none: else the first connection would take its
    /// number.
    static func holdInput() {
        if fcntl(STDIN_FILENO, F_GETFD) < 0 { _ = unsafe open("/dev/null", O_RDONLY) }
    }

    /// Waits until the other side has said something or has room, or there is input or a signal.
    /// - Parameter isFull: whether room is waited for.
    static func wait(
        _ remote: Int32, isFull: Bool, input: Bool, signals: Int32?
    ) -> (hasInput: Bool, hasSignal: Bool) {
        // The kernel passes over negative numbers.
        var list = [
            pollfd(fd: remote, events: Int16(POLLIN | (isFull ? POLLOUT : 0)), revents: 0),
            pollfd(fd: input ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        guard unsafe poll(&list, nfds_t(list.count), -1) > 0 else { return (false, false) }
        return (list[1].revents != 0, list[2].revents != 0)
    }

    /// Some of standard input; nothing at its end.
    static func readInput() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 32 << 10) { buffer, count in
            count = unsafe max(0, read(STDIN_FILENO, buffer.baseAddress, buffer.count))
        }
    }
}
