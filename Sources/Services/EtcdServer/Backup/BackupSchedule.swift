internal import Environment
internal import Foundation

/// Decides when a member makes backups by itself, what they are called and which of them go.
/// Told the time.
struct BackupSchedule {
    /// A backup that failed is tried again after a minute, or after the interval if that is less.
    private static let retryNanoseconds: Int64 = 60_000_000_000

    let settings: BackupSettings
    private let prefix: String
    private var next: Int64?
    /// One is being made.
    private(set) var isUnderWay = false

    /// A schedule for a member of this name.
    init(_ settings: BackupSettings, member: String) {
        self.settings = settings
        let plain = member.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar)
                ? Character(scalar) : "_"
        }
        prefix = String(plain) + "-"
    }

    /// What a backup that is made now is called: such names sort by time.
    func name(atUnixSeconds seconds: Int64) -> String {
        let time = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return prefix + time.replacing(":", with: "-") + Self.suffix
    }

    private static let suffix = ".snapshot"

    /// This member's backups among the names in a folder, the oldest first.
    func own(_ names: [String]) -> [String] {
        names.filter { name in
            guard name.hasPrefix(prefix), name.hasSuffix(Self.suffix) else { return false }
            let time = name.dropFirst(prefix.count).dropLast(Self.suffix.count)
            return time.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ/#) != nil
        }.sorted()
    }

    /// Those that are too many once the newest is known to be good.
    func surplus(_ names: [String]) -> [String] {
        Array(own(names).dropLast(settings.count))
    }

    /// The member starts; its newest backup is that old, if there is one.
    mutating func start(_ now: MonotonicInstant, newestAgeSeconds age: Int64?) {
        let waited = (age ?? .max / 2_000_000_000) * 1_000_000_000
        next = now.nanoseconds + max(0, settings.intervalNanoseconds - max(0, waited))
    }

    /// Whether to begin one now; to be called at every tick.
    mutating func begins(_ now: MonotonicInstant, isReady: Bool) -> Bool {
        guard let next, !isUnderWay, isReady, now.nanoseconds >= next else { return false }
        isUnderWay = true
        return true
    }

    /// The one under way is done.
    mutating func ended(_ now: MonotonicInstant, isGood: Bool) {
        isUnderWay = false
        let pause = settings.intervalNanoseconds
        next = now.nanoseconds + (isGood ? pause : min(pause, Self.retryNanoseconds))
    }
}
