internal import CNGHTTP2

/// The seam to nghttp2 on the client's side: makes sessions and turns its callbacks into calls of
/// `GRPCClientConnection`.
///
/// SAFETY: the user data is an unretained `GRPCClientConnection` that owns the session, so it
/// lives whenever a callback runs. Names and values are copied by nghttp2 during the call.
enum HTTP2ClientCallbacks {
    /// Bytes that a server may send on one call, and on all of them, before they are read.
    private static let streamWindowBytes: Int32 = 4 << 20
    private static let connectionWindowBytes: Int32 = 16 << 20

    /// A client session whose callbacks go to `connection`.
    static func makeSession(for connection: GRPCClientConnection) -> OpaquePointer? {
        var callbacks: OpaquePointer?
        unsafe nghttp2_session_callbacks_new(&callbacks)
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe register(callbacks)
        var option: OpaquePointer?
        unsafe nghttp2_option_new(&option)
        defer { unsafe nghttp2_option_del(option) }
        // Windows open when the reader has taken what came: that is the back-pressure.
        unsafe nghttp2_option_set_no_auto_window_update(option, 1)
        var session: OpaquePointer?
        let user = unsafe Unmanaged.passUnretained(connection).toOpaque()
        unsafe nghttp2_session_client_new2(&session, callbacks, user, option)
        return unsafe session
    }

    /// Announces our windows, and that we want no pushes.
    static func submitSettings(_ session: OpaquePointer?) {
        let settings: [nghttp2_settings_entry] = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(streamWindowBytes)),
        ]
        unsafe nghttp2_submit_settings(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
        unsafe nghttp2_session_set_local_window_size(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, connectionWindowBytes)
    }

    /// Begins a call; answers the stream's number, or a negative error.
    static func submitRequest(
        _ session: OpaquePointer, _ headers: [(name: String, value: String)]
    ) -> Int32 {
        var id: Int32 = 0
        unsafe HTTP2Callbacks.withPairs(headers) { pairs in
            var provider = unsafe nghttp2_data_provider()
            unsafe provider.read_callback = { _, id, target, length, flags, _, user in
                unsafe HTTP2ClientCallbacks.read(id, target, length, flags, user)
            }
            id = unsafe nghttp2_submit_request(
                session, nil, pairs.baseAddress, pairs.count, &provider, nil)
        }
        return id
    }

    private static func register(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, user in
            guard let frame = unsafe frame else { return 0 }
            let name = unsafe UnsafeBufferPointer(start: name, count: nameLength)
            let value = unsafe UnsafeBufferPointer(start: value, count: valueLength)
            unsafe HTTP2ClientCallbacks.connection(user)?.header(
                frame.pointee.hd.stream_id, String(decoding: name, as: UTF8.self),
                String(decoding: value, as: UTF8.self))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame,
                let connection = unsafe HTTP2ClientCallbacks.connection(user)
            else { return 0 }
            switch unsafe UInt32(frame.pointee.hd.type) {
            case NGHTTP2_SETTINGS.rawValue: connection.wasGreeted()
            case NGHTTP2_GOAWAY.rawValue: connection.goAway()
            default: break
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, id, data, length, user in
            unsafe HTTP2ClientCallbacks.connection(user)?.received(
                id, UnsafeRawBufferPointer(start: data, count: length))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            _, id, code, user in
            unsafe HTTP2ClientCallbacks.connection(user)?.closed(id, code: code)
            return 0
        }
    }

    private static func connection(_ user: UnsafeMutableRawPointer?) -> GRPCClientConnection? {
        guard let user = unsafe user else { return nil }
        return unsafe Unmanaged<GRPCClientConnection>.fromOpaque(user).takeUnretainedValue()
    }

    private static func read(
        _ id: Int32, _ target: UnsafeMutablePointer<UInt8>?, _ length: Int,
        _ flags: UnsafeMutablePointer<UInt32>?, _ user: UnsafeMutableRawPointer?
    ) -> Int {
        guard let connection = unsafe connection(user), let flags = unsafe flags else {
            return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: target, count: length)
        switch unsafe connection.fill(id, buffer) {
        case .filled(let count): return count
        case .deferred: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        case .failed: return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        case .ended(let count, _):
            unsafe flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
            return count
        }
    }
}
