/// Remembers the header texts of a connection, which repeat with every request, so that they are
/// not made anew each time. Direct-mapped and small: a miss costs one string.
struct TextCache {
    private static let slots = 64
    private var bytes: [[UInt8]] = Array(repeating: [], count: slots)
    private var texts: [String] = Array(repeating: "", count: slots)

    /// The text of these bytes; what is not UTF-8 is repaired.
    // SAFETY: the buffer is only read during the call.
    mutating func text(_ buffer: UnsafeBufferPointer<UInt8>) -> String {
        if buffer.count <= 15 { return unsafe String(decoding: buffer, as: UTF8.self) }
        var hash: UInt32 = 2_166_136_261
        for unsafe byte in unsafe buffer { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let slot = Int(hash % UInt32(Self.slots))
        if unsafe bytes[slot].elementsEqual(buffer) { return texts[slot] }
        let text = unsafe String(decoding: buffer, as: UTF8.self)
        if buffer.count <= 256 {
            bytes[slot] = unsafe Array(buffer)
            texts[slot] = text
        }
        return text
    }
}
