/// An amount of a resource, as in `500m` or `1.5Gi`: exact down to a billionth, where Kubernetes
/// rounds up, and capped at what 64 bits hold, as there.
public struct Quantity: Sendable, Hashable {
    /// How an amount is written.
    public enum Form: Sendable, Hashable {
        /// Powers of ten: `m`, `k`, `M`.
        case decimal
        /// Powers of 1024: `Ki`, `Mi`.
        case binary
        /// Powers of ten as in `1e3`.
        case exponent
    }

    /// Why a text is no quantity, with Kubernetes' words.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case wrongFormat
        case unknownSuffix

        /// The words.
        public var description: String {
            switch self {
            case .wrongFormat:
                "quantities must match the regular expression"
                    + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            case .unknownSuffix: "unable to parse quantity's suffix"
            }
        }
    }

    /// The amount in billionths.
    public var billionths: Int128
    /// How it is written.
    public var form: Form

    /// Makes an amount.
    public init(billionths: Int128, form: Form = .decimal) {
        self.billionths = billionths
        self.form = form
    }

    /// Makes a whole amount.
    public init(_ value: Int64, form: Form = .decimal) {
        self.init(billionths: Int128(value) * Self.billion, form: form)
    }

    /// Reads an amount, from a text or a number.
    public init(_ value: JSON) throws(Failure) {
        switch value {
        case .string(let text): try self.init(parsing: text)
        case .integer(let value): self.init(value)
        case .number(let value): try self.init(parsing: GoText.number(value))
        default: throw .wrongFormat
        }
    }

    /// The least whole number that is not below the amount (Kubernetes' `Value`).
    public var roundedUp: Int64 { Int64(clamping: Self.up(billionths, Self.billion)) }

    /// The same in thousandths (Kubernetes' `MilliValue`).
    public var thousandthsRoundedUp: Int64 {
        Int64(clamping: Self.up(billionths, Self.billion / 1000))
    }

    private static func up(_ value: Int128, _ unit: Int128) -> Int128 {
        let quotient = value / unit
        return value % unit > 0 ? quotient + 1 : quotient
    }

    static let billion: Int128 = 1_000_000_000
    /// The largest amount.
    static let billionthsMax = Int128(Int64.max) * billion

    /// The sum, written as the left one.
    public static func + (left: Quantity, right: Quantity) -> Quantity {
        let sum = left.billionths + right.billionths
        return Quantity(billionths: max(-billionthsMax, min(billionthsMax, sum)), form: left.form)
    }

    /// The difference, written as the left one.
    public static func - (left: Quantity, right: Quantity) -> Quantity {
        left + Quantity(billionths: -right.billionths)
    }
}

extension Quantity: Comparable {
    /// Equal amounts are equal in whatever form they are written.
    public static func == (left: Self, right: Self) -> Bool { left.billionths == right.billionths }
    /// Orders by the amount.
    public static func < (left: Self, right: Self) -> Bool { left.billionths < right.billionths }
    /// Hashes the amount.
    public func hash(into hasher: inout Hasher) { hasher.combine(billionths) }
}

extension Quantity: CustomStringConvertible {
    /// The canonical form: the largest suffix that leaves a whole number.
    public var description: String {
        if billionths == 0 { return "0" }
        let isSmall = billionths.magnitude < 1024 * UInt128(Self.billion)
        if form == .binary, !isSmall, billionths % Self.billion == 0 {
            var value = billionths / Self.billion
            var power = 0
            while value % 1024 == 0, power < 6 {
                value /= 1024
                power += 1
            }
            return "\(value)\(Self.binarySuffixes[power])"
        }
        var value = billionths
        var exponent = -9
        while value % 1000 == 0, exponent < 18 {
            value /= 1000
            exponent += 3
        }
        if form == .exponent { return exponent == 0 ? "\(value)" : "\(value)e\(exponent)" }
        return "\(value)\(Self.decimalSuffixes[exponent / 3 + 3])"
    }

    fileprivate static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
    fileprivate static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
}

extension Quantity {
    /// Reads an amount.
    public init(parsing text: String) throws(Failure) {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        let isDigit: (Character) -> Bool = { $0.isASCII && $0.isNumber }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = Substring()
        if rest.first == "." {
            rest.removeFirst()
            fraction = rest.prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count)
        }
        if whole.isEmpty && fraction.isEmpty { throw .wrongFormat }
        let scale = try Self.scale(String(rest))
        let amount = Self.billionths(whole: whole, fraction: fraction, scale)
        self.init(billionths: isNegative ? -amount : amount, form: scale.form)
    }

    private struct Scale {
        var form: Form
        /// The amount is to be multiplied by ten to this power …
        var tens = 0
        /// … or by 1024 to this power.
        var binary = 0
    }

    private static func scale(_ suffix: String) throws(Failure) -> Scale {
        if let power = decimalSuffixes.firstIndex(of: suffix) {
            return Scale(form: .decimal, tens: 3 * power - 9)
        }
        if let power = binarySuffixes.firstIndex(of: suffix) {
            return Scale(form: .binary, binary: power)
        }
        guard suffix.allSatisfy({ "eEinumkKMGTP+-0123456789".contains($0) }) else {
            throw .wrongFormat
        }
        guard suffix.first == "e" || suffix.first == "E", let tens = Int32(suffix.dropFirst())
        else {
            throw .unknownSuffix
        }
        return Scale(form: .exponent, tens: max(-1000, min(1000, Int(tens))))
    }

    /// The amount, rounded up to a billionth and capped.
    private static func billionths(
        whole: Substring, fraction: Substring, _ scale: Scale
    ) -> Int128 {
        // More than 18 digits behind the point decide only whether to round up.
        let kept = fraction.prefix(18)
        let isSticky = fraction.dropFirst(18).contains { $0 != "0" }
        let digits = whole.drop { $0 == "0" }
        guard digits.count <= 30 else { return scale.tens > -1000 ? billionthsMax : 1 }
        let tens = scale.tens + 9
        let binary = Int128(1) << (10 * Int128(scale.binary))
        let (high, isRounded) = scaled(Int128(digits) ?? 0, binary, tens: tens)
        let (low, isLowRounded) = scaled(Int128(kept) ?? 0, binary, tens: tens - kept.count)
        let sum = high.addingReportingOverflow(low)
        if sum.overflow || sum.partialValue >= billionthsMax { return billionthsMax }
        // Of a fraction both parts may be inexact only if the amount is below a billionth.
        return sum.partialValue + (isRounded || isLowRounded || isSticky ? 1 : 0)
    }

    /// `value · factor · 10^tens` without what is behind the point, and whether there was any.
    private static func scaled(_ value: Int128, _ factor: Int128, tens: Int) -> (Int128, Bool) {
        if value == 0 { return (0, false) }
        var (result, overflow) = value.multipliedReportingOverflow(by: factor)
        if overflow { return (billionthsMax, false) }
        for _ in 0..<max(0, tens) {
            (result, overflow) = result.multipliedReportingOverflow(by: 10)
            if overflow { return (billionthsMax, false) }
        }
        var isRounded = false
        for _ in 0..<max(0, -tens) where result > 0 {
            isRounded = isRounded || result % 10 != 0
            result /= 10
        }
        return (result, isRounded)
    }
}
