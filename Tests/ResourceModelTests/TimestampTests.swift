import ResourceModel
import Testing

@Suite struct TimestampTests {
    private static let times: [(Int64, String)] = [
        (0, "1970-01-01T00:00:00Z"), (1_764_039_600, "2025-11-25T03:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"), (951_868_799, "2000-02-29T23:59:59Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
    ]

    @Test(arguments: times)
    func `a time is written and read`(_ seconds: Int64, _ text: String) {
        #expect(Timestamp.text(seconds: seconds) == text)
        #expect(Timestamp.seconds(text) == seconds)
    }

    @Test func `every day of four centuries survives`() {
        for day in stride(from: Int64(-135_140), to: 146_097, by: 1) {
            let text = Timestamp.text(seconds: day * 86_400 + 7)
            guard Timestamp.seconds(text) == day * 86_400 + 7 else {
                Issue.record("day \(day): \(text)")
                return
            }
        }
    }

    @Test func `zones and fractions are read, microseconds written`() {
        #expect(Timestamp.seconds("1970-01-01T01:00:00+01:00") == 0)
        #expect(Timestamp.seconds("1969-12-31T19:00:00.999999999-05:00") == 0)
        #expect(Timestamp.text(microseconds: 1_000_001) == "1970-01-01T00:00:01.000001Z")
        #expect(Timestamp.text(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
    }

    private static let layout = #"as "2006-01-02T15:04:05Z07:00""#
    private static let problems: [(String, String)] = [
        ("", "parsing time \"\" \(layout): cannot parse \"\" as \"2006\""),
        (
            "yesterday",
            "parsing time \"yesterday\" \(layout): cannot parse \"yesterday\" as \"2006\""
        ),
        ("2026-11", "parsing time \"2026-11\" \(layout): cannot parse \"\" as \"-\""),
        ("2026-11-25", "parsing time \"2026-11-25\" \(layout): cannot parse \"\" as \"T\""),
        (
            "2026-11-25T00:00:00",
            "parsing time \"2026-11-25T00:00:00\" \(layout):"
                + " cannot parse \"\" as \"Z07:00\""
        ),
        ("2026-13-25T00:00:00Z", "parsing time \"2026-13-25T00:00:00Z\": month out of range"),
        ("2026-02-29T00:00:00Z", "parsing time \"2026-02-29T00:00:00Z\": day out of range"),
        ("2026-02-28T24:00:00Z", "parsing time \"2026-02-28T24:00:00Z\": hour out of range"),
    ]

    @Test(arguments: problems)
    func `what is no time is refused in Go's words`(_ text: String, _ problem: String) {
        #expect(Timestamp.problem(text) == problem)
        #expect(Timestamp.seconds(text) == nil)
    }

    private static let durations: [(Int64, String)] = [
        (-2, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (190, "3m10s"),
        (599, "9m59s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"), (11_100, "3h5m"),
        (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (187_200, "2d4h"), (691_200, "8d"),
        (63_071_999, "729d"), (63_072_000, "2y"), (63_158_400, "2y1d"), (252_288_000, "8y"),
    ]

    @Test(arguments: durations)
    func `a duration reads as kubectl's`(_ seconds: Int64, _ text: String) {
        #expect(HumanDuration.text(seconds: seconds) == text)
    }

    @Test func `an age needs a time`() {
        #expect(HumanDuration.age("1970-01-01T00:00:00Z", nowSeconds: 90) == "90s")
        #expect(HumanDuration.age(nil, nowSeconds: 90) == "<unknown>")
    }
}
