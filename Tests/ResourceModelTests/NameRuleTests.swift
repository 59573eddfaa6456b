import ResourceModel
import Testing

/// Kubernetes' rules for names, with its words.
@Suite struct NameRuleTests {
    private static let label =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and"
        + " must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc',"
        + " regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    private static let subdomain =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
        + " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex"
        + " used for validation is"
        + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    private static let qualified =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
        + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
        + " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    private static let value =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
        + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
        + " 'my_value',  or '12345', regex used for validation is"
        + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    private static let long = String(repeating: "a", count: 64)

    private static let names: [(NameRule, String, [String])] = [
        (.dns1123Label, "a", []), (.dns1123Label, "0-a", []), (.dns1123Label, "", [label]),
        (.dns1123Label, "A", [label]), (.dns1123Label, "-a", [label]),
        (.dns1123Label, "a-", [label]), (.dns1123Label, "a_b", [label]),
        (.dns1123Label, "a.b", ["must not contain dots"]),
        (.dns1123Label, long, ["must be no more than 63 bytes"]),
        (.dns1123Subdomain, "a.b-c.d", []), (.dns1123Subdomain, "a..b", [subdomain]),
        (.dns1123Subdomain, "My_App", [subdomain]),
        (.dns1123Subdomain, String(repeating: "a", count: 254), ["must be no more than 253 bytes"]),
        (.dns1035Label, "a1", []),
        (
            .dns1035Label, "1a",
            [
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start"
                    + " with an alphabetic character, and end with an alphanumeric character (e.g."
                    + " 'my-name',  or 'abc-123', regex used for validation is"
                    + " '[a-z]([-a-z0-9]*[a-z0-9])?')"
            ]
        ),
        (.qualifiedName, "a", []), (.qualifiedName, "kubernetes.io/My_name.x", []),
        (.qualifiedName, "", ["name part must be non-empty", "name part \(qualified)"]),
        (.qualifiedName, "/a", ["prefix part must be non-empty"]),
        (.qualifiedName, "A/a", ["prefix part \(subdomain)"]),
        (
            .qualifiedName, "a/b/c",
            [
                "a valid label key \(qualified) with an optional DNS subdomain prefix and '/'"
                    + " (e.g. 'example.com/MyName')"
            ]
        ),
        (.qualifiedName, "a/" + long, ["name part must be no more than 63 bytes"]),
        (.labelValue, "", []), (.labelValue, "a.b_C-1", []), (.labelValue, "-", [value]),
        (.labelValue, "é", [value]), (.labelValue, long, ["must be no more than 63 bytes"]),
        (.portName, "http-1", []), (.portName, "1", ["must contain at least one letter (a-z)"]),
        (.portName, "a--b", ["must not contain consecutive hyphens"]),
        (.portName, "a-", ["must not begin or end with a hyphen"]),
        (.portName, "abcdefghijklmnop", ["must be no more than 15 bytes"]),
        (
            .portName, "A",
            [
                "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
                "must contain at least one letter (a-z)",
            ]
        ),
        (.configMapKey, "a_B.c-1", []), (.configMapKey, "..a", ["must not start with '..'"]),
        (
            .configMapKey, "a/b",
            [
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g."
                    + " 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is"
                    + " '[-._a-zA-Z0-9]+')"
            ]
        ),
        (.environmentName, "A_1", []), (.environmentName, "..", ["must not be '..'"]),
        (
            .environmentName, "1A",
            [
                "a valid environment variable name must consist of alphabetic characters, digits,"
                    + " '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or"
                    + " 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is"
                    + " '[-._a-zA-Z][-._a-zA-Z0-9]*')"
            ]
        ),
        (.percent, "25%", []),
        (.pathSegment, "system:node", []),
        (.pathSegment, "a/b%", ["may not contain '/'", "may not contain '%'"]),
        (.pathSegment, "..", ["may not be '..'"]),
        (
            .percent, "%",
            [
                "a valid percent string must be a numeric string followed by an ending '%' (e.g."
                    + " '1%',  or '93%', regex used for validation is '[0-9]+%')"
            ]
        ),
    ]

    @Test(arguments: names)
    func `a name is judged in Kubernetes' words`(
        _ rule: NameRule, _ name: String, _ problems: [String]
    ) {
        #expect(rule.problems(name) == problems)
    }

    @Test func `the beginning of a generated name may end with a hyphen`() {
        #expect(NameRule.dns1123Subdomain.problemsOfPrefix("web-").isEmpty)
        #expect(NameRule.dns1123Subdomain.problems("web-") == [Self.subdomain])
        #expect(NameRule.dns1123Subdomain.problemsOfPrefix("Web-") == [Self.subdomain])
    }
}
