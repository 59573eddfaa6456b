internal import Primitives

/// A message of the domain name system (RFC 1035 §4.1), as it is, whatever it means.
package struct DNSMessage: Hashable, Sendable {
    /// By which a client finds the answer to its question.
    package var id: UInt16
    /// The second word of the header.
    package var flags: DNSFlags
    /// What is asked; answers repeat it.
    package var questions: [DNSQuestion] = []
    /// What was asked for.
    package var answers: [DNSRecord] = []
    /// Who knows.
    package var authorities: [DNSRecord] = []
    /// What else may be of use.
    package var additionals: [DNSRecord] = []

    /// An empty message.
    package init(id: UInt16, flags: DNSFlags) {
        self.id = id
        self.flags = flags
    }

    /// Bytes before the first question.
    static let headerBytes = 12
    /// The longest message over UDP for clients that say nothing of larger ones.
    package static let plainBytesMax = 512
    /// The longest message over UDP that we send and ask for: no fragments on any usual link.
    package static let datagramBytesMax = 1_232
    /// The longest message over TCP.
    package static let streamBytesMax = 65_535
}

/// The flags of a header, with operation and result among them.
package struct DNSFlags: Hashable, Sendable {
    /// As in the message.
    package var rawValue: UInt16

    /// Flags as in a message.
    package init(rawValue: UInt16 = 0) {
        self.rawValue = rawValue
    }

    /// QR: an answer and no question.
    package var isResponse: Bool {
        get { self[15] }
        set { self[15] = newValue }
    }

    /// What is to be done; 0 for a query.
    package var operation: UInt8 {
        get { UInt8(rawValue >> 11 & 15) }
        set { rawValue = rawValue & ~(15 << 11) | UInt16(newValue & 15) << 11 }
    }

    /// AA: the answer is of who is responsible for the name.
    package var isAuthoritative: Bool {
        get { self[10] }
        set { self[10] = newValue }
    }

    /// TC: the answer is not complete; ask again over TCP.
    package var isTruncated: Bool {
        get { self[9] }
        set { self[9] = newValue }
    }

    /// RD: the client would like servers to ask other servers.
    package var wantsRecursion: Bool {
        get { self[8] }
        set { self[8] = newValue }
    }

    /// The result; the rest of an extended one is in OPT.
    package var result: DNSResult {
        get { DNSResult(rawValue & 15) }
        set { rawValue = rawValue & ~15 | newValue.rawValue & 15 }
    }

    private subscript(bit: UInt16) -> Bool {
        get { rawValue >> bit & 1 == 1 }
        set { rawValue = newValue ? rawValue | 1 << bit : rawValue & ~(1 << bit) }
    }
}

/// How a question was answered.
package struct DNSResult: Hashable, Sendable {
    /// The number in messages.
    package let rawValue: UInt16

    /// The result with the given number.
    package init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// NOERROR: the name exists; that there are no records is an answer, too.
    package static let success = DNSResult(0)
    /// FORMERR: the message cannot be read.
    package static let malformed = DNSResult(1)
    /// NXDOMAIN: there is no such name, nor one below it.
    package static let noSuchName = DNSResult(3)
    /// NOTIMP: the operation is not offered.
    package static let notImplemented = DNSResult(4)
    /// REFUSED: not the business of this server.
    package static let refused = DNSResult(5)
    /// BADVERS: the version of EDNS is not known (RFC 6891 §6.1.3).
    package static let badVersion = DNSResult(16)
}

/// What an OPT record says (RFC 6891 §6.1).
struct ExtendedDNS: Equatable {
    /// The longest message over UDP that the sender of the record takes.
    var datagramBytes: UInt16
    /// The bits of the result beyond the header's four.
    var upperResult: UInt8 = 0
    var version: UInt8 = 0
    /// DO: records of DNSSEC are welcome; answers repeat it (RFC 3225 §3).
    var wantsSignatures = false

    init(datagramBytes: UInt16) {
        self.datagramBytes = datagramBytes
    }

    init(_ record: DNSRecord) {
        datagramBytes = record.recordClass
        upperResult = UInt8(record.ttlSeconds >> 24)
        version = UInt8(truncatingIfNeeded: record.ttlSeconds >> 16)
        wantsSignatures = record.ttlSeconds >> 15 & 1 == 1
    }

    /// The record; options are not repeated, as none is understood.
    var record: DNSRecord {
        let ttl =
            UInt32(upperResult) << 24 | UInt32(version) << 16 | (wantsSignatures ? 1 << 15 : 0)
        return DNSRecord(
            name: .root, type: .opt, recordClass: datagramBytes, ttlSeconds: ttl, data: .raw([]))
    }
}
