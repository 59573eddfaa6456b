import Foundation
import Testing

/// Models that nodes fetch, and the server of the quickstart that serves them.
@Suite(.serialized)
struct ModelTests {
    @Test func `a model from the web is fetched once for all copies`() throws {
        let iris = try IrisCluster()
        defer { iris.pods.end() }
        let hash = try iris.site.put(ModelSite.weights, as: "iris.json")
        try iris.add(1, at: iris.site.address + "/iris.json", sha256: hash)
        try iris.serve(1)
        #expect(try iris.infer().contains(#""model_version": "1""#))
        #expect(iris.site.requests(for: "iris.json") == 1)
        #expect(try iris.status("states.activeModelState") == "Loaded")
        let told = try iris.plane("describe", "pods") + iris.plane("get", "events")
        for words in [
            "Fetching model http", "sha256 \(hash)", "models.keelson.dev/ModelFetched   True",
            "Driver:            models.keelson.dev\n", "uri=http",
        ] {
            #expect(told.contains(words), "\(words): \(told)")
        }
        // A pod that comes later finds it on the node; the file cannot be changed.
        try iris.plane("delete", "pods", "--all")
        try eventually("both copies") {
            try iris.plane("get", "events").contains("is on this node already") ? true : nil
        }
        #expect(iris.site.requests(for: "iris.json") == 1)
        try iris.plane("rollout", "status", "deployment", "--timeout=25s")
        let pod = try iris.plane("get", "pods", "-o", "jsonpath={.items[0].metadata.name}")
        let attempt = try iris.plane.shell(
            "kubectl exec \(pod) -- sh -c 'cat $MODEL_PATH; echo x >> $MODEL_PATH'")
        #expect(attempt.output.contains("setosa"), "\(attempt.output)")
        #expect(attempt.output.contains("Read-only file system"), "\(attempt.output)")
        try iris.delete()
    }

    @Test func `any pod may have a model, under any user, at any place`() throws {
        let iris = try IrisCluster()
        defer { iris.pods.end() }
        let hash = try iris.site.put(ModelSite.weights, as: "iris.json")
        // Open to everybody, as the folder of the test is not.
        let place = NSTemporaryDirectory() + "keelson-mounted-" + UUID().uuidString
        // What cannot be removed is left to whoever cleans the temporary folder.
        defer { try? FileManager.default.removeItem(atPath: place) }
        let pod = """
            apiVersion: v1
            kind: Pod
            metadata: {name: reader}
            spec:
              restartPolicy: Never
              securityContext: {runAsUser: 65534, runAsGroup: 65534}
              containers:
              - name: reader
                image: host
                command: [sh, -c, 'id -u; echo $MODEL_PATH; cat $MODEL_PATH; echo x > $MODEL_PATH']
                volumeMounts: [{name: weights, mountPath: \(place)}]
              volumes:
              - name: weights
                csi:
                  driver: models.keelson.dev
                  volumeAttributes:
                    uri: \(iris.site.address)/iris.json
                    sha256: \(hash)
            """
        try iris.plane("apply", "-f", "-", input: pod)
        try iris.plane("wait", "pod", "reader", "--for=jsonpath={.status.phase}=Failed")
        let log = try iris.plane("logs", "reader")
        #expect(log.hasPrefix("65534\n\(place)/model\n"), "\(log)")
        #expect(log.contains(ModelSite.weights), "\(log)")
        #expect(log.contains("Read-only file system") || log.contains("Permission denied"))
        try iris.plane("delete", "pod", "reader")
        try eventually("all processes to end") { iris.pods.all.isEmpty ? true : nil }
    }

    @Test func `without any privileges a model is served all the same`() throws {
        let iris = try IrisCluster(try ControlPlane.unprivileged())
        defer { iris.pods.end() }
        let hash = try iris.site.put(ModelSite.weights, as: "iris.json")
        try iris.add(1, at: iris.site.address + "/iris.json", sha256: hash)
        try iris.serve(1)
        try iris.delete()
    }

