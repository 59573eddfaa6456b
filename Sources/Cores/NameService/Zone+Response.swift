package import Primitives

/// How a message came.
package enum DNSCarrier: Sendable {
    case datagram
    case stream
}

extension Zone {
    /// How many hosts may be named in an answer that gives their addresses as well.
    private static let describedHostsMax = 100

    /// The answer to a message; nil if it deserves none: it is shorter than a header or an answer
    /// itself, which could go on for ever between two servers.
    package func response(to query: Bytes, over carrier: DNSCarrier) -> Bytes? {
        guard query.count >= DNSMessage.headerBytes else { return nil }
        let id = UInt16(query[0]) << 8 | UInt16(query[1])
        let asked = DNSFlags(rawValue: UInt16(query[2]) << 8 | UInt16(query[3]))
        guard !asked.isResponse else { return nil }
        var flags = DNSFlags()
        flags.isResponse = true
        flags.operation = asked.operation
        flags.wantsRecursion = asked.wantsRecursion
        var response = DNSMessage(id: id, flags: flags)
        let limitBytes: Int
        do throws(QueryError) {
            limitBytes = try answer(decoded(query), over: carrier, &response)
        } catch {
            // What another operation's messages look like is not ours to say.
            response.flags.result = asked.operation == 0 ? .malformed : .notImplemented
            limitBytes = DNSMessage.plainBytesMax
        }
        return response.encoded(limitBytes: limitBytes)
    }

    private func decoded(_ query: Bytes) throws(QueryError) -> DNSMessage {
        do throws(DNSDecodingError) {
            return try DNSMessage(decoding: query)
        } catch {
            throw .unreadable
        }
    }

    /// Fills in the answer to a query, and tells how long it may be.
    private func answer(
        _ query: DNSMessage, over carrier: DNSCarrier, _ response: inout DNSMessage
    ) throws(QueryError) -> Int {
        var limitBytes = DNSMessage.plainBytesMax
        let options = query.additionals.filter { $0.type == .opt }
        if let option = options.first {
            guard options.count == 1, option.name == .root else { throw .options }
            let asked = ExtendedDNS(option)
            var own = ExtendedDNS(datagramBytes: UInt16(DNSMessage.datagramBytesMax))
            own.wantsSignatures = asked.wantsSignatures
            if asked.version > 0 {
                own.upperResult = UInt8(DNSResult.badVersion.rawValue >> 4)
                response.questions = Array(query.questions.prefix(1))
                response.additionals = [own.record]
                return limitBytes
            }
            response.additionals = [own.record]
            limitBytes = min(
                max(limitBytes, Int(asked.datagramBytes)), DNSMessage.datagramBytesMax)
        }
        guard query.flags.operation == 0 else {
            response.flags.result = .notImplemented
            return limitBytes
        }
        // RFC 9619: a query has one question.
        guard query.questions.count == 1, let question = query.questions.first else {
            throw .questions
        }
        response.questions = [question]
        answer(question, &response)
        return carrier == .stream ? DNSMessage.streamBytesMax : limitBytes
    }

    private func answer(_ question: DNSQuestion, _ response: inout DNSMessage) {
        let isTransfer = question.type == .axfr || question.type == .ixfr
        guard question.recordClass == DNSRecord.internet, !isTransfer,
            let authority = authority(for: question.name.lowercased)
        else {
            response.flags.result = .refused
            return
        }
        response.flags.isAuthoritative = true
        let present = records(at: authority)
        response.answers = answers(to: question, among: present ?? [], response.id)
        guard response.answers.isEmpty else {
            response.additionals = addresses(for: response.answers) + response.additionals
            return
        }
        if present == nil { response.flags.result = .noSuchName }
        response.authorities = [
            DNSRecord(
                name: authority.apex, type: .soa, ttlSeconds: Self.ttlSeconds,
                data: .authority(startOfAuthority))
        ]
    }

    /// Those of the records at a name that a question asks for. Each client gets them in another
    /// order, by the number of its query, so that those who take the first don't all take one.
    private func answers(
        to question: DNSQuestion, among present: [TypedData], _ id: UInt16
    ) -> [DNSRecord] {
        guard !present.isEmpty else { return [] }
        var chosen = present.filter { $0.type == question.type || $0.type == .cname }
        if question.type == .any {
            // RFC 8482 §4.2: one made-up record and not everything that there is.
            chosen = [TypedData(.hinfo, .texts([Bytes("RFC8482".utf8), []]))]
        }
        let shift = chosen.isEmpty ? 0 : Int(id) % chosen.count
        return (chosen[shift...] + chosen[..<shift]).map { record in
            DNSRecord(
                name: question.name, type: record.type, ttlSeconds: Self.ttlSeconds,
                data: record.data)
        }
    }

    /// The addresses of the hosts that answers name, so that nobody has to ask for them, unless
    /// there are too many to look for and to send.
    private func addresses(for answers: [DNSRecord]) -> [DNSRecord] {
        guard answers.count <= Self.describedHostsMax else { return [] }
        var seen: Set<DNSName> = []
        return answers.flatMap { answer -> [DNSRecord] in
            let target: DNSName
            switch (answer.type, answer.data) {
            case (.srv, .service(let location)): target = location.target
            case (.ns, .name(let server)): target = server
            default: return []
            }
            guard seen.insert(target).inserted, let authority = authority(for: target) else {
                return []
            }
            return (records(at: authority) ?? []).filter { $0.type == .a }.map { record in
                DNSRecord(
                    name: target, type: .a, ttlSeconds: Self.ttlSeconds, data: record.data)
            }
        }
    }
}

/// Why a message is no query.
private enum QueryError: Error {
    case unreadable
    case options
    case questions
}
