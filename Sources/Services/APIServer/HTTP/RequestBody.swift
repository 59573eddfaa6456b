internal import Admission
internal import Kinds
internal import Manifests
internal import ObjectCoding
internal import Primitives
internal import ResourceModel

/// Bodies of requests, in all forms that are read.
struct RequestBody: Sendable {
    /// What the body says, as JSON.
    private(set) var json: JSON
    /// Paths that stand twice in it.
    private(set) var duplicates: [String] = []

    /// The form of a configuration for server-side apply, which is YAML.
    static let applyType = "application/apply-patch+yaml"
    private static let jsonType = "application/json"
    private static let yamlType = "application/yaml"
    private static let protobufType = "application/vnd.kubernetes.protobuf"

    private static let decoder = ObjectDecoder(schemas: BuiltInKinds.schemas)

    /// Reads the body of a request. `schema` finds that of a kind, for protobuf.
    init(
        _ request: HTTPRequest, schema: (_ apiVersion: String, _ kind: String) -> ObjectSchema?
    ) throws(APIFailure) {
        switch request.contentType {
        case "", Self.jsonType:
            do throws(JSONError) {
                json = try JSON(parsing: request.body, duplicates: &duplicates)
            } catch {
                throw .badRequest("invalid JSON: \(error)")
            }
        case Self.yamlType, RequestBody.applyType: json = try Self.yaml(request.body)
        case Self.protobufType:
            json = try Self.protobuf(request.body, schema)
        default: throw .unsupportedMediaType([Self.jsonType, Self.yamlType, Self.protobufType])
        }
    }

    private static func yaml(_ body: Bytes) throws(APIFailure) -> JSON {
        do throws(ManifestError) {
            let documents = try Manifest.documents(in: body)
            if documents.count == 1 { return documents[0].value }
            if documents.isEmpty { return .null }
        } catch {
            throw .badRequest("error converting YAML to JSON: \(error)")
        }
        throw .badRequest("the body must be one document")
    }

    private static func protobuf(
        _ body: Bytes, _ schema: (_ apiVersion: String, _ kind: String) -> ObjectSchema?
    ) throws(APIFailure) -> JSON {
        do throws(ObjectCodingError) {
            let envelope = try ObjectEnvelope(body)
            guard let schema = schema(envelope.apiVersion, envelope.kind) else {
                return ["apiVersion": .string(envelope.apiVersion), "kind": .string(envelope.kind)]
            }
            return try decoder.object(in: envelope, schema: schema)
        } catch {
            throw .badRequest("invalid protobuf: \(error)")
        }
    }
}
