import HTTPClient
import Primitives
import Testing

/// What one connection promises, with a server in Python behind it.
@Suite struct HTTPConnectionTests {
    private let server: PythonServer
    private let connection = HTTPConnection()

    init() throws {
        server = try PythonServer()
    }

    private func get(_ path: String, redirectsMax: Int = 0) throws -> (status: Int, body: String) {
        let request = HTTPRequest("GET", server.address + path, redirectsMax: redirectsMax)
        let (head, body) = try connection.answer(to: request)
        return (head.status, String(decoding: body, as: UTF8.self))
    }

    @Test func `an answer has status, headers and body`() throws {
        let (head, body) = try connection.answer(to: HTTPRequest("GET", server.address + "/hello"))
        #expect(head.status == 200)
        #expect(head["x-word"] == "spaced")
        #expect(head["x-none"] == nil)
        #expect(String(decoding: body, as: UTF8.self) == "hello")
        #expect(try get("/nowhere") == (404, "no such page"))
    }

    @Test func `a request carries method, headers and body`() throws {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let request = HTTPRequest(
                method, server.address + "/echo",
                headers: [
                    HTTPHeader("Content-Type", "a/b"), .bearer("secret"), HTTPHeader("X-Empty", ""),
                ], body: Bytes("body".utf8))
            let body = try connection.answer(to: request).body
            #expect(String(decoding: body, as: UTF8.self) == "\(method) a/b Bearer secret  body")
        }
        let empty = HTTPRequest("POST", server.address + "/echo", body: [])
        #expect(try connection.answer(to: empty).body.starts(with: Bytes("POST ".utf8)))
        let head = try connection.answer(to: HTTPRequest("HEAD", server.address + "/hello"))
        #expect(head.head["content-length"] == "5")
        #expect(head.body.isEmpty)
        #expect(try get("/hello") == (200, "hello"))
    }

    @Test func `requests one after the other share a connection`() throws {
        #expect(try get("/port").body == get("/port").body)
    }

    @Test func `redirects are followed as far as allowed`() throws {
        #expect(try get("/redirect/2", redirectsMax: 3) == (200, "hello"))
        #expect(try get("/redirect/0") == (302, "elsewhere"))
        #expect(throws: HTTPFailure.tooManyRedirects) { try get("/redirect/5", redirectsMax: 3) }
    }

    @Test func `pieces are handed on before the answer ends`() throws {
        let other = HTTPConnection()
        var pieces: [String] = []
        try connection.perform(HTTPRequest("GET", server.address + "/two")) {
            #expect($0.status == 200)
        } onPiece: { piece in
            // The second piece does not leave the server before the first is here.
            pieces.append(String(decoding: piece, as: UTF8.self))
            if pieces.count == 1 {
                let go = HTTPRequest("GET", server.address + "/go")
                #expect(throws: Never.self) { try other.answer(to: go) }
            }
            return true
        }
        #expect(pieces.joined() == "one\ntwo\n")
    }

    @Test func `a receiver that wants no more ends the exchange`() throws {
        var count = 0
        #expect(throws: HTTPFailure.stopped) {
            try connection.perform(HTTPRequest("GET", server.address + "/endless")) { _ in
            } onPiece: {
                count += $0.count
                return count < 1_000_000
            }
        }
        #expect(throws: HTTPFailure.tooLarge(bytesMax: 1_000)) {
            try connection.answer(
                to: HTTPRequest("GET", server.address + "/endless"), bytesMax: 1_000)
        }
        #expect(try get("/hello") == (200, "hello"))
    }

    @Test func `a time limit holds`() throws {
        let request = HTTPRequest("GET", server.address + "/never", timeout: .milliseconds(50))
        #expect(throws: HTTPFailure.timedOut) { try connection.answer(to: request) }
    }

    @Test func `failures say what is wrong`() throws {
        #expect {
            try get("/cut")
        } throws: {
            guard case HTTPFailure.lost = $0 else { return false }
            return true
        }
        for address in ["file:///etc/passwd", "nothing", "http://[::1", ""] {
            #expect {
                try connection.answer(to: HTTPRequest("GET", address))
            } throws: {
                switch $0 {
                case HTTPFailure.invalid, HTTPFailure.unknownHost: true
                default: false
                }
            }
        }
        #expect(throws: HTTPFailure.invalid("header A holds a control character")) {
            try connection.answer(
                to: HTTPRequest(
                    "GET", server.address + "/hello", headers: [HTTPHeader("A", "b\r\nC: d")]))
        }
        let gone = try PythonServer().address
        let place = String(gone.dropFirst("http://".count))
        #expect(throws: HTTPFailure.refused(place)) {
            try connection.answer(to: HTTPRequest("GET", gone + "/hello"))
        }
        #expect("\(HTTPFailure.refused("a:1"))" == "connection to a:1 refused")
    }
}

/// Who is believed, and who is known.
@Suite struct HTTPIdentityTests {
    private let folder: CertificateFolder
    private let server: PythonServer

    init() throws {
        folder = try CertificateFolder()
        server = try PythonServer(folder)
    }

    private func who(_ identity: HTTPIdentity) throws -> String {
        let connection = HTTPConnection(identity)
        let body = try connection.answer(to: HTTPRequest("GET", server.address + "/who")).body
        return String(decoding: body, as: UTF8.self)
    }

    @Test func `a server is believed if a trusted authority signed for it`() throws {
        let authorities = try folder.pem("ca.crt")
        #expect(try who(HTTPIdentity(authorities: authorities)) == "nobody")
        #expect(try who(HTTPIdentity(trustsAnyone: true)) == "nobody")
        let others = HTTPIdentity(authorities: try CertificateFolder().pem("ca.crt"))
        for wrong in [HTTPIdentity(), others] {
            #expect {
                try who(wrong)
            } throws: {
                guard case HTTPFailure.untrusted = $0 else { return false }
                return true
            }
        }
    }

    @Test func `a server knows its client by the certificate`() throws {
        let identity = HTTPIdentity(
            authorities: try folder.pem("ca.crt"), certificate: try folder.pem("client.crt"),
            key: try folder.pem("client.key"))
        #expect(try who(identity) == "client")
    }

    @Test func `an identity that makes no sense is refused`() throws {
        let authorities = try folder.pem("ca.crt")
        let nonsense = Bytes("nonsense".utf8)
        for identity in [
            HTTPIdentity(authorities: nonsense),
            HTTPIdentity(
                authorities: authorities, certificate: nonsense, key: try folder.pem("client.key")),
            HTTPIdentity(
                authorities: authorities, certificate: try folder.pem("client.crt"),
                key: try folder.pem("server.key")),
        ] {
            #expect {
                try who(identity)
            } throws: {
                guard case HTTPFailure.invalid = $0 else { return false }
                return true
            }
        }
    }
}
