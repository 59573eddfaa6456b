package import ResourceModel

/// What a probe, or a hook of a container's life, does.
package enum ProbeAction: Sendable, Equatable {
    /// Runs a command in the container; code 0 is good.
    case exec([String])
    /// Asks by HTTP; an answer of 200 to 399 is good.
    case http(HTTPProbe)
    /// Connects; being let in is good.
    case tcp(host: String, port: Int)
    /// Waits so long; always good.
    case pause(seconds: Int64)

    /// The action of a probe or hook of a container.
    /// - Throws: what it asks for and is not offered, or a port that the container does not name.
    package init(
        _ handler: JSON, of container: JSON, podAddress: String
    ) throws(ConfigurationFailure) {
        if let exec = handler["exec"] {
            let command = exec["command"].arrayValue ?? []
            self = .exec(command.compactMap(\.stringValue))
        } else if let http = handler["httpGet"] {
            self = .http(
                HTTPProbe(
                    host: Self.host(http, podAddress),
                    port: try Self.port(http["port"], of: container),
                    path: http["path"].stringValue ?? "/",
                    isSecure: http["scheme"].stringValue == "HTTPS",
                    headers: (http["httpHeaders"].arrayValue ?? []).map {
                        HTTPProbe.Header(
                            name: $0["name"].stringValue ?? "",
                            value: $0["value"].stringValue ?? "")
                    }))
        } else if let tcp = handler["tcpSocket"] {
            self = .tcp(
                host: Self.host(tcp, podAddress),
                port: try Self.port(tcp["port"], of: container))
        } else if let seconds = handler["sleep"]["seconds"].integerValue {
            self = .pause(seconds: seconds)
        } else {
            throw ConfigurationFailure("missing probe handler")
        }
    }

    private static func host(_ handler: JSON, _ podAddress: String) -> String {
        handler["host"].stringValue.flatMap { $0.isEmpty ? nil : $0 } ?? podAddress
    }

    private static func port(
        _ port: JSON?, of container: JSON
    ) throws(ConfigurationFailure) -> Int {
        if let number = port.integerValue, (1...65535).contains(number) { return Int(number) }
        if let name = port.stringValue {
            let named = (container["ports"].arrayValue ?? []).first {
                $0["name"].stringValue == name
            }
            if let number = named["containerPort"].integerValue { return Int(number) }
            if let number = Int(name), (1...65535).contains(number) { return number }
            throw ConfigurationFailure("couldn't find port: \(GoText.quoted(name))")
        }
        throw ConfigurationFailure("invalid port number")
    }
}

/// A question by HTTP.
package struct HTTPProbe: Sendable, Equatable {
    /// A header of it.
    package struct Header: Sendable, Equatable {
        /// Its name.
        package var name: String
        /// Its value.
        package var value: String
    }

    /// A numeric address.
    package var host: String
    /// The port.
    package var port: Int
    /// The path with its query.
    package var path: String
    /// Whether it is asked by HTTPS.
    package var isSecure: Bool
    /// Beside those that every question has.
    package var headers: [Header]

    /// The whole address.
    package var url: String {
        let rooted = path.hasPrefix("/") ? path : "/" + path
        return "\(isSecure ? "https" : "http")://\(authority)\(rooted)"
    }

    /// `host:port`.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The request as it is sent.
    package var request: String {
        var lines = ["GET \(path.hasPrefix("/") ? path : "/" + path) HTTP/1.1"]
        let given = Set(headers.map { $0.name.lowercased() })
        let standard = [
            ("Host", authority), ("User-Agent", "kube-probe/1.32"), ("Accept", "*/*"),
        ]
        for (name, value) in standard where !given.contains(name.lowercased()) {
            lines.append("\(name): \(value)")
        }
        // A header's end within it would begin another one.
        let isBreak: (Character) -> Bool = { $0 == "\r" || $0 == "\n" || $0 == "\r\n" }
        for header in headers where !(header.name + header.value).contains(where: isBreak) {
            lines.append("\(header.name): \(header.value)")
        }
        return (lines + ["Connection: close", "", ""]).joined(separator: "\r\n")
    }
}
