import NIOCore
import NIOEmbedded
import NIOSSL

/// How servers are recognised: made once for many connections.
struct LoadSecurity {
    let context: NIOSSLContext

    /// Trusts what the authority in the PEM file has signed, and offers HTTP/2 alone.
    /// - Throws: NIOSSL's error if the file holds no certificate.
    init(authorityFile: String) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authorityFile)
        configuration.certificateVerification = .noHostnameVerification
        configuration.applicationProtocols = ["h2"]
        context = try NIOSSLContext(configuration: configuration)
    }
}

/// The client's end of TLS without a socket: bytes in, bytes out. NIO's handler does the work, in a
/// channel that moves only when it is called.
///
/// SAFETY: bytes that are handed in are copied, and those handed out are used, during the call;
/// `take` fills no more than the room it is given.
@safe
final class LoadTLS {
    private let channel = EmbeddedChannel()
    /// What is to be encrypted, and what has been.
    private var plain = ByteBuffer()
    private var encrypted = ByteBuffer()

    /// Begins the handshake.
    init(_ security: LoadSecurity) throws {
        let handler = try NIOSSLClientHandler(context: security.context, serverHostname: nil)
        try channel.pipeline.syncOperations.addHandler(handler)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        collect()
    }

    /// Whether something waits to be sent.
    var hasOutgoing: Bool { plain.readableBytes > 0 || encrypted.readableBytes > 0 }

    /// Decrypts; `body` is given the parts and says whether to go on.
    func receive(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Bool
    ) throws -> Bool {
        var buffer = channel.allocator.buffer(capacity: bytes.count)
        unsafe buffer.writeBytes(bytes)
        try channel.writeInbound(buffer)
        collect()
        while let part = try channel.readInbound(as: ByteBuffer.self) {
            let isTaken = unsafe part.withUnsafeReadableBytes { unsafe body($0) }
            guard isTaken else { return false }
        }
        return true
    }

    /// Remembers bytes to be encrypted.
    func send(_ bytes: UnsafeRawBufferPointer) {
        unsafe plain.writeBytes(bytes)
    }

    /// Encrypts all that was sent and moves as much as fits; answers how much.
    func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        if plain.readableBytes > 0 {
            // During the handshake the handler keeps it.
            channel.writeAndFlush(plain, promise: nil)
            plain = ByteBuffer()
            collect()
        }
        let count = min(room.count, encrypted.readableBytes)
        _ = unsafe encrypted.readWithUnsafeReadableBytes { bytes in
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            return count
        }
        if encrypted.readableBytes == 0 { encrypted.clear() }
        return count
    }

    private func collect() {
        // Throws only for another type than the one that the handler writes.
        while var part = try? channel.readOutbound(as: ByteBuffer.self) {
            encrypted.writeBuffer(&part)
        }
    }
}
