internal import Primitives

/// Finds parts of a JSON text without building its values. For texts that are known to be valid,
/// those of our own writer; with others it ends early, never beyond the text.
struct JSONScanner {
    let bytes: Bytes
    var position: Int

    init(_ bytes: Bytes, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Enters the object that is next; false if something else is.
    mutating func enterObject() -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return false }
        position += 1
        return true
    }

    /// The name of the next member of the object that was entered, with the scanner at its value;
    /// nil at the end. The value must be read or skipped before the next call.
    mutating func nextName() -> Range<Int>? {
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: ",") {
            position += 1
            skipSpace()
        }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        let start = position + 1
        skipString()
        let name = start..<max(start, position - 1)
        skipSpace()
        if position < bytes.count { position += 1 }
        skipSpace()
        return name
    }

    /// Goes to the value of a member of the object that is next; false if there is none.
    mutating func find(_ name: String) -> Bool {
        guard enterObject() else { return false }
        while let found = nextName() {
            if equal(found, name) { return true }
            skipValue()
        }
        return false
    }

    /// Whether the bytes of a range are those of a text without escapes.
    func equal(_ range: Range<Int>, _ text: String) -> Bool {
        range.count == text.utf8.count && bytes[range].elementsEqual(text.utf8)
    }

    /// Passes the value that is next.
    mutating func skipValue() {
        var depth = 0
        repeat {
            guard position < bytes.count else { return }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                skipString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
            case UInt8(ascii: ","):
                if depth == 0 { return }
            default: break
            }
            position += 1
            // A number or a word ends before what follows it.
        } while depth > 0 || isInScalar
    }

    private var isInScalar: Bool {
        guard position < bytes.count else { return false }
        switch bytes[position - 1] {
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "\""): return false
        default: break
        }
        switch bytes[position] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): return false
        default: return true
        }
    }

    /// Passes the string whose opening quote is next.
    private mutating func skipString() {
        position += 1
        while position < bytes.count {
            position = plainEnd(of: bytes.span, from: position).end
            guard position < bytes.count else { return }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): position = min(position + 2, bytes.count)
            default: position += 1
            }
        }
    }

    /// The value that is next.
    func value() -> JSON? {
        var parser = JSONParser(bytes)
        parser.position = position
        // Only a text that is not ours fails here; it has no such value then.
        return try? parser.nextValue()
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    }
}
