import Foundation

/// An authority, a certificate for servers on 127.0.0.1 and one for clients, made by openssl.
struct Certificates {
    let authority: String
    let server: (certificate: String, key: String)
    let client: (certificate: String, key: String)

    init(in folder: String) throws {
        func path(_ name: String) -> String { folder + "/" + name }
        try """
            [server]
            subjectAltName = IP:127.0.0.1, DNS:localhost
            extendedKeyUsage = serverAuth, clientAuth
            [client]
            extendedKeyUsage = clientAuth
            """.write(toFile: path("extensions"), atomically: true, encoding: .utf8)
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        func openssl(_ arguments: [String]) throws {
            let answer = try ChildProcess.run([Programs.openssl] + arguments)
            guard answer.exitCode == 0 else { throw SystemFailure("openssl: " + answer.errors, 0) }
        }
        func sign(_ name: String) throws -> (String, String) {
            try openssl(
                ["req"] + key + ["-keyout", path(name + ".key"), "-out", path(name + ".request")]
                    + ["-subj", "/CN=" + name])
            try openssl(
                ["x509", "-req", "-in", path(name + ".request"), "-out", path(name + ".crt")]
                    + ["-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-CAcreateserial"]
                    + ["-days", "2", "-extfile", path("extensions"), "-extensions", name])
            return (path(name + ".crt"), path(name + ".key"))
        }
        try openssl(
            ["req", "-x509"] + key + ["-keyout", path("ca.key"), "-out", path("ca.crt")]
                + ["-days", "2", "-subj", "/CN=authority"])
        authority = path("ca.crt")
        server = try sign("server")
        client = try sign("client")
    }
}
