internal import Glibc
internal import NIOCore

/// One end of a connection that passes through: hands what it receives to the other end, and
/// reads only while that has room. Belongs to the event loop of both ends.
///
/// Each direction ends for itself: what one side closes, the other side sees closed once
/// everything before has been sent. A side that breaks resets the other.
final class PipeEnd: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var partner: PipeEnd?
    /// What came before there was a partner. NIO reads without being asked when a side ends or
    /// breaks: up to a socket's buffer full.
    private var early: [ByteBuffer] = []
    private var context: ChannelHandlerContext?
    private var wantsRead = false
    /// This side has said everything.
    private var isInputClosed = false
    /// This side has been told that there is nothing more for it, behind what is to be sent.
    private var isFinishing = false
    /// The other side has left: once that is told, nobody listens to this one.
    private var closesAll = false
    private var isOutputClosed = false
    /// It was reset from outside.
    private var hasFailed = false

    /// Called when the channel has become active.
    private let onActive: () -> Void

    init(onActive: @escaping () -> Void = {}) {
        self.onActive = onActive
    }

    /// Lets bytes flow between two ends whose channels are active.
    static func join(_ one: PipeEnd, _ other: PipeEnd) {
        one.partner = other
        other.partner = one
        for end in [one, other] { end.begin() }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        onActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let partner { partner.write(bytes) } else { early.append(bytes) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        partner?.context?.flush()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            isInputClosed = true
            partner?.finish()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { partner?.resumeReading() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if let partner, partner.hasRoom {
            context.read()
        } else {
            wantsRead = true
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        hasFailed = true
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let other = partner
        partner = nil
        early = []
        other?.partner = nil
        // NIO does not tell of the end of the input when the output has ended before.
        switch (isInputClosed, isOutputClosed) {
        case _ where hasFailed: other?.reset()
        case (false, false): other?.reset()
        case (false, true): other?.finish()
        // It had said everything and left without listening: what it said still counts.
        case (true, false): other?.leave()
        case (true, true): break
        }
        context.fireChannelInactive()
    }

    /// Hangs up so that the other side of the network sees a failure and not an end.
    func reset() {
        context?.channel.reset()
    }

    /// Catches up on what came before there was a partner.
    private func begin() {
        for bytes in early { partner?.write(bytes) }
        early = []
        partner?.context?.flush()
        if isInputClosed { partner?.finish() }
        resumeReading()
    }

    private var hasRoom: Bool { context?.channel.isWritable == true }

    private func resumeReading() {
        guard wantsRead, let context else { return }
        wantsRead = false
        read(context: context)
    }

    private func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Nothing more will be written. NIO drops what waits to be written when both directions are
    /// closed, so the end is told once everything has left.
    private func finish() {
        guard let context, !isFinishing else { return }
        isFinishing = true
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenSuccess {
            self.isOutputClosed = true
            channel.close(mode: self.closesAll ? .all : .output, promise: nil)
        }
    }

    /// Nothing more will be written, nor read. The end may have been told already.
    private func leave() {
        closesAll = true
        if isOutputClosed { context?.close(promise: nil) } else { finish() }
    }
}

extension Channel {
    /// Closes with RST, which drops whatever is on the way in either direction.
    func reset() {
        // A socket that is gone needs no option.
        _ = (self as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        close(promise: nil)
    }
}
