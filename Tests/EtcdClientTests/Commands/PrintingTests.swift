import Testing

@testable import StoreCommands

/// How commands read and write values.
@Suite struct `Printing` {
    @Test(arguments: [
        (0, "0 B"), (9, "9 B"), (10, "10 B"), (20_480, "20 kB"), (1_234, "1.2 kB"),
        (999_999, "1000 kB"), (2_147_483_648, "2.1 GB"),
    ] as [(Int64, String)])
    func `a size has a unit of thousands`(bytes: Int64, text: String) {
        #expect(sizeText(bytes) == text)
    }

    @Test(arguments: [
        ("5s", "5s"), ("1m30s", "90s"), ("250ms", "250ms"), ("1.5ms", "1.5ms"),
        ("5.000546762s", "5.000546762s"), ("12us", "12µs"),
    ])
    func `a duration is read and written as Go does`(given: String, text: String) {
        #expect(GoDuration.parse(given).map(GoDuration.text) == text)
    }

    @Test(arguments: ["", "5", "s", "4x", "-1s", "0s", "1e", "5 s"])
    func `what is no duration is refused`(text: String) {
        #expect(GoDuration.parse(text) == nil)
    }

    @Test func `a table centres names and puts cells flush right`() {
        let table = TextTable(names: ["ID", "NAME"], rows: [["1", "default"], ["abcde", ""]])
        #expect(
            table.lines == [
                "+-------+---------+", "|  ID   |  NAME   |", "+-------+---------+",
                "|     1 | default |", "| abcde |         |", "+-------+---------+",
            ])
    }

    @Test func `JSON leaves out what is empty and escapes as Go does`() {
        var fields = JSONFields()
        fields.add("a", 0)
        fields.add("b", "")
        fields.add("c", [] as [String])
        fields.add("d", false)
        fields.add("e", "<\"\n\u{1}é")
        #expect(fields.text == #"{"e":"\u003c\"\n\u0001é"}"#)
    }

    @Test func `a check says what is too slow`() {
        var report = LoadReport()
        report.times = [0.1, 0.1, 0.9]
        report.seconds = 1
        let verdicts = report.verdicts(wantedPerSecond: 3)
        #expect(!verdicts.isPassed)
        #expect(
            verdicts.lines == [
                "PASS: Throughput is 3 writes/s", "Slowest request took too long: 0.900000s",
                "Stddev too high: 0.377124s", "FAIL",
            ])
        report.times = [0.1, 0.1, 0.1]
        #expect(report.verdicts(wantedPerSecond: 3).lines.last == "PASS")
        report.failures = ["no": 2]
        #expect(report.verdicts(wantedPerSecond: 3).lines.first == "FAIL: too many errors")
    }
}
