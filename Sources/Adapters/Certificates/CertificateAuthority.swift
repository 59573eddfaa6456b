internal import Crypto
internal import Primitives

/// An authority with a P-256 key that signs certificates for one API server and its clients.
package struct CertificateAuthority: Sendable {
    /// What a certificate is for.
    package enum Purpose: Sendable, Equatable {
        /// A server that is reached under these names and IPv4 addresses.
        case server(names: [String], addresses: [[UInt8]])
        case client
    }

    /// A certificate and its key, as the contents of PEM files.
    package struct Identity: Sendable {
        /// `CERTIFICATE`.
        package var certificate: String
        /// `PRIVATE KEY` (PKCS #8).
        package var key: String

        /// Takes the contents of two files.
        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Between which seconds since 1970 a certificate is valid.
    package typealias Validity = ClosedRange<Int64>

    /// The authority's certificate and key.
    package let identity: Identity
    private let subject: CertificateSubject
    private let key: P256.Signing.PrivateKey

    /// Makes an authority with a new key. The serial number has to be random.
    package init(commonName: String, serial: UInt64, validity: Validity) throws(CertificateError) {
        key = P256.Signing.PrivateKey()
        subject = CertificateSubject(commonName: commonName)
        let certificate = try Self.certificate(
            of: key.publicKey, named: subject, serial: serial, validity: validity,
            extensions: [
                Self.basicConstraints(isAuthority: true),
                // keyCertSign and cRLSign
                Self.keyUsage([0x06], unused: 1),
            ],
            issuer: subject, signer: key)
        identity = Identity(
            certificate: PEM.text("CERTIFICATE", certificate), key: key.pemRepresentation)
    }

    /// Takes up an authority that was made before.
    /// - Throws: what is wrong with its files.
    package init(_ identity: Identity) throws(CertificateError) {
        self.identity = identity
        subject = try CertificateSubject(
            certificate: PEM.bytes("CERTIFICATE", in: identity.certificate))
        do {
            key = try P256.Signing.PrivateKey(pemRepresentation: identity.key)
        } catch {
            throw .badKey
        }
    }

    /// Signs a certificate for a new key.
    package func issue(
        to subject: CertificateSubject, for purpose: Purpose, serial: UInt64, validity: Validity
    ) throws(CertificateError) -> Identity {
        let own = P256.Signing.PrivateKey()
        // digitalSignature
        var extensions = [
            Self.basicConstraints(isAuthority: false), Self.keyUsage([0x80], unused: 7),
        ]
        switch purpose {
        case .server(let names, let addresses):
            // id-kp-serverAuth
            extensions.append(Self.extendedKeyUsage(1))
            extensions.append(Self.alternativeNames(names, addresses))
        case .client:
            // id-kp-clientAuth
            extensions.append(Self.extendedKeyUsage(2))
        }
        let certificate = try Self.certificate(
            of: own.publicKey, named: subject, serial: serial, validity: validity,
            extensions: extensions, issuer: self.subject, signer: key)
        return Identity(
            certificate: PEM.text("CERTIFICATE", certificate), key: own.pemRepresentation)
    }
}

/// The parts of a certificate (RFC 5280 §4).
extension CertificateAuthority {
    // ecdsa-with-SHA256
    private static let signatureAlgorithm = DER.sequence(
        DER.identifier([1, 2, 840, 10_045, 4, 3, 2]))

    private static func certificate(
        of key: P256.Signing.PublicKey, named subject: CertificateSubject, serial: UInt64,
        validity: Validity, extensions: [Bytes], issuer: CertificateSubject,
        signer: P256.Signing.PrivateKey
    ) throws(CertificateError) -> Bytes {
        let identifiers = [
            extensionValue([2, 5, 29, 14], DER.octets(identifier(of: key))),
            extensionValue(
                [2, 5, 29, 35],
                DER.sequence(DER.value(DER.Tag.implicit(0), identifier(of: signer.publicKey)))),
        ]
        let allExtensions = DER.value(
            DER.Tag.sequence, (extensions + identifiers).flatMap(\.self))
        let body = DER.sequence(
            DER.value(DER.Tag.context(0), DER.integer(2)), DER.integer(serial),
            signatureAlgorithm, issuer.encoded,
            DER.sequence(DER.time(validity.lowerBound), DER.time(validity.upperBound)),
            subject.encoded, Bytes(key.derRepresentation),
            DER.value(DER.Tag.context(3), allExtensions))
        do {
            let signature = try signer.signature(for: body)
            return DER.sequence(
                body, signatureAlgorithm, DER.bits(Bytes(signature.derRepresentation)))
        } catch {
            throw .badKey
        }
    }

    /// SHA-256 of the public key, cut to 20 bytes (RFC 7093 §2, method 1).
    private static func identifier(of key: P256.Signing.PublicKey) -> Bytes {
        Bytes(SHA256.hash(data: key.x963Representation).prefix(20))
    }

    private static func extensionValue(
        _ arcs: [UInt64], isCritical: Bool = false, _ value: Bytes
    ) -> Bytes {
        DER.sequence(
            DER.identifier(arcs), isCritical ? DER.yes : [], DER.octets(value))
    }

    private static func basicConstraints(isAuthority: Bool) -> Bytes {
        extensionValue(
            [2, 5, 29, 19], isCritical: true, DER.sequence(isAuthority ? DER.yes : []))
    }

    private static func keyUsage(_ bits: Bytes, unused: UInt8) -> Bytes {
        extensionValue([2, 5, 29, 15], isCritical: true, DER.bits(bits, unused: unused))
    }

    private static func extendedKeyUsage(_ purpose: UInt64) -> Bytes {
        extensionValue(
            [2, 5, 29, 37], DER.sequence(DER.identifier([1, 3, 6, 1, 5, 5, 7, 3, purpose])))
    }

    private static func alternativeNames(_ names: [String], _ addresses: [[UInt8]]) -> Bytes {
        let parts =
            names.map { DER.value(DER.Tag.implicit(2), Bytes($0.utf8)) }
            + addresses.map { DER.value(DER.Tag.implicit(7), $0) }
        return extensionValue(
            [2, 5, 29, 17], DER.value(DER.Tag.sequence, parts.flatMap(\.self)))
    }
}
