internal import Certificates
internal import Primitives

/// Finds out who makes a request: a client certificate, a static bearer token, or nobody.
package struct Authentication: Sendable {
    /// A line of the token file, which is Kubernetes' CSV: token, user, uid, "group,group".
    struct Token: Sendable, Equatable {
        var token: Bytes
        var user: UserInfo
    }

    private var tokens: [Token] = []

    /// Knows certificates only.
    package init() {}

    /// Reads a token file.
    /// - Throws: the number of the line that is wrong, and why.
    package init(tokenFile text: String) throws(TokenFileError) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = line.filter { $0 != "\r" }
            if line.allSatisfy(\.isWhitespace) || line.hasPrefix("#") { continue }
            guard let fields = Self.fields(line), (3...4).contains(fields.count),
                !fields[0].isEmpty, !fields[1].isEmpty
            else { throw TokenFileError(line: index + 1) }
            let groups = fields.count == 4 ? fields[3].split(separator: ",").map(String.init) : []
            tokens.append(
                Token(
                    token: Bytes(fields[0].utf8),
                    user: UserInfo(
                        name: fields[1], uid: fields[2],
                        groups: groups + [UserInfo.authenticatedGroup])))
        }
    }

    /// Lets whoever shows a token in as an administrator: what runs in the server's own process.
    mutating func admit(localToken: String) {
        tokens.append(
            Token(
                token: Bytes(localToken.utf8),
                user: UserInfo(
                    name: "system:keelson",
                    groups: [UserInfo.mastersGroup, UserInfo.authenticatedGroup])))
    }

    /// Who makes the request; nil if it shows something that is not valid.
    func user(of request: HTTPRequest) -> UserInfo? {
        if let certificate = request.peerCertificate {
            do throws(CertificateError) {
                let subject = try CertificateSubject(certificate: certificate)
                guard !subject.commonName.isEmpty else { return nil }
                return UserInfo(
                    name: subject.commonName,
                    groups: subject.organizations + [UserInfo.authenticatedGroup])
            } catch {
                return nil
            }
        }
        guard let header = request.header("authorization") else { return .anonymous }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let shown = Bytes(parts[1].utf8)
        return tokens.first { Self.isEqual($0.token, shown) }?.user
    }

    /// Takes as long for a token that is nearly right as for any other of its length.
    private static func isEqual(_ left: Bytes, _ right: Bytes) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The fields of a line of CSV; nil if a quote is not closed.
    private static func fields(_ line: some StringProtocol) -> [String]? {
        var fields = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            case " " where !isQuoted && fields.last == "": break
            default: fields[fields.count - 1].append(character)
            }
        }
        return isQuoted ? nil : fields
    }
}

/// A line of a token file that cannot be read.
package struct TokenFileError: Error, Equatable, CustomStringConvertible {
    /// Counted from 1.
    package var line: Int

    /// In words.
    package var description: String {
        "line \(line): expected token,user,uid[,\"group,group\"]"
    }
}
