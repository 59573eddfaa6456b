import Environment
import Testing

@testable import EtcdServer

/// Backups by the clock.
@Suite struct `A schedule of backups` {
    private let second: Int64 = 1_000_000_000

    private func schedule(keeping count: Int = 2) -> BackupSchedule {
        var settings = BackupSettings()
        settings.folder = "/backups"
        settings.intervalNanoseconds = 100 * second
        settings.count = count
        return BackupSchedule(settings, member: "m/1 é")
    }

    private func at(_ seconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * second)
    }

    private func expect(
        _ schedule: inout BackupSchedule, at seconds: Int64, isReady: Bool = true, begins: Bool,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let isDue = schedule.begins(at(seconds), isReady: isReady)
        #expect(isDue == begins, sourceLocation: location)
    }

    @Test func `without a folder none is ever due`() {
        var schedule = BackupSchedule(BackupSettings(), member: "a")
        expect(&schedule, at: 1_000_000, begins: false)
    }

    @Test func `the first is due at once, or an interval after the newest`() {
        var fresh = schedule()
        fresh.start(at(10), newestAgeSeconds: nil)
        expect(&fresh, at: 10, begins: true)
        var early = schedule()
        early.start(at(10), newestAgeSeconds: 30)
        expect(&early, at: 79, begins: false)
        expect(&early, at: 80, begins: true)
        // A clock that was set back must not put backups off for long.
        var odd = schedule()
        odd.start(at(10), newestAgeSeconds: -1_000_000)
        expect(&odd, at: 110, begins: true)
    }

    @Test func `one at a time, an interval apart, and a failed one again soon`() {
        var schedule = schedule()
        schedule.start(at(0), newestAgeSeconds: nil)
        expect(&schedule, at: 0, isReady: false, begins: false)
        expect(&schedule, at: 1, begins: true)
        expect(&schedule, at: 500, begins: false)
        schedule.ended(at(500), isGood: true)
        expect(&schedule, at: 599, begins: false)
        expect(&schedule, at: 600, begins: true)
        schedule.ended(at(600), isGood: false)
        expect(&schedule, at: 660, begins: true)
    }

    @Test func `names sort by time, and only this member's own are counted and removed`() {
        let schedule = schedule()
        let names = [1_000_000_000, 1_000_000_001, 2_000_000_000].map {
            schedule.name(atUnixSeconds: $0)
        }
        #expect(names[0] == "m_1__-2001-09-09T01-46-40Z.snapshot")
        #expect(names == names.sorted())
        let others = [
            "m_1__-notes.snapshot", "m2-2001-09-09T01-46-40Z.snapshot", "a", names[0] + ".part",
        ]
        #expect(schedule.own(others + names.reversed()) == names)
        #expect(schedule.surplus(others + names) == [names[0]])
        #expect(schedule.surplus(others).isEmpty)
    }

    @Test func `flags say where, how often and how many`() throws {
        let flags = ["--backup-dir=/b", "--backup-interval", "30m", "--backup-keep", "3"]
        guard case .run(let settings) = try StoreFlags.parse(flags) else {
            Issue.record("no settings")
            return
        }
        #expect(settings.backups.folder == "/b" && settings.backups.count == 3)
        #expect(settings.backups.intervalNanoseconds == 1_800 * second)
        for wrong in ["--backup-interval=0s", "--backup-interval=x", "--backup-keep=0"] {
            #expect(throws: SettingsError.self) { try StoreFlags.parse([wrong]) }
        }
    }
}