    @Test func `a version that is not what its hash says is rolled back, and nobody notices`()
        throws
    {
        let iris = try IrisCluster()
        defer { iris.pods.end() }
        let right = try iris.site.put(ModelSite.weights, as: "iris-1.json")
        let url = iris.site.address + "/iris-2.json"
        let other = try iris.site.put(ModelSite.weights + " ", as: "iris-2.json")
        try iris.add(1, at: "file://" + iris.site.path("iris-1.json"), sha256: right)
        try iris.serve(1)
        let answers = try iris.underLoad {
            try iris.add(2, at: url, sha256: right.replacing("0", with: "1"), parent: "iris-1")
            try iris.ask(for: 2)
            try eventually("the failure, before it is given up") {
                let told = try iris.status("lastFailureInfo.message")
                let states = try iris.status("states.targetModelState")
                    + iris.status("transitionStatus")
                return told.contains("sha256 mismatch: expected")
                    && states == "FailedToLoadInProgress" ? true : nil
            }
            #expect(try iris.plane("get", "pods").contains("ModelFetchBackOff"))
            try eventually("the rollback") {
                try iris.status("transitionStatus") == "BlockedByFailedLoad" ? true : nil
            }
            #expect(try iris.status("states.activeModelState") == "Loaded")
        }
        #expect(Set(answers) == ["200"] && answers.count > 10, "\(answers)")
        let told = try iris.plane("describe", "modeldeployment", "iris")
        for word in ["RolledBack", "ModelLoadFailed", "sha256 mismatch", "Promoted"] {
            #expect(told.contains(word), "\(word): \(told)")
        }
        try eventually("both versions with their states") {
            try Self.isListed(
                try iris.plane("get", "models", "-o", "wide"),
                ["Ready", "<none>", "file://" + iris.site.path("iris-1.json"), right],
                ["Failed", "iris-1", url, right.replacing("0", with: "1")])
        }
        // The same file under its own hash is another version.
        try iris.add(3, at: url, sha256: other, parent: "iris-2")
        try iris.ask(for: 3)
        try eventually("the third version to serve") {
            try iris.status("transitionStatus") == "UpToDate"
                && iris.infer().contains(#""model_version": "3""#) ? true : nil
        }
        try iris.delete()
    }

    /// Whether `-o wide` shows two versions: phase, parents, address and hash.
    private static func isListed(
        _ table: String, _ first: [String], _ second: [String]
    ) throws -> Bool? {
        let lines = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let names = [
            "NAME", "MODEL", "FORMAT", "VERSION", "PHASE", "AGE", "PARENTS", "URI", "SHA256",
        ]
        guard lines.count == 3 else { throw TooLate(description: table) }
        let shown = lines.dropFirst().map { [$0[4]] + $0.suffix(3) }
        guard lines[0] == names, shown == [first, second] else {
            throw TooLate(description: table)
        }
        return true
    }

    @Test func `a version with broken weights is rolled back, and nobody notices`() throws {
        let iris = try IrisCluster()
        defer { iris.pods.end() }
        let right = try iris.site.put(ModelSite.weights, as: "iris-1.json")
        let broken = try iris.site.put(ModelSite.broken, as: "iris-2.json")
        try iris.add(1, at: iris.site.address + "/iris-1.json", sha256: right)
        try iris.serve(1)
        let answers = try iris.underLoad {
            try iris.add(2, at: iris.site.address + "/iris-2.json", sha256: broken)
            try iris.ask(for: 2)
            try eventually("the rollback") {
                try iris.status("transitionStatus") == "BlockedByFailedLoad" ? true : nil
            }
        }
        #expect(Set(answers) == ["200"] && answers.count > 10, "\(answers)")
        #expect(try iris.status("lastFailureInfo.reason") == "ModelLoadFailed")
        #expect(try iris.status("lastFailureInfo.exitCode") == "1")
        let events = try iris.plane("get", "events", "--field-selector=involvedObject.name=iris")
        let lines = events.split(separator: "\n").map(String.init)
        for (reason, words) in [
            ("RevisionCreated", "Created revision iris-"), ("Promoted", "serves all requests"),
            ("ModelLoadFailed", "container server ended with exit code 1 (Error)"),
            ("RolledBack", "goes on serving"),
        ] {
            #expect(lines.contains { $0.contains(reason) && $0.contains(words) }, "\(events)")
        }
        try iris.delete()
    }

    /// In a network of its own: the address of the name service is one for each machine. The
    /// server is one without any settings, in the folder where it was started.
    @Test func `a model from a file answers under the name that its status tells`() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/iris.json"
        try ModelSite.weights.write(toFile: file, atomically: true, encoding: .utf8)
        let kubectl = try #require(Programs.kubectls.last)
        let script = """
            export PATH=/usr/sbin:/sbin:$PATH
            ip link set lo up
            kubectl() { '\(kubectl.path)' "$@"; }
            cd '\(scratch.path)'
            export KUBECONFIG=default.keelson/kubeconfig
            '\(Programs.keelson)' server --pods-on-exit stop > log 2>&1 &
            server=$!
            until kubectl get --raw /readyz > /dev/null 2>&1; do :; done
            kubectl apply --filename=- > /dev/null
            kubectl wait --for=condition=Ready modeldeployment/iris --timeout=25s
            url=$(kubectl get modeldeployment iris --output=jsonpath='{.status.url}')
            name=${url#http://}
            address=$(dig +short +tries=1 +time=2 @127.64.0.10 $name A)
            curl --silent --resolve $name:80:$address $url/v2/models/iris/infer \
                --data @'\(Programs.root)/manifests/iris-request.json'
            kill $server
            wait $server
            """
        let manifest =
            IrisCluster.model(1, at: "file://" + file, sha256: nil) + "\n---\n"
            + (try IrisCluster.serving(1))
        let answer = try ChildProcess.run(
            ["/usr/bin/unshare", "--net", "/bin/sh", "-c", script],
            variables: ["HOME": scratch.path], input: manifest, within: .seconds(60))
        #expect(answer.output.contains(#""data": ["setosa", "versicolor"]"#), "\(answer)")
    }

