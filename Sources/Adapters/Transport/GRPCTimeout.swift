internal import NIOCore

/// The time that a client gives a call, as gRPC over HTTP/2 writes it: up to eight digits and a
/// unit.
struct GRPCTimeout {
    /// Longer ones are cut: a clock could not reach them.
    private static let secondsMax: Int64 = 1_000_000_000

    let amount: TimeAmount

    /// Reads a header's value.
    init(_ text: String) throws(GRPCTimeoutError) {
        guard text.utf8.count >= 2 else { throw .tooShort(text) }
        guard text.utf8.count <= 9 else { throw .tooLong(text) }
        let nanoseconds: Int64
        switch text.last {
        case "H": nanoseconds = 3_600_000_000_000
        case "M": nanoseconds = 60_000_000_000
        case "S": nanoseconds = 1_000_000_000
        case "m": nanoseconds = 1_000_000
        case "u": nanoseconds = 1_000
        case "n": nanoseconds = 1
        default: throw .unknownUnit(text)
        }
        let digits = text.dropLast()
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int64(digits)
        else { throw .noNumber(String(digits)) }
        let most = Self.secondsMax * 1_000_000_000
        let (product, overflows) = count.multipliedReportingOverflow(by: nanoseconds)
        amount = .nanoseconds(overflows ? most : min(product, most))
    }
}

/// What is wrong with a timeout; grpc-go's texts.
enum GRPCTimeoutError: Error, Equatable, CustomStringConvertible {
    case tooShort(String)
    case tooLong(String)
    case unknownUnit(String)
    case noNumber(String)

    var description: String {
        switch self {
        case .tooShort(let text): "transport: timeout string is too short: \"\(text)\""
        case .tooLong(let text): "transport: timeout string is too long: \"\(text)\""
        case .unknownUnit(let text): "transport: timeout unit is not recognized: \"\(text)\""
        case .noNumber(let digits):
            "strconv.ParseUint: parsing \"\(digits)\": invalid syntax"
        }
    }
}
