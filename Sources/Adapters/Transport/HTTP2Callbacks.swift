internal import CNGHTTP2

/// The seam to nghttp2: makes sessions and turns its callbacks into calls of `HTTP2Connection`.
///
/// SAFETY: the user data is an unretained `HTTP2Connection` that owns the session, so it lives
/// whenever a callback runs. Names and values are passed to nghttp2 without its NO_COPY flags,
/// so they need to live only during the call.
enum HTTP2Callbacks {
    /// A server session whose callbacks go to `connection`.
    static func makeSession(
        for connection: HTTP2Connection, _ limits: HTTP2Limits
    ) -> OpaquePointer? {
        var callbacks: OpaquePointer?
        unsafe nghttp2_session_callbacks_new(&callbacks)
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe register(callbacks)
        var option: OpaquePointer?
        unsafe nghttp2_option_new(&option)
        defer { unsafe nghttp2_option_del(option) }
        unsafe nghttp2_option_set_max_outbound_ack(option, limits.waitingAcknowledgementsMax)
        unsafe nghttp2_option_set_stream_reset_rate_limit(
            option, limits.resetBurst, limits.resetsPerSecond)
        unsafe nghttp2_option_set_max_continuations(option, limits.continuationsMax)
        unsafe nghttp2_option_set_max_settings(option, 32)
        unsafe nghttp2_option_set_max_deflate_dynamic_table_size(option, 4_096)
        // `IncomingHead` looks at requests instead.
        unsafe nghttp2_option_set_no_http_messaging(option, 1)
        var session: OpaquePointer?
        let user = unsafe Unmanaged.passUnretained(connection).toOpaque()
        unsafe nghttp2_session_server_new2(&session, callbacks, user, option)
        return unsafe session
    }

    private static func register(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
            _, frame, user in
            unsafe HTTP2Callbacks.beginHeaders(frame, user)
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, user in
            unsafe HTTP2Callbacks.header(frame, name, nameLength, value, valueLength, user)
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            unsafe HTTP2Callbacks.frameReceived(frame, user)
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, id, data, length, user in
            if let connection = unsafe HTTP2Callbacks.connection(user) {
                unsafe connection.received(id, UnsafeRawBufferPointer(start: data, count: length))
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            _, id, _, user in
            unsafe HTTP2Callbacks.connection(user)?.closed(id)
            return 0
        }
    }

    /// Announces our limits.
    static func submitSettings(_ session: OpaquePointer?, _ limits: HTTP2Limits) {
        let settings: [nghttp2_settings_entry] = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                value: UInt32(limits.streamsMax)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(limits.streamWindowBytes)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(limits.headerListBytesMax)),
        ]
        unsafe nghttp2_submit_settings(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
        unsafe nghttp2_session_set_local_window_size(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, limits.connectionWindowBytes)
    }

    /// Begins an answer.
    static func submitResponse(
        _ session: OpaquePointer, _ id: Int32, status: Int,
        headers: [(name: String, value: String)], hasBody: Bool
    ) {
        let all = [(name: ":status", value: String(status))] + headers
        unsafe withPairs(all) { pairs in
            guard hasBody else {
                unsafe nghttp2_submit_response(session, id, pairs.baseAddress, pairs.count, nil)
                return
            }
            var provider = unsafe nghttp2_data_provider()
            unsafe provider.read_callback = { session, id, target, length, flags, _, user in
                unsafe HTTP2Callbacks.read(session, id, target, length, flags, user)
            }
            unsafe nghttp2_submit_response(
                session, id, pairs.baseAddress, pairs.count, &provider)
        }
    }

    private static func connection(_ user: UnsafeMutableRawPointer?) -> HTTP2Connection? {
        guard let user = unsafe user else { return nil }
        return unsafe Unmanaged<HTTP2Connection>.fromOpaque(user).takeUnretainedValue()
    }

    private static func beginHeaders(
        _ frame: UnsafePointer<nghttp2_frame>?, _ user: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let frame = unsafe frame, let connection = unsafe connection(user),
            unsafe frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue),
            unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
        else { return 0 }
        connection.opening = IncomingHead(id: unsafe frame.pointee.hd.stream_id)
        return 0
    }

    private static func header(
        _ frame: UnsafePointer<nghttp2_frame>?, _ name: UnsafePointer<UInt8>?, _ nameLength: Int,
        _ value: UnsafePointer<UInt8>?, _ valueLength: Int, _ user: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let frame = unsafe frame, let connection = unsafe connection(user),
            connection.opening != nil,
            unsafe connection.opening?.id == frame.pointee.hd.stream_id
        else { return 0 }
        // What is beyond the limit is counted and not kept: a compressed block can stand for
        // thousands of times its size.
        guard connection.admitsHeader(nameLength + valueLength) else { return 0 }
        let nameBytes = unsafe UnsafeBufferPointer(start: name, count: nameLength)
        let valueBytes = unsafe UnsafeBufferPointer(start: value, count: valueLength)
        let nameText = unsafe connection.texts.text(nameBytes)
        let valueText = unsafe connection.texts.text(valueBytes)
        connection.opening?.take(name: nameText, value: valueText)
        return 0
    }

    private static func frameReceived(
        _ frame: UnsafePointer<nghttp2_frame>?, _ user: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let frame = unsafe frame, let connection = unsafe connection(user) else { return 0 }
        let header = unsafe frame.pointee.hd
        let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_SETTINGS.rawValue: connection.greeted()
        case NGHTTP2_PING.rawValue where !isAcknowledgement: connection.pinged()
        default: break
        }
        let isHeaders = header.type == UInt8(NGHTTP2_HEADERS.rawValue)
        guard isHeaders || header.type == UInt8(NGHTTP2_DATA.rawValue) else { return 0 }
        if isHeaders, unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
            connection.opened(header.stream_id)
        }
        if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
            connection.requestEnded(header.stream_id)
        }
        return 0
    }

    private static func read(
        _ session: OpaquePointer?, _ id: Int32, _ target: UnsafeMutablePointer<UInt8>?,
        _ length: Int, _ flags: UnsafeMutablePointer<UInt32>?, _ user: UnsafeMutableRawPointer?
    ) -> Int {
        guard let connection = unsafe connection(user), let flags = unsafe flags else {
            return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: target, count: length)
        switch unsafe connection.fill(id, buffer) {
        case .filled(let count): return count
        case .deferred: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        case .failed: return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        case .ended(let count, let trailers):
            unsafe flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
            if !trailers.isEmpty {
                unsafe flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
                unsafe withPairs(trailers) { pairs in
                    unsafe nghttp2_submit_trailer(session, id, pairs.baseAddress, pairs.count)
                }
            }
            return count
        }
    }

    /// Calls `body` with nghttp2's form of the headers; they are valid only during the call.
    static func withPairs(
        _ headers: [(name: String, value: String)],
        _ body: (UnsafeBufferPointer<nghttp2_nv>) -> Void
    ) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headers.count * 48)
        for header in headers {
            bytes.append(contentsOf: header.name.utf8)
            bytes.append(contentsOf: header.value.utf8)
        }
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            var offset = 0
            var pairs = unsafe [nghttp2_nv]()
            unsafe pairs.reserveCapacity(headers.count)
            for header in headers {
                let (name, value) = (header.name.utf8.count, header.value.utf8.count)
                unsafe pairs.append(
                    nghttp2_nv(
                        name: start + offset, value: start + offset + name, namelen: name,
                        valuelen: value, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
                offset += name + value
            }
            unsafe pairs.withUnsafeBufferPointer(body)
        }
    }
}
