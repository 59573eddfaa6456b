import ResourceModel

extension ObjectSchema {
    static let jsonSchemaProps = ObjectSchema(
        "\(apiExtensions)JSONSchemaProps", "A JSON schema, as OpenAPI 3 has it.",
        [
            Field(1, "id", .text, "Its identifier."),
            Field(2, "$schema", .text, "The dialect it is written in."),
            Field(3, "$ref", .text, "Another schema; not allowed in definitions.").keepingZero,
            Field(4, "description", .text, "What it describes."),
            Field(5, "type", .text, "The type: object, array, string, integer, number or boolean."),
            Field(6, "format", .text, "The format."),
            Field(7, "title", .text, "A title."),
            Field(8, "default", .any(preservesUnknown: true), "The value when there is none."),
            Field(9, "maximum", .number, "The greatest number.").keepingZero,
            Field(
                10, "exclusiveMaximum", .boolean,
                "Whether the greatest number itself is excluded."),
            Field(11, "minimum", .number, "The least number.").keepingZero,
            Field(12, "exclusiveMinimum", .boolean, "Whether the least number itself is excluded."),
            Field(13, "maxLength", .int64, "The most characters.").keepingZero,
            Field(14, "minLength", .int64, "The fewest characters.").keepingZero,
            Field(15, "pattern", .text, "A regular expression that must match."),
            Field(16, "maxItems", .int64, "The most items.").keepingZero,
            Field(17, "minItems", .int64, "The fewest items.").keepingZero,
            Field(18, "uniqueItems", .boolean, "Whether items must differ."),
            Field(19, "multipleOf", .number, "What a number must be a multiple of.").keepingZero,
            Field(20, "enum", .list(.any(preservesUnknown: true)), "The only values."),
            Field(21, "maxProperties", .int64, "The most properties.").keepingZero,
            Field(22, "minProperties", .int64, "The fewest properties.").keepingZero,
            Field(23, "required", .list(.text), "Properties that must be there."),
            Field(0, "items", .jsonSchema, "The schema of items."),
            Field(25, "allOf", .list(.jsonSchema), "Schemas that must all hold."),
            Field(26, "oneOf", .list(.jsonSchema), "Schemas of which exactly one must hold."),
            Field(27, "anyOf", .list(.jsonSchema), "Schemas of which one must hold."),
            Field(28, "not", .jsonSchema, "A schema that must not hold."),
            Field(29, "properties", .map(of: .jsonSchema), "The properties."),
            Field(
                0, "additionalProperties", .any(preservesUnknown: true),
                "The schema of other properties, or whether there may be any."),
            Field(
                31, "patternProperties", .map(of: .jsonSchema),
                "Properties by pattern; not allowed in definitions."),
            Field(0, "dependencies", .any(preservesUnknown: true), "Not allowed in definitions."),
            Field(
                0, "additionalItems", .any(preservesUnknown: true), "Not allowed in definitions."),
            Field(34, "definitions", .map(of: .jsonSchema), "Not allowed in definitions."),
            Field(35, "externalDocs", .object(.externalDocumentation), "Where more is told."),
            Field(36, "example", .any(preservesUnknown: true), "An example."),
            Field(37, "nullable", .boolean, "Whether null is allowed."),
            Field(
                38, "x-kubernetes-preserve-unknown-fields", .boolean,
                "Keeps properties that are not listed.").keepingZero,
            Field(39, "x-kubernetes-embedded-resource", .boolean, "Whether it is a whole object."),
            Field(40, "x-kubernetes-int-or-string", .boolean, "Allows a whole number or a text."),
            Field(
                41, "x-kubernetes-list-map-keys", .list(.text), "The keys of a list of type map."),
            Field(
                42, "x-kubernetes-list-type", .text,
                "How a list is merged: atomic, set or map.").keepingZero,
            Field(
                43, "x-kubernetes-map-type", .text,
                "How an object is merged: granular or atomic.").keepingZero,
            Field(
                44, "x-kubernetes-validations", .list(.object(.validationRule)),
                "Rules in CEL; not supported."),
        ])

    static let externalDocumentation = ObjectSchema(
        "\(apiExtensions)ExternalDocumentation", "Where more is told.",
        [
            Field(1, "description", .text, "What is there."),
            Field(2, "url", .text, "The address."),
        ])

    static let validationRule = ObjectSchema(
        "\(apiExtensions)ValidationRule", "A rule in CEL; not supported.",
        [
            Field(1, "rule", .text, "The rule.", isRequired: true),
            Field(2, "message", .text, "What is said when it does not hold."),
            Field(3, "messageExpression", .text, "A rule for what is said."),
            Field(4, "reason", .text, "The reason that is given.").keepingZero,
            Field(5, "fieldPath", .text, "The field that is named."),
            Field(6, "optionalOldSelf", .boolean, "Whether it also holds on creation.").keepingZero,
        ])
}
