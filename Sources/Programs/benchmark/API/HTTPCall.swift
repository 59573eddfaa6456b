/// An HTTP request's head.
struct HTTPCall {
    var method: String
    var path: String
    var contentType = "application/json"
    /// A bearer token.
    var token: String

    /// What HTTP/2 sends.
    var headers: [(name: String, value: String)] {
        var headers = [
            (name: ":method", value: method), (":scheme", "https"), (":path", path),
            (":authority", "localhost"), ("authorization", "Bearer " + token),
            ("accept", "application/json"), ("user-agent", "keelson-benchmark"),
        ]
        if method != "GET" { headers.append(("content-type", contentType)) }
        return headers
    }
}
