/// The head of an HTTP request, of either version.
package struct RequestHead: Sendable {
    /// The method, in capitals.
    package var method: String
    /// Path and query as sent, beginning with `/`.
    package var target: String
    /// The `:authority` or `Host`; empty if none was sent.
    package var authority: String
    /// All other headers in order, names in lower case.
    package var headers: [(name: String, value: String)]
    /// 1 or 2.
    package var version: Int

    /// Describes a head.
    package init(
        method: String, target: String, authority: String = "",
        headers: [(name: String, value: String)] = [], version: Int
    ) {
        self.method = method
        self.target = target
        self.authority = authority
        self.headers = headers
        self.version = version
    }

    /// The first value of a header; the name in lower case.
    package func header(_ name: String) -> String? {
        for header in headers where header.name == name { return header.value }
        return nil
    }

    /// The part of the target before `?`.
    package var path: Substring { target.prefix { $0 != "?" } }

    /// The part of the target behind `?`; empty if there is none.
    package var query: Substring {
        guard let mark = target.firstIndex(of: "?") else { return "" }
        return target[target.index(after: mark)...]
    }
}
