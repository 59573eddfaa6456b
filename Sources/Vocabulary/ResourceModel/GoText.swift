/// Texts as Go's standard library prints them: Kubernetes' messages are made of them.
public enum GoText {
    /// A string in quotes, as `%q` prints it.
    public static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{7}": quoted += "\\a"
            case "\u{8}": quoted += "\\b"
            case "\u{c}": quoted += "\\f"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{b}": quoted += "\\v"
            default:
                if isPrintable(scalar) {
                    quoted.unicodeScalars.append(scalar)
                } else if scalar.value < 0x80 {
                    quoted += "\\x" + hex(scalar.value, digits: 2)
                } else if scalar.value < 0x1_0000 {
                    quoted += "\\u" + hex(scalar.value, digits: 4)
                } else {
                    quoted += "\\U" + hex(scalar.value, digits: 8)
                }
            }
        }
        return quoted + "\""
    }

    /// A number as `%v` prints it: with an exponent below 1e-4 and from 1e21 on.
    public static func shortNumber(_ value: Double) -> String {
        guard value.isFinite, value != 0, value.magnitude < 1e-4 || value.magnitude >= 1e21 else {
            return number(value)
        }
        let (digits, exponent) = decimal(value.magnitude)
        let fraction = digits.dropFirst()
        let mantissa = digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
        let power = String(exponent.magnitude)
        return (value < 0 ? "-" : "") + mantissa + (exponent < 0 ? "e-" : "e+")
            + (power.count < 2 ? "0" + power : power)
    }

    /// A number as encoding/json writes it: without an exponent from 1e-6 up to below 1e21.
    public static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = decimal(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if value.magnitude < 1e-6 || value.magnitude >= 1e21 {
            let fraction = digits.dropFirst()
            let mantissa = digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
            return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The shortest digits that stand for a positive number, without zeros at either end, and
    /// the power of ten of the first of them.
    private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
        var digits: [UInt8] = []
        var exponent = 0
        var pointAfter: Int?
        let text = value.description.utf8
        for (index, byte) in zip(text.indices, text) {
            if byte == UInt8(ascii: "e") {
                exponent = Int(String(text[text.index(after: index)...]) ?? "") ?? 0
                break
            }
            if byte == UInt8(ascii: ".") { pointAfter = digits.count } else { digits.append(byte) }
        }
        exponent += (pointAfter ?? digits.count) - 1
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (String(decoding: digits, as: UTF8.self), exponent - zeros)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
