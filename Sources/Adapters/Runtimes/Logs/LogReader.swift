internal import Glibc
internal import Primitives

/// Reads a container's log, over the files that were put aside, while it is written.
///
/// SAFETY: buffers passed to the kernel are locals that outlive the call.
package struct LogReader {
    /// How often somebody who follows looks again.
    private static let pace = Duration.milliseconds(50)
    /// Read at once.
    private static let chunkBytes = 64 << 10

    private let path: String
    private let query: LogQuery
    private var file: Descriptor
    /// A line whose end is not there yet.
    private var beginning = Bytes()
    /// Whether the last line given away was a part of one.
    private var isWithinLine = false
    /// Lines to leave out, of those from `since` on.
    private var linesToSkip = 0
    private var bytesLeft: Int

    /// Opens the log that is written to a file.
    /// - Throws: if there is none.
    package init(_ path: String, _ query: LogQuery) throws(HostFailure) {
        self.path = path
        self.query = query
        bytesLeft = query.bytesMax ?? .max
        file = try Self.oldest(path)
        guard let tail = query.tailLines else { return }
        if tail == 0 && !query.isFollowing {
            bytesLeft = 0
            return
        }
        var counter = self
        linesToSkip = max(0, try counter.countLines() - tail)
        // The counter has read the file of both.
        try HostCalls.check("seek", path) { lseek(file.number, 0, SEEK_SET) }
    }

    /// Reads on, giving the text away in pieces; returns at the end of the log, or, if the query
    /// follows, once `isOver` has answered true and nothing more was there after that.
    package mutating func read(
        isOver: () async -> Bool, _ give: ([UInt8]) async throws -> Void
    ) async throws {
        while bytesLeft > 0 {
            // Asked before reading: what was written before the end is read after the answer.
            let isLast = query.isFollowing ? await isOver() : true
            while let chunk = try nextChunk() {
                let piece = piece(of: chunk)
                if !piece.isEmpty { try await give(piece) }
                if bytesLeft == 0 { return }
            }
            if isLast { return }
            try await Task.sleep(for: Self.pace)
        }
    }

    /// What comes next; nil at the end of what is there.
    private mutating func nextChunk() throws(HostFailure) -> ArraySlice<UInt8>? {
        while true {
            if let chunk = try readFile() { return chunk }
            guard let newer = try Self.newer(than: file, path) else { return nil }
            // Something may have been written between the end of the file and its rotation.
            if let chunk = try readFile() { return chunk }
            file = newer
        }
    }

    private func readFile() throws(HostFailure) -> ArraySlice<UInt8>? {
        var chunk = Bytes(repeating: 0, count: Self.chunkBytes)
        let count = try HostCalls.check("read", path) {
            unsafe Glibc.read(file.number, &chunk, chunk.count)
        }
        return count == 0 ? nil : chunk[..<count]
    }

    /// The lines that these bytes complete, from `since` on, of the output that is wanted.
    private mutating func lines(of bytes: ArraySlice<UInt8>) -> [LogLine] {
        var lines: [LogLine] = []
        var rest = beginning.isEmpty ? bytes : (beginning + bytes)[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if let line = LogLine(rest[..<end]), isWanted(line) { lines.append(line) }
            rest = rest[(end + 1)...]
        }
        beginning = Bytes(rest)
        return lines
    }

    private func isWanted(_ line: LogLine) -> Bool {
        if let output = query.output, line.isError != (output == .stderr) { return false }
        guard let since = query.since else { return true }
        return (line.nanoseconds ?? .max) >= since
    }

    private mutating func piece(of bytes: ArraySlice<UInt8>) -> Bytes {
        var piece = Bytes()
        for line in lines(of: bytes) { add(line, to: &piece) }
        if piece.count > bytesLeft { piece.removeLast(piece.count - bytesLeft) }
        bytesLeft -= piece.count
        return piece
    }

    private mutating func add(_ line: LogLine, to piece: inout Bytes) {
        if linesToSkip > 0 {
            if line.isWhole { linesToSkip -= 1 }
            return
        }
        if query.hasTimestamps && !isWithinLine {
            piece += line.time
            piece.append(UInt8(ascii: " "))
        }
        piece += line.text
        if line.isWhole { piece.append(UInt8(ascii: "\n")) }
        isWithinLine = !line.isWhole
    }

    /// The lines there are that are wanted; a part at the very end counts as one.
    private mutating func countLines() throws(HostFailure) -> Int {
        var count = 0
        var isOpen = false
        while let chunk = try nextChunk() {
            for line in lines(of: chunk) {
                if line.isWhole { count += 1 }
                isOpen = !line.isWhole
            }
        }
        return count + (isOpen ? 1 : 0)
    }

    // Files are told apart by their inodes: while one is read its name may become another's.

    /// The names that a log's files may have, the oldest first, as far as they exist.
    private static func names(_ path: String) -> [String] {
        var names = [path]
        var gaps = 0
        for number in 1..<1000 where gaps < 2 {
            let name = "\(path).\(number)"
            // While the files are renamed one number may be free.
            if HostFiles.status(name) == nil { gaps += 1 } else { names.append(name) }
        }
        return names.reversed()
    }

    private static func oldest(_ path: String) throws(HostFailure) -> Descriptor {
        for name in names(path) {
            // One that was renamed meanwhile is found under its new name.
            if let file = try? HostFiles.open(name, O_RDONLY) { return file }
        }
        return try HostFiles.open(path, O_RDONLY)
    }

    /// The file after this one; nil if this one is still written to.
    private static func newer(
        than file: Descriptor, _ path: String
    ) throws(HostFailure) -> Descriptor? {
        let inode = HostFiles.status(of: file.number)?.st_ino
        let files = names(path).map { ($0, HostFiles.status($0)?.st_ino) }
        let index = files.firstIndex { $0.1 == inode }
        if index == files.count - 1 { return nil }
        // One that is gone altogether is followed by the oldest that is left.
        let (next, wanted) = files[index.map { $0 + 1 } ?? 0]
        // Renamed since it was looked at: the next look finds it.
        guard let found = try? HostFiles.open(next, O_RDONLY),
            HostFiles.status(of: found.number)?.st_ino == wanted
        else { return nil }
        return found
    }
}
