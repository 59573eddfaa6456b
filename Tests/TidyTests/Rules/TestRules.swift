private let testPath = "Tests/ExampleTests/ExampleTests.swift"

/// Other processes and servers live in real time: the files of tests that may look at the clock.
private let clockFiles: Set = [
    "Tests/APIServerTests/Support/TestServer.swift",
    "Tests/ControllersTests/Support/ControlPlane.swift",
    "Tests/EndToEndTests/Support/Deadline.swift",
]

/// What tests must not depend on.
let testRules: [Rule] = [
    Rule(
        "a test does not sleep", path: testPath,
        good: ["let sleepTicks = 3", "// sleep(1)"],
        bad: ["usleep(10)", "try await Task.sleep(for: .seconds(1))", "Thread.sleep(1)"],
        inFile: { file in
            calls(of: ["sleep", "usleep", "nanosleep"], in: file).map {
                Finding($0, "a test sleeps")
            }
        }),
    Rule(
        "a test does not look at the clock", path: testPath,
        good: ["let now = MonotonicInstant(nanoseconds: 0)", "struct Date2 {}"],
        bad: [
            "let a = Date()", "let a = Date.now", "let a = ContinuousClock().now",
            "clock_gettime(CLOCK_REALTIME, &time)", "let a = DispatchTime.now()",
        ],
        inFile: { file in
            guard file.isTest, !clockFiles.contains(file.path) else { return [] }
            let clocks: Set = [
                "Date", "ContinuousClock", "SuspendingClock", "DispatchTime",
                "DispatchWallTime", "clock_gettime", "gettimeofday",
            ]
            return file.tokens.indices.filter { index in
                clocks.contains(file.text(index)) && ["(", "."].contains(file.text(index + 1))
            }.map { Finding(file.tokens[$0].line, "`\(file.text($0))` in a test") }
        }),
    Rule(
        "a test has no fixed port", path: testPath,
        good: ["listen(port: 0)", "let a = \"http://10.0.0.1:2380\"", "listen(\"127.0.0.1:0\")"],
        bad: [
            "listen(port: 2379)", "listen(\"127.0.0.1:2379\")", "let a = \"http://localhost:80\"",
            "let a = \"0.0.0.0:1\"",
        ],
        inFile: fixedPorts),
    Rule(
        "no test is switched off", path: testPath,
        good: ["@Test func a() {}", "// .disabled(because)", "let a = disabled(1)"],
        bad: [
            "@Test(.disabled(\"flaky\")) func a() {}", "withKnownIssue { a() }",
            "@Test(.disabled()) func a() {}",
        ],
        inFile: { file in
            guard file.isTest else { return [] }
            return file.tokens.indices.filter { index in
                file.text(index) == "withKnownIssue"
                    || (file.text(index) == "disabled" && file.text(index - 1) == ".")
            }.map { Finding(file.tokens[$0].line, "a test is switched off") }
        }),
]

private func calls(of names: Set<String>, in file: SourceFile) -> [Int] {
    guard file.isTest else { return [] }
    return file.tokens.indices.filter { index in
        names.contains(file.text(index)) && file.text(index + 1) == "("
            && file.text(index - 1) != "func"
    }.map { file.tokens[$0].line }
}

private func fixedPorts(in file: SourceFile) -> [Finding] {
    // The examples of the rules are text themselves.
    guard file.isTest, file.module != "TidyTests" else { return [] }
    let labels = file.tokens.indices.filter { index in
        file.text(index).lowercased().hasSuffix("port") && file.text(index + 1) == ":"
            && (Int(file.text(index + 2)) ?? 0) != 0
    }.map { file.tokens[$0].line }
    let address = #/(127\.0\.0\.1|0\.0\.0\.0|localhost|\[::1?\]):[1-9]/#
    let texts = file.literals.indices.filter { file.literals[$0].contains(address) }.map { $0 + 1 }
    return (labels + texts).map { Finding($0, "a fixed port") }
}
