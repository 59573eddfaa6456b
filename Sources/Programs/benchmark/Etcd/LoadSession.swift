import CNGHTTP2

/// The seam to nghttp2: makes client sessions and turns their callbacks into calls of
/// `LoadConnection`.
///
/// SAFETY: the user data is an unretained `LoadConnection` that owns the session, so it lives
/// whenever a callback runs. A stream's user data is no address but the client's number plus one.
/// What callbacks receive is used during the callback only.
enum LoadSession {
    /// Bytes that a server may send ahead on one stream and on one connection.
    private static let streamWindowBytes = 4 << 20
    private static let connectionWindowBytes = 64 << 20

    /// A client session whose callbacks go to `connection`.
    static func make(for connection: LoadConnection) -> OpaquePointer? {
        var callbacks: OpaquePointer?
        unsafe nghttp2_session_callbacks_new(&callbacks)
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            session, frame, name, nameLength, value, valueLength, _, user in
            unsafe LoadSession.header(
                session, frame, UnsafeBufferPointer(start: name, count: nameLength),
                UnsafeBufferPointer(start: value, count: valueLength), user)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            session, _, id, data, length, user in
            if let connection = unsafe LoadSession.connection(user),
                let client = unsafe LoadSession.client(session, id)
            {
                unsafe connection.driver.received(
                    client, UnsafeRawBufferPointer(start: data, count: length))
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            session, id, _, user in
            if let connection = unsafe LoadSession.connection(user),
                let client = unsafe LoadSession.client(session, id)
            {
                connection.driver.finished(client)
            }
            return 0
        }
        var session: OpaquePointer?
        let user = unsafe Unmanaged.passUnretained(connection).toOpaque()
        unsafe nghttp2_session_client_new(&session, callbacks, user)
        unsafe submitSettings(session)
        return unsafe session
    }

    private static func submitSettings(_ session: OpaquePointer?) {
        let settings = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(streamWindowBytes)),
        ]
        unsafe nghttp2_submit_settings(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
        unsafe nghttp2_session_set_local_window_size(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(connectionWindowBytes))
    }

    /// Begins a call; its message is fetched from the driver when it is sent. False if the session
    /// takes no more calls.
    static func submit(
        _ session: OpaquePointer, _ headers: UnsafeMutableBufferPointer<nghttp2_nv>, client: Int
    ) -> Bool {
        var provider = unsafe bodyProvider()
        let mark = unsafe UnsafeMutableRawPointer(bitPattern: client + 1)
        return unsafe nghttp2_submit_request(
            session, nil, headers.baseAddress, headers.count, &provider, mark) > 0
    }

    /// Begins an HTTP call whose headers are copied; its body is fetched from the driver. False if
    /// the session takes no more calls.
    static func submit(
        _ session: OpaquePointer, _ headers: [(name: String, value: String)], hasBody: Bool,
        client: Int
    ) -> Bool {
        let mark = unsafe UnsafeMutableRawPointer(bitPattern: client + 1)
        var texts: [UInt8] = []
        for header in headers { texts += Array(header.name.utf8) + Array(header.value.utf8) }
        return unsafe texts.withUnsafeMutableBufferPointer { texts in
            var place = texts.baseAddress
            let pairs = unsafe headers.map { header in
                let (name, value) = (header.name.utf8.count, header.value.utf8.count)
                defer { unsafe place = place.map { unsafe $0 + name + value } }
                return unsafe nghttp2_nv(
                    name: place, value: place.map { unsafe $0 + name }, namelen: name,
                    valuelen: value, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
            }
            var provider = unsafe bodyProvider()
            return unsafe withUnsafePointer(to: &provider) { provider in
                unsafe nghttp2_submit_request(
                    session, nil, pairs, pairs.count, hasBody ? provider : nil, mark) > 0
            }
        }
    }

    /// Sends what the driver has for the client.
    private static func bodyProvider() -> nghttp2_data_provider {
        var provider = unsafe nghttp2_data_provider()
        unsafe provider.read_callback = { session, id, target, length, flags, _, user in
            guard let connection = unsafe LoadSession.connection(user), let flags = unsafe flags,
                let client = unsafe LoadSession.client(session, id)
            else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
            let buffer = unsafe UnsafeMutableRawBufferPointer(start: target, count: length)
            switch unsafe connection.driver.fill(client, buffer) {
            case .deferred: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
            case .filled(let count): return count
            case .ended(let count):
                unsafe flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
                return count
            }
        }
        return unsafe provider
    }

    private static func connection(_ user: UnsafeMutableRawPointer?) -> LoadConnection? {
        guard let user = unsafe user else { return nil }
        return unsafe Unmanaged<LoadConnection>.fromOpaque(user).takeUnretainedValue()
    }

    private static func client(_ session: OpaquePointer?, _ id: Int32) -> Int? {
        let mark = unsafe nghttp2_session_get_stream_user_data(session, id)
        return unsafe mark.map { Int(bitPattern: $0) - 1 }
    }

    private static func header(
        _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?,
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>,
        _ user: UnsafeMutableRawPointer?
    ) {
        // ":status", "grpc-status" and "grpc-message": no other header begins so.
        guard let first = unsafe name.first, [UInt8(ascii: "g"), UInt8(ascii: ":")].contains(first),
            let frame = unsafe frame
        else { return }
        guard let connection = unsafe connection(user),
            let client = unsafe client(session, frame.pointee.hd.stream_id)
        else { return }
        if name.count == 11 || first == UInt8(ascii: ":") {
            let digits = unsafe value.reduce(0) { $0 * 10 + Int($1) - 48 }
            connection.driver.received(client, status: digits)
        } else if name.count == 12, !value.isEmpty {
            connection.driver.receivedMessage(unsafe String(decoding: value, as: UTF8.self))
        }
    }
}
