import Drafting
import ResourceModel
import Testing

/// Workloads, services and roles from flags. The end-to-end tests hold all of them against what
/// kubectl makes.
@Suite struct DraftTests {
    @Test(arguments: [
        ("web", "web"), ("r.example/team/web:1", "web"), ("web@sha256:abc", "web"),
        ("my_web:1", "my-web-xyz"), ("a.b", "a-b-xyz"), ("r.example:5000/web", "web"),
    ])
    func `a container is named for its image`(_ image: String, _ name: String) throws {
        let deployment = try Draft.deployment(
            "d", images: [image], command: [], replicas: 1, port: nil
        ) { "xyz" }
        let container = deployment.value(at: "spec.template.spec.containers")?[0]
        #expect(container == ["name": .string(name), "image": .string(image), "resources": [:]])
    }

    @Test func `only a single container may have a command`() throws {
        #expect(throws: DraftFailure.self) {
            try Draft.deployment("d", images: ["a", "b"], command: ["c"], replicas: 1, port: nil) {
                ""
            }
        }
        let job = Draft.job("j", image: "a", command: ["b", "c"])
        #expect(job.value(at: "spec.template.spec.containers")?[0]["command"] == ["b", "c"])
    }

    @Test func `a job of a cron job belongs to it and has its labels`() {
        var cronJob = Draft.cronJob(
            "c", image: "i", command: [], schedule: "* * * * *", restart: "Never")
        cronJob["metadata"]["uid"] = "u"
        cronJob["spec"]["jobTemplate"]["metadata"] = [
            "labels": ["a": "b"], "annotations": ["c": "d"],
        ]
        let job = Draft.job("j", of: cronJob)
        #expect(job["spec"] == cronJob["spec"]["jobTemplate"]["spec"])
        #expect(job["metadata"]["labels"] == ["a": "b"])
        #expect(
            job["metadata"]["annotations"]
                == ["c": "d", "cronjob.kubernetes.io/instantiate": "manual"])
        #expect(job["metadata"]["ownerReferences"]?[0]["uid"] == "u")
    }

    @Test(arguments: [
        ("", "strconv.ParseUint: parsing \"\": invalid syntax"),
        ("-1", "strconv.ParseUint: parsing \"-1\": invalid syntax"),
        ("65536", "strconv.ParseUint: parsing \"65536\": value out of range"),
        ("1:0", "must be between 1 and 65535, inclusive"),
        ("1:65536", "must be between 1 and 65535, inclusive"),
        ("1:A", "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-),"
            + "must contain at least one letter (a-z)"),
    ])
    func `a wrong port is refused`(_ port: String, _ why: String) {
        let failure = #expect(throws: DraftFailure.self) {
            try Draft.service("s", .loadBalancer, ports: [port])
        }
        #expect(failure?.description == why)
    }

    @Test func `only services without an address of their own may lack ports`() throws {
        #expect(throws: DraftFailure.self) { try Draft.service("s", .clusterIP(nil), ports: []) }
        #expect(throws: DraftFailure.self) { try Draft.service("s", .nodePort(nil), ports: []) }
        #expect(throws: DraftFailure.self) {
            try Draft.service("s", .externalName("a_b"), ports: [])
        }
        #expect(try Draft.service("s", .clusterIP("None"), ports: [])["spec"]["ports"] == nil)
        #expect(try Draft.service("s", .externalName("a.b"), ports: [])["spec"]["ports"] == nil)
    }

    @Test func `a role has a rule for each group`() {
        let role = Draft.role(
            "r", isForCluster: true, verbs: ["get", "get"],
            resources: [
                .init(group: "apps", resource: "deployments"), .init(group: "", resource: "pods"),
                .init(group: "", resource: "pods/log"), .init(group: "", resource: "pods"),
            ], names: ["a", "a"], urls: ["/x", "/x"])
        #expect(
            role["rules"] == [
                [
                    "apiGroups": [""], "verbs": ["get"], "resources": ["pods", "pods/log"],
                    "resourceNames": ["a"],
                ],
                [
                    "apiGroups": ["apps"], "verbs": ["get"], "resources": ["deployments"],
                    "resourceNames": ["a"],
                ],
                ["nonResourceURLs": ["/x"], "verbs": ["get"]],
            ])
    }

    @Test func `verbs that belong to certain resources belong to no others`() throws {
        let pods = Draft.RuleResource(group: "", resource: "pods")
        let users = Draft.RuleResource(group: "", resource: "users")
        #expect(try !Draft.check(pods, verbs: ["get"]))
        #expect(try Draft.check(users, verbs: ["impersonate"]))
        #expect(throws: DraftFailure.self) { try Draft.check(pods, verbs: ["get", "bind"]) }
        #expect(Draft.unusual(["get", "sing", "*"]) == ["sing"])
        for (url, verb) in [("a", "get"), ("/a*b", "get"), ("/a", "list")] {
            #expect(throws: DraftFailure.self) { try Draft.check(urls: [url], verbs: [verb]) }
        }
        try Draft.check(urls: ["/a/*", "*"], verbs: ["get", "post"])
    }

    @Test(arguments: ["a", ":a", "a:", "a:b:c"])
    func `a service account is named with its namespace`(_ account: String) {
        #expect(throws: DraftFailure.self) {
            try Draft.roleBinding(
                "b", isForCluster: false, role: ("Role", "r"),
                Draft.Subjects(users: [], groups: [], serviceAccounts: [account]))
        }
    }
}
