internal import Crypto
internal import Primitives
internal import ResourceModel

/// The OpenAPI v3 document of one group and version, which kubectl validates and explains from.
struct OpenAPIDocument: Sendable {
    /// The document as JSON.
    let bytes: Bytes
    /// Changes whenever the document does.
    let hash: String

    /// Describes the resources of a group and version.
    init(resources: [ServedResource], table: SchemaTable) {
        var schemas = SchemaDocument(table: table)
        var paths = JSONObject()
        for resource in resources {
            let item = schemas.add(resource.kind)
            let list = schemas.addList(resource.kind, item: item)
            Self.add(resource, item: item, list: list, to: &paths)
        }
        let document: JSON = [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "unversioned"],
            "paths": .object(paths), "components": ["schemas": .object(schemas.components)],
        ]
        bytes = document.encoded
        let digits = Array("0123456789ABCDEF")
        hash = String(
            SHA256.hash(data: bytes).prefix(16).flatMap {
                [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
            })
    }

    private static func add(
        _ resource: ServedResource, item: String, list: String, to paths: inout JSONObject
    ) {
        let kind = resource.kind
        let base = kind.group.isEmpty ? "/api/\(kind.version)" : "/apis/\(kind.apiVersion)"
        let scope = kind.isNamespaced ? "/namespaces/{namespace}" : ""
        let collection = "\(base)\(scope)/\(kind.resource)"
        let scopeParameters = kind.isNamespaced ? [pathParameter("namespace")] : []
        func operations(_ verbs: [String], _ schema: String, isCollection: Bool) -> JSON {
            var operations = JSONObject()
            let parameters = scopeParameters + (isCollection ? [] : [pathParameter("name")])
            operations["parameters"] = .array(parameters + [queryParameter("pretty")])
            for verb in verbs { operations.add(verb, kind, schema, isCollection: isCollection) }
            return .object(operations)
        }
        let onMany = ["list", "create", "deletecollection"].filter(resource.verbs.contains)
        let onOne = ["get", "update", "patch", "delete"].filter(resource.verbs.contains)
        if !onMany.isEmpty {
            paths[collection] = operations(onMany, item, isCollection: true)
        }
        if !onOne.isEmpty {
            paths["\(collection)/{name}"] = operations(onOne, item, isCollection: false)
        }
        if kind.hasStatus {
            paths["\(collection)/{name}/status"] = operations(
                ["get", "update", "patch"], item, isCollection: false)
        }
        if kind.isNamespaced, resource.verbs.contains("list") {
            var operations = JSONObject()
            operations.add("list", kind, list, isCollection: true)
            paths["\(base)/\(kind.resource)"] = .object(operations)
        }
    }

    fileprivate static func pathParameter(_ name: String) -> JSON {
        [
            "name": .string(name), "in": "path", "required": true,
            "schema": ["type": "string", "uniqueItems": true],
        ]
    }

    fileprivate static func queryParameter(_ name: String, _ type: String = "string") -> JSON {
        [
            "name": .string(name), "in": "query",
            "schema": ["type": .string(type), "uniqueItems": true],
        ]
    }
}

extension JSONObject {
    /// The operation of a verb on one object or a collection.
    fileprivate mutating func add(
        _ verb: String, _ kind: KindDefinition, _ schema: String, isCollection: Bool
    ) {
        let (method, action, parameters): (String, String, [String])
        switch verb {
        case "get": (method, action, parameters) = ("get", "get", [])
        case "list":
            (method, action) = ("get", "list")
            parameters = [
                "labelSelector", "fieldSelector", "limit", "continue", "resourceVersion",
                "resourceVersionMatch", "watch", "timeoutSeconds",
            ]
        case "create":
            (method, action) = ("post", "post")
            parameters = ["dryRun", "fieldManager", "fieldValidation"]
        case "update":
            (method, action) = ("put", "put")
            parameters = ["dryRun", "fieldManager", "fieldValidation"]
        case "patch":
            (method, action) = ("patch", "patch")
            parameters = ["dryRun", "fieldManager", "fieldValidation", "force"]
        default:
            (method, action) = ("delete", isCollection ? "deletecollection" : "delete")
            parameters = ["dryRun", "gracePeriodSeconds", "propagationPolicy"]
        }
        let answer: JSON = [
            "description": "OK",
            "content": [
                "application/json": [
                    "schema": ["$ref": .string("#/components/schemas/\(schema)")]
                ]
            ],
        ]
        self[method] = [
            "operationId": .string("\(action)\(kind.group)\(kind.version)\(kind.kind)"),
            "parameters": .array(parameters.map { OpenAPIDocument.queryParameter($0) }),
            "responses": ["200": answer], "x-kubernetes-action": .string(action),
            "x-kubernetes-group-version-kind": SchemaDocument.identity(of: kind),
        ]
    }
}