    @Test func `a model that cannot be had says why, and comes when it can`() throws {
        let iris = try IrisCluster()
        defer { iris.pods.end() }
        try iris.add(1, at: iris.site.address + "/late.json")
        try iris.plane("apply", "-f", "-", input: try IrisCluster.serving(1))
        try eventually("the answer of the web server") {
            try iris.status("lastFailureInfo.message").contains("the server answers 404 Not Found")
                ? true : nil
        }
        #expect(try iris.status("states.targetModelState") == "FailedToLoad")
        let hash = try iris.site.put(ModelSite.weights, as: "late.json")
        try iris.plane("wait", "--for=condition=Ready", "modeldeployment/iris", "--timeout=25s")
        #expect(try iris.status("lastFailureInfo").isEmpty)
        // The hash that nobody gave is told.
        try eventually("the hash and the size") {
            let found = try iris.plane(
                "get", "model", "iris-1", "-o",
                "jsonpath={.status.phase} {.status.sizeBytes} {.status.sha256}")
            return found == "Ready \(ModelSite.weights.utf8.count) \(hash)" ? true : nil
        }
        // Neither a restart of the server nor one of a pod fetches it again.
        let requests = iris.site.requests(for: "late.json")
        iris.plane.kill()
        try iris.plane.start()
        try iris.plane("delete", "pods", "--all")
        try iris.plane("wait", "--for=condition=Ready", "modeldeployment/iris", "--timeout=25s")
        try iris.plane("rollout", "status", "deployment", "--timeout=25s")
        #expect(iris.site.requests(for: "late.json") == requests)
        try iris.delete()
    }
}
