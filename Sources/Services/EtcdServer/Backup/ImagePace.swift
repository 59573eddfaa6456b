internal import Glibc
internal import Primitives
internal import Synchronization

/// How fast images are made and sent. While clients write, slowly enough that they lose little by
/// it: an image without a pause takes the disk and the processor that writes need.
final class ImagePace: Sendable {
    private struct Last {
        var instant = ContinuousClock().now
        var applied: UInt64 = 0
    }

    /// Bytes a second beside writes.
    private static let bytesPerSecond = 16 << 20
    /// Changes a second from which on they count as many.
    private static let manyPerSecond: Double = 500
    /// A piece that came so long ago does not count as the one before.
    private static let pieceTimeMax = Duration.seconds(2)

    private let applied = Atomic<UInt64>(0)
    private let isHurried = Atomic<Bool>(false)
    private let last = Mutex(Last())

    /// Tells how far the log is applied.
    func note(applied index: UInt64) {
        applied.store(index, ordering: .relaxed)
    }

    /// Lets all go as fast as it can from now on, since somebody waits for the end.
    func hurry() {
        isHurried.store(true, ordering: .relaxed)
    }

    /// Rests after a piece of an image, on the image queue, which may wait.
    /// - Parameter wish: of who waits for the image. Once that is dropped there is no rest: the
    ///   next image waits for the end of this one.
    func rest(after bytes: Int, for wish: ImageWish? = nil) {
        let index = applied.load(ordering: .relaxed)
        let pause = last.withLock { last in
            let now = ContinuousClock().now
            let pause = Self.pause(
                bytes: bytes, took: last.instant.duration(to: now),
                changes: index - min(index, last.applied))
            last = Last(instant: now.advanced(by: pause), applied: index)
            return pause
        }
        guard pause > .zero, !isHurried.load(ordering: .relaxed), wish?.isDropped != true
        else { return }
        usleep(UInt32(pause / .microseconds(1)))
    }

    /// How long to rest after a piece of so many bytes, during which so much was changed.
    static func pause(bytes: Int, took: Duration, changes: UInt64) -> Duration {
        guard took < pieceTimeMax else { return .zero }
        let usual = Duration.seconds(Double(bytes) / Double(bytesPerSecond))
        guard Double(changes) >= manyPerSecond * max(took / .seconds(1), 0.001) else {
            return .zero
        }
        return max(.zero, usual - took)
    }
}

/// Whether somebody waits for an image still.
final class ImageWish: Sendable {
    private let hasGone = Atomic<Bool>(false)

    var isDropped: Bool { hasGone.load(ordering: .relaxed) }

    /// Nobody waits any more.
    func drop() {
        hasGone.store(true, ordering: .relaxed)
    }
}
