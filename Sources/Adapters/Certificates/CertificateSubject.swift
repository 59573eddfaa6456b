package import Primitives

/// Whom a certificate speaks of, as far as authentication asks: Kubernetes takes the common name
/// for the user and each organization for a group.
package struct CertificateSubject: Sendable, Equatable {
    /// CN; the last one if there are several.
    package var commonName: String
    /// Each O, in order.
    package var organizations: [String]

    private static let commonNameType: Bytes = [0x55, 0x04, 0x03]
    private static let organizationType: Bytes = [0x55, 0x04, 0x0A]

    /// Names a subject.
    package init(commonName: String, organizations: [String] = []) {
        self.commonName = commonName
        self.organizations = organizations
    }

    /// Reads the subject of a certificate in DER, whose signature was verified elsewhere.
    /// - Throws: `.malformed`.
    package init(certificate: Bytes) throws(CertificateError) {
        var outer = DERReader(certificate[...])
        var signed = try outer.next(DER.Tag.sequence).inside
        var fields = try signed.next(DER.Tag.sequence).inside
        // version [0], serial number, algorithm, issuer, validity, subject (RFC 5280 §4.1)
        var value = try fields.next()
        if value.tag == DER.Tag.context(0) { value = try fields.next() }
        for _ in 0..<4 { value = try fields.next() }
        guard value.tag == DER.Tag.sequence else { throw .malformed }
        self.init(commonName: "")
        var names = value.inside
        while !names.isAtEnd {
            var parts = try names.next(DER.Tag.set).inside
            while !parts.isAtEnd { try read(part: parts.next(DER.Tag.sequence).inside) }
        }
    }

    private mutating func read(part: DERReader) throws(CertificateError) {
        var part = part
        let type = Bytes(try part.next(DER.Tag.objectIdentifier).content)
        let text = String(decoding: try part.next().content, as: UTF8.self)
        switch type {
        case Self.commonNameType: commonName = text
        case Self.organizationType: organizations.append(text)
        default: break
        }
    }

    /// The subject as a certificate has it.
    var encoded: Bytes {
        func attribute(_ type: Bytes, _ text: String) -> Bytes {
            DER.set(DER.sequence(DER.value(DER.Tag.objectIdentifier, type), DER.text(text)))
        }
        let parts = organizations.flatMap { attribute(Self.organizationType, $0) }
        return DER.value(DER.Tag.sequence, parts + attribute(Self.commonNameType, commonName))
    }
}
