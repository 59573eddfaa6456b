package import Wire

/// Messages of the gRPC health checking protocol.
package enum WireHealth {
    /// grpc.health.v1.HealthCheckResponse.ServingStatus.
    package enum Status: UInt64, Sendable {
        case unknown = 0
        case serving = 1
        case notServing = 2
        case serviceUnknown = 3
    }

    /// The service asked about; empty for the server as a whole.
    /// - Throws: `ProtobufError`.
    package static func service(_ message: ProtobufReader) throws -> String {
        var service = ""
        var reader = message
        try reader.forEachField { field, reader in
            guard field == 1 else { return false }
            service = try reader.text()
            return true
        }
        return service
    }

    /// Writes an answer.
    package static func encode(_ status: Status, into writer: inout ProtobufWriter) {
        writer.write(1, status.rawValue)
    }
}
