import ResourceModel
import Testing

/// As Kubernetes' resource.Quantity reads and prints.
@Suite struct QuantityTests {
    private static let amounts: [(String, String)] = [
        ("0", "0"), ("-0", "0"), ("1", "1"), ("+1", "1"), ("100", "100"), ("1000", "1k"),
        ("1500", "1500"), ("0.5", "500m"), (".5", "500m"), ("5.", "5"), ("500m", "500m"),
        ("1000m", "1"), ("1500m", "1500m"), ("0.0001", "100u"), ("1n", "1n"), ("0.1n", "1n"),
        ("1.00000000001", "1000000001n"), ("-0.1n", "-1n"), ("1Ki", "1Ki"), ("1024Ki", "1Mi"),
        ("1.5Gi", "1536Mi"), ("1.1Gi", "1181116006400m"), ("0.5Ki", "512"), ("1000Ki", "1000Ki"),
        ("128Mi", "128Mi"), ("-2Ki", "-2Ki"), ("1e3", "1e3"), ("1E3", "1e3"), ("12e-1", "1200e-3"),
        ("1e0", "1"), ("1E", "1E"), ("1M", "1M"), ("1.25G", "1250M"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9223372036854775807"), ("9Ei", "9223372036854775807"),
        ("7Ei", "7Ei"), ("1e100", "9223372036854775807"), ("-1e100", "-9223372036854775807"),
        ("1e-100", "1e-9"), ("000000000000000000000000000000000000000007", "7"),
        ("0.1234567890123456789012345", "123456790n"),
    ]

    @Test(arguments: amounts)
    func `an amount has one canonical form`(_ text: String, _ canonical: String) throws {
        let quantity = try Quantity(parsing: text)
        #expect("\(quantity)" == canonical)
        #expect(try Quantity(parsing: canonical) == quantity)
    }

    @Test(arguments: ["", "-", ".", "1 ", " 1", "x", "1x", "0x1", "1.2.3", "--1"])
    func `what is malformed is refused`(_ text: String) {
        let error = #expect(throws: Quantity.Failure.self) { try Quantity(parsing: text) }
        #expect(error == .wrongFormat || text == "1.2.3")
    }

    @Test(arguments: ["1ki", "1mi", "1KB", "1e", "1mm", "1e1.5"])
    func `an unknown suffix is refused`(_ text: String) {
        #expect(throws: Quantity.Failure.self) { try Quantity(parsing: text) }
    }

    @Test func `amounts compare by value and round up`() throws {
        #expect(try Quantity(parsing: "1Gi") == Quantity(parsing: "1073741824"))
        #expect(try Quantity(parsing: "1M") < Quantity(parsing: "1Mi"))
        #expect(try Quantity(parsing: "1500m").roundedUp == 2)
        #expect(try Quantity(parsing: "-1500m").roundedUp == -1)
        #expect(try Quantity(parsing: "100u").thousandthsRoundedUp == 1)
        #expect(try "\(Quantity(parsing: "1Gi") + Quantity(parsing: "512Mi"))" == "1536Mi")
        #expect(try "\(Quantity(parsing: "1") - Quantity(parsing: "250m"))" == "750m")
        #expect(try Quantity(.integer(2)) == Quantity(2))
        #expect(try Quantity(.number(0.5)) == Quantity(parsing: "500m"))
        #expect(throws: Quantity.Failure.self) { try Quantity(.bool(true)) }
    }
}
