import Testing

@testable import EtcdServer

/// How long the making of an image rests between pieces.
@Suite struct `The pace of images` {
    @Test(arguments: [
        // 16 MiB a second beside writes: the rest of a second's sixteenth.
        (1 << 20, Duration.milliseconds(10), 1_000, Duration.microseconds(52_500)),
        (1 << 20, .milliseconds(62), 1_000, .microseconds(500)),
        (256 << 10, .zero, 1, .microseconds(15_625)),
        // A slow disk rests enough.
        (1 << 20, .milliseconds(100), 1_000, .zero),
        // Few changes, or none: nobody is in the way.
        (1 << 20, .milliseconds(10), 4, .zero),
        (1 << 20, .milliseconds(10), 0, .zero),
        // The first piece after a while.
        (1 << 20, .seconds(2), 1_000_000, .zero),
    ])
    func `a piece is followed by a rest where clients write`(
        bytes: Int, took: Duration, changes: UInt64, pause: Duration
    ) {
        #expect(ImagePace.pause(bytes: bytes, took: took, changes: changes) == pause)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `who is in a hurry, or whom nobody waits for, is not held up`(isHurried: Bool) {
        let pace = ImagePace()
        let wish = ImageWish()
        if isHurried { pace.hurry() } else { wish.drop() }
        var index: UInt64 = 0
        for _ in 0..<1_000 {
            index += 1_000_000
            pace.note(applied: index)
            // A minute and more of rest otherwise.
            pace.rest(after: 1 << 20, for: wish)
        }
    }
}
