package import NIOCore
package import Primitives

/// A connection between members: frames with a checksum, in both directions. Belongs to its event
/// loop.
///
/// A frame is the length of its body and the body's CRC-32C, both 32 bits and little-endian, and
/// the body (docs/formats/peer.md). A frame that is too long or damaged ends the connection.
package final class FrameConnection: ChannelInboundHandler {
    /// Bytes come in …
    package typealias InboundIn = ByteBuffer
    /// … and go out.
    package typealias OutboundOut = ByteBuffer

    /// Bytes before each body.
    static let prefixBytes = 8
    /// Bytes of one body.
    package static let bodyBytesMax = 256 << 20
    /// Bytes that may wait to be sent before `isWritable` becomes false.
    package static let bufferedBytesMax = 64 << 20

    /// Called with each body, in order.
    package var received: (Bytes) -> Void = { _ in }
    /// Called once when the connection is over, with the reason where it is known.
    package var closed: (_ reason: String) -> Void = { _ in }
    /// Bytes of a body that the other end may send; lower until it has introduced itself.
    package var acceptsBytesMax = 64 << 10

    private var context: ChannelHandlerContext?
    private var buffer: ByteBuffer?
    private var reason = "closed by the other end"
    private var isOver = false
    /// The other end's address.
    package private(set) var remoteAddress = ""

    /// A connection that is not in a channel yet.
    package init() {}

    /// Whether more should be sent now.
    package var isWritable: Bool { !isOver && context?.channel.isWritable == true }

    /// The channel is there.
    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = context.channel.remoteAddress.map { "\($0)" } ?? ""
    }

    /// The channel is gone.
    package func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    /// The other end is gone.
    package func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    /// Ends the connection, with the error as the reason.
    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = "\(error)"
        context.close(promise: nil)
    }

    /// Bytes have arrived.
    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        var arrived = unwrapInboundIn(data)
        var all: ByteBuffer
        if var kept = buffer, kept.readableBytes > 0 {
            // The buffer is let go of first, or appending would copy it.
            buffer = nil
            kept.writeBuffer(&arrived)
            all = kept
        } else {
            all = arrived
        }
        do {
            while !isOver, let body = try nextBody(&all) { received(body) }
        } catch {
            close("\(error)")
            return
        }
        if all.readableBytes == 0 {
            buffer = nil
        } else {
            all.discardReadBytes()
            buffer = all
        }
    }

    private func nextBody(_ buffer: inout ByteBuffer) throws(FrameError) -> Bytes? {
        let start = buffer.readerIndex
        guard let count = buffer.getInteger(at: start, endianness: .little, as: UInt32.self),
            let checksum = buffer.getInteger(
                at: start + 4, endianness: .little, as: UInt32.self)
        else { return nil }
        guard count <= acceptsBytesMax else { throw .tooLong(Int(count)) }
        guard buffer.readableBytes >= Self.prefixBytes + Int(count) else { return nil }
        buffer.moveReaderIndex(forwardBy: Self.prefixBytes)
        guard let body = buffer.readBytes(length: Int(count)) else { return nil }
        guard CRC32C.checksum(of: body) == checksum else { throw .damaged }
        return body
    }

    /// Queues a frame; `flush` sends what was queued.
    package func send(_ body: Bytes) {
        guard !isOver, let context, body.count <= Self.bodyBytesMax else { return }
        var buffer = context.channel.allocator.buffer(capacity: Self.prefixBytes + body.count)
        buffer.writeInteger(UInt32(body.count), endianness: .little)
        buffer.writeInteger(CRC32C.checksum(of: body), endianness: .little)
        buffer.writeBytes(body)
        context.write(wrapOutboundOut(buffer), promise: nil)
    }

    /// Sends what was queued.
    package func flush() {
        context?.flush()
    }

    /// Hangs up once everything queued is sent, or at once if it cannot be.
    package func close(_ reason: String) {
        guard !isOver else { return }
        self.reason = reason
        guard let context else { return }
        context.flush()
        context.close(promise: nil)
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        context = nil
        buffer = nil
        let closed = closed
        received = { _ in }
        self.closed = { _ in }
        closed(reason)
    }
}

/// Why a frame cannot be read.
enum FrameError: Error, CustomStringConvertible {
    case tooLong(Int)
    case damaged

    var description: String {
        switch self {
        case .tooLong(let count): "a frame of \(count) bytes is too long"
        case .damaged: "a frame is damaged (checksum)"
        }
    }
}
