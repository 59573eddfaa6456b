package import Primitives
package import ServiceModel

/// What kind of record is asked for or given (RFC 1035 §3.2.2).
package struct RecordType: Hashable, Sendable {
    /// The number in messages.
    package let rawValue: UInt16

    /// The type with the given number.
    package init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// An IPv4 address.
    package static let a = RecordType(1)
    /// A server of the zone.
    package static let ns = RecordType(2)
    /// Another name to look at instead.
    package static let cname = RecordType(5)
    /// The zone's own data.
    package static let soa = RecordType(6)
    /// The name of an address.
    package static let ptr = RecordType(12)
    /// What there is instead of an answer to ANY (RFC 8482).
    package static let hinfo = RecordType(13)
    /// Text.
    package static let txt = RecordType(16)
    /// An IPv6 address.
    package static let aaaa = RecordType(28)
    /// Host and port of a service (RFC 2782).
    package static let srv = RecordType(33)
    /// What a client is capable of (RFC 6891): no record of a zone.
    package static let opt = RecordType(41)
    /// Changes of a zone, and a whole one.
    package static let ixfr = RecordType(251)
    /// A whole zone.
    package static let axfr = RecordType(252)
    /// Everything at a name.
    package static let any = RecordType(255)
}

/// The content of a record.
package enum RecordData: Hashable, Sendable {
    /// A.
    case address(IPv4Address)
    /// NS, CNAME, PTR.
    case name(DNSName)
    /// SOA.
    case authority(StartOfAuthority)
    /// SRV.
    case service(ServiceLocation)
    /// TXT and HINFO: strings of at most 255 bytes.
    case texts([Bytes])
    /// Any other type, uninterpreted.
    case raw(Bytes)
}

/// The content of an SOA record (RFC 1035 §3.3.13).
package struct StartOfAuthority: Hashable, Sendable {
    /// The zone's first server.
    package var server: DNSName
    /// The mailbox of who is responsible.
    package var mailbox: DNSName
    /// Counts changes of the zone.
    package var serial: UInt32
    /// For secondary servers: seconds between looks at the serial number.
    package var refreshSeconds: UInt32 = 7_200
    /// For secondary servers: seconds until a failed look is tried again.
    package var retrySeconds: UInt32 = 1_800
    /// For secondary servers: seconds after which an unrefreshed zone is given up.
    package var expireSeconds: UInt32 = 86_400
    /// How long the absence of a name may be remembered (RFC 2308).
    package var negativeSeconds: UInt32

    /// The data of a zone without secondary servers.
    package init(server: DNSName, mailbox: DNSName, serial: UInt32, negativeSeconds: UInt32) {
        self.server = server
        self.mailbox = mailbox
        self.serial = serial
        self.negativeSeconds = negativeSeconds
    }
}

/// The content of an SRV record.
package struct ServiceLocation: Hashable, Sendable {
    /// Lower ones are tried first.
    package var priority: UInt16
    /// How often it is chosen among those of the same priority.
    package var weight: UInt16
    /// Its port.
    package var port: UInt16
    /// Its host.
    package var target: DNSName

    /// A location of the given parts.
    package init(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}

/// A record as it stands in a message.
package struct DNSRecord: Hashable, Sendable {
    /// The class of the internet.
    package static let internet: UInt16 = 1

    /// Whose record it is.
    package var name: DNSName
    /// What it says.
    package var type: RecordType
    /// 1 for the internet; in OPT the size of UDP messages.
    package var recordClass: UInt16
    /// How long it may be remembered; in OPT further flags.
    package var ttlSeconds: UInt32
    /// Its content.
    package var data: RecordData

    /// A record of the given parts.
    package init(
        name: DNSName, type: RecordType, recordClass: UInt16 = internet, ttlSeconds: UInt32,
        data: RecordData
    ) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
        self.ttlSeconds = ttlSeconds
        self.data = data
    }
}

/// What is asked.
package struct DNSQuestion: Hashable, Sendable {
    /// Whose records are wanted.
    package var name: DNSName
    /// Which of them.
    package var type: RecordType
    /// Of which class.
    package var recordClass: UInt16

    /// The question for records of a type.
    package init(
        name: DNSName, type: RecordType, recordClass: UInt16 = DNSRecord.internet
    ) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
    }
}
