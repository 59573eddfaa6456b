import ResourceModel
import Testing

@testable import Kinds

@Suite struct AgeTests {
    @Test(arguments: [
        (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (599, "9m59s"), (600, "10m"),
        (10_799, "179m"), (10_800, "3h"), (11_100, "3h5m"), (28_800, "8h"), (172_799, "47h"),
        (172_800, "2d"), (176_400, "2d1h"), (691_200, "8d"), (63_071_999, "729d"),
        (63_072_000, "2y"), (63_158_400, "2y1d"), (252_288_000, "8y"), (-1, "0s"),
        (-2, "<invalid>"),
    ] as [(Int64, String)])
    func `a duration shows the units that matter`(seconds: Int64, text: String) {
        #expect(Age.text(seconds: seconds) == text)
    }

    @Test func `what has no time has no age`() {
        #expect(JSON?.none.age(at: 0) == "<unknown>")
        #expect(JSON?("soon").age(at: 0) == "<unknown>")
    }
}

@Suite struct AddressTests {
    @Test(arguments: ["10.0.0.1", "0.0.0.0", "255.255.255.255"])
    func `four numbers are an address`(text: String) { #expect(IPAddress.isV4(text)) }

    @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "+1.2.3.4", "a.b.c.d"])
    func `anything else is none`(text: String) { #expect(!IPAddress.isV4(text)) }

    @Test(arguments: ["::", "::1", "fe80::1", "2001:db8::ff", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"])
    func `eight groups are an address`(text: String) { #expect(IPAddress.isV6(text)) }

    @Test(arguments: ["", ":", ":::", "1:2", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:8:9"])
    func `other groups are none`(text: String) { #expect(!IPAddress.isV6(text)) }
}

@Suite struct CronScheduleTests {
    @Test(arguments: ["* * * * *", "*/5 0 1,15 * mon-fri", "0 0 ? * SUN", "@daily", "@every 1h30m"])
    func `cron's columns are times`(text: String) { #expect(CronSchedule.problem(in: text) == nil) }

    @Test(arguments: [
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "minute 60 is not between 0 and 59: 60"),
        ("* * * * 5-1", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of minute should be a positive number: */0"),
        ("x * * * *", "failed to parse minute from x"),
        ("@weakly", "unrecognized descriptor: @weakly"),
    ])
    func `what is no time says why`(text: String, problem: String) {
        #expect(CronSchedule.problem(in: text) == problem)
    }
}
