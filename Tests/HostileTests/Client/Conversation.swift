import Primitives
import Wire

/// An HTTP/2 connection on which anything can be said.
final class Conversation {
    let connection: RawConnection
    private let inflater = HeaderInflater()
    private var buffer: Bytes = []
    private var lastStream: UInt32 = 0
    /// Messages that came on streams, without their prefixes.
    private(set) var messages: [UInt32: Bytes] = [:]
    private var heads: [UInt32: [String: String]] = [:]
    private var goAway: UInt32?
    /// What GOAWAY said beside its code.
    private(set) var farewell = ""

    /// Connects and says the preface and `settings`.
    init(
        port: Int, settings: Bytes = [], receiveBytes: Int32? = nil, greets: Bool = true
    ) throws {
        connection = try RawConnection(port: port, receiveBytes: receiveBytes)
        guard greets else { return }
        connection.send(Frame.preface + Frame(Frame.Kind.settings, settings).bytes())
    }

    @discardableResult
    func send(_ frames: Frame...) -> Bool {
        connection.send(frames.flatMap { $0.bytes() })
    }

    /// A number for a new stream.
    func nextStream() -> UInt32 {
        lastStream = lastStream == 0 ? 1 : lastStream + 2
        return lastStream
    }

    /// Sends a request without waiting for its answer.
    @discardableResult
    func open(_ call: Call) -> UInt32 {
        let stream = nextStream()
        let endsAtOnce = call.ends && call.body.isEmpty
        let flags = Frame.Flag.endHeaders | (endsAtOnce ? Frame.Flag.endStream : 0)
        send(Frame(Frame.Kind.headers, flags: flags, stream: stream, call.headerBlock))
        if !call.body.isEmpty { sendBody(call.body, on: stream, ends: call.ends) }
        return stream
    }

    /// Sends a part of a body, as the server gives room for it.
    func sendBody(_ body: Bytes, on stream: UInt32, ends: Bool = false) {
        var rest = body[...]
        while !rest.isEmpty {
            while room(of: stream) <= 0, early[stream] == nil {
                guard let frame = frame() else { return }
                if let answer = take(frame) { early[frame.stream] = answer }
            }
            // An answer before the end of the request ends it.
            guard early[stream] == nil else { return }
            let part = Bytes(rest.prefix(min(16_384, room(of: stream))))
            rest = rest.dropFirst(part.count)
            sent[stream, default: 0] += part.count
            let flags = rest.isEmpty && ends ? Frame.Flag.endStream : 0
            send(Frame(Frame.Kind.data, flags: flags, stream: stream, part))
        }
    }

    /// Bytes that the server takes on a stream now.
    private func room(of stream: UInt32) -> Int {
        firstRoom + given[stream, default: 0] - sent[stream, default: 0]
    }

    private var firstRoom = 65_535
    private var given: [UInt32: Int] = [:]
    private var sent: [UInt32: Int] = [:]
    /// Answers that came before they were asked for.
    private var early: [UInt32: Answer] = [:]

    /// Sends a request and waits for its answer.
    func call(_ call: Call, patience: Int32 = 5_000) -> Answer {
        answer(open(call), patience: patience)
    }

    /// The next frame; nil at the end or after `patience` milliseconds of silence.
    func frame(patience: Int32 = 5_000) -> Frame? {
        while true {
            if let frame = takeFrame() { return frame }
            switch connection.receive(patience: patience) {
            case .bytes(let bytes): buffer += bytes
            case .closed:
                isClosed = true
                return nil
            case .silence: return nil
            }
        }
    }

    private(set) var isClosed = false

    private func takeFrame() -> Frame? {
        guard buffer.count >= 9 else { return nil }
        let count = Int(buffer[0]) << 16 | Int(buffer[1]) << 8 | Int(buffer[2])
        guard buffer.count >= 9 + count else { return nil }
        let stream = buffer[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let frame = Frame(
            buffer[3], flags: buffer[4], stream: stream, Bytes(buffer[9..<9 + count]))
        buffer.removeFirst(9 + count)
        return frame
    }

    /// How the server answers on a stream, 0 for the connection: whatever ends it.
    func answer(_ stream: UInt32, patience: Int32 = 5_000) -> Answer {
        if let answer = early.removeValue(forKey: stream) { return answer }
        while let frame = frame(patience: patience) {
            guard let answer = take(frame) else { continue }
            if frame.stream == stream || stream == 0 { return answer }
            early[frame.stream] = answer
        }
        guard isClosed else { return .silence }
        return goAway.map { .goAway($0) } ?? .closed
    }

    /// How the connection ends.
    func ending(patience: Int32 = 5_000) -> Answer {
        while let frame = frame(patience: patience) { _ = take(frame) }
        guard isClosed else { return .silence }
        return goAway.map { .goAway($0) } ?? .closed
    }

    /// Takes a frame in; the stream's answer if it ends one.
    private func take(_ frame: Frame) -> Answer? {
        let ends = frame.flags & Frame.Flag.endStream != 0
        switch frame.kind {
        case Frame.Kind.headers:
            heads[frame.stream, default: [:]].merge(inflater.headers(frame.payload)) { $1 }
            return ends ? finish(frame.stream) : nil
        case Frame.Kind.data:
            messages[frame.stream, default: []] += frame.payload
            giveRoom(frame)
            return ends ? finish(frame.stream) : nil
        case Frame.Kind.reset:
            return .reset(frame.payload.reduce(0) { $0 << 8 | UInt32($1) })
        case Frame.Kind.goAway:
            goAway = frame.payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
            farewell = String(decoding: frame.payload[8...], as: UTF8.self)
            return nil
        case Frame.Kind.settings where frame.flags & Frame.Flag.acknowledgement == 0:
            learn(frame.payload)
            return nil
        case Frame.Kind.windowUpdate:
            given[frame.stream, default: 0] += Int(frame.payload.reduce(0) { $0 << 8 | UInt32($1) })
            return nil
        case Frame.Kind.ping where frame.flags & Frame.Flag.acknowledgement == 0:
            pings += 1
            return nil
        default: return nil
        }
    }

    /// The server's settings; of interest is only how much it takes on a new stream.
    private func learn(_ settings: Bytes) {
        for start in stride(from: 0, to: settings.count - 5, by: 6) where settings[start + 1] == 4 {
            firstRoom = Int(settings[(start + 2)..<(start + 6)].reduce(0) { $0 << 8 | UInt32($1) })
        }
        send(Frame(Frame.Kind.settings, flags: Frame.Flag.acknowledgement))
    }

    /// Pings that the server sent.
    private(set) var pings = 0

    private func giveRoom(_ frame: Frame) {
        guard !frame.payload.isEmpty else { return }
        let room = Frame.word(UInt32(frame.payload.count))
        send(
            Frame(Frame.Kind.windowUpdate, room),
            Frame(Frame.Kind.windowUpdate, stream: frame.stream, room))
    }

    private func finish(_ stream: UInt32) -> Answer {
        let head = heads.removeValue(forKey: stream) ?? [:]
        let message = GRPCStatus.decodeMessage(head["grpc-message"] ?? "")
        let body = String(decoding: messages[stream] ?? [], as: UTF8.self)
        guard head[":status"] == "200" else {
            let text = head["grpc-status"].map { "\($0) \(message)" } ?? body
            return .refused(Int(head[":status"] ?? "") ?? 0, text)
        }
        guard let code = head["grpc-status"].flatMap({ Int($0) }) else { return .page(body) }
        return .status(code, message)
    }
}
