import Foundation
import Testing

/// What becomes of pods when somebody changes his mind, or was wrong.
@Suite(.serialized)
struct LifecycleTests {
    /// A deployment whose one container runs a line of shell.
    private static func deployment(_ line: String, _ spec: String = "") -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: app}
        spec:
          selector: {matchLabels: {app: app}}
          \(spec)
          template:
            metadata: {labels: {app: app}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - {name: app, image: host, command: [sh, -c, '\(line)']}
        """
    }

    @Test func `a deployment grows from one to fifty and shrinks to none`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try plane("apply", "-f", "-", input: Self.deployment("exec sleep 987654"))
        try plane("rollout", "status", "deployment/app", "--timeout=25s")
        #expect(pods.naming("sleep 987654").count == 1)
        try plane("scale", "deployment/app", "--replicas=50")
        try plane("rollout", "status", "deployment/app", "--timeout=30s")
        #expect(pods.naming("sleep 987654").count == 50)
        let addresses = try plane(
            "get", "pods", "-o", "jsonpath={range .items[*]}{.status.podIP}{\"\\n\"}{end}")
        #expect(Set(addresses.split(separator: "\n")).count == 50)
        // No pod was made or started twice on the way.
        let starts = try plane(
            "get", "events", "--field-selector=reason=Started",
            "-o", "jsonpath={range .items[*]}{.involvedObject.name} {.count}{\"\\n\"}{end}")
        let lines = starts.split(separator: "\n")
        #expect(lines.count == 50 && lines.allSatisfy { $0.hasSuffix(" 1") }, "\(starts)")
        try plane("scale", "deployment/app", "--replicas=0")
        try plane("wait", "pods", "--all", "--for=delete", "--timeout=30s")
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
        #expect(try plane("get", "deployment", "app", "--no-headers").hasPrefix("app   0/0   0"))
    }

    @Test func `a bad command is told, leaves the old version alone, and is undone`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try plane("apply", "-f", "-", input: Self.deployment("exec sleep 987655"))
        try plane("rollout", "status", "deployment/app", "--timeout=25s")
        let before = pods.naming("sleep 987655")
        try plane(
            "patch", "deployment", "app", "--type=json", "-p",
            #"[{"op":"replace","path":"/spec/template/spec/containers/0/command","#
                + #""value":["/nope/app"]},"#
                + #"{"op":"replace","path":"/spec/progressDeadlineSeconds","value":2}]"#)
        let status = try plane.shell("kubectl rollout status deployment/app --timeout=25s")
        #expect(status.exitCode == 1)
        #expect(status.output.contains("exceeded its progress deadline"), "\(status.output)")
        let why = try plane.shell("kubectl describe pods -l app=app; kubectl get pods")
        #expect(why.output.contains("/nope/app"), "\(why.output)")
        #expect(why.output.contains("CrashLoopBackOff"), "\(why.output)")
        #expect(pods.naming("sleep 987655") == before)
        let condition = try plane(
            "get", "deployment", "app", "-o",
            "jsonpath={.status.conditions[?(@.type==\"Progressing\")].reason}")
        #expect(condition == "ProgressDeadlineExceeded")

        try plane("rollout", "undo", "deployment/app")
        // As in Kubernetes, the old verdict stands until pods have come or gone.
        try eventually("the roll-out to be undone") {
            try plane("rollout", "status", "deployment/app", "--timeout=25s")
        }
        try eventually("the failed pod to go") {
            try plane("get", "pods", "-o", "name").split(separator: "\n").count == 1 ? true : nil
        }
        #expect(pods.naming("sleep 987655") == before)
        let history = try plane("rollout", "history", "deployment/app")
        #expect(history.contains("\n3 ") && !history.contains("\n1 "), "\(history)")
    }

    @Test func `a pod that fits nowhere says why, and goes with its owner`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try plane("apply", "-f", "-", input: Self.deployment("exec sleep 987658"))
        try plane("rollout", "status", "deployment/app", "--timeout=25s")
        try plane("set", "resources", "deployment/app", "--requests=cpu=1000")
        try eventually("the reason") {
            let events = try plane("get", "events", "--field-selector=reason=FailedScheduling")
            return events.contains("1 Insufficient cpu") ? true : nil
        }
        #expect(try plane("get", "pods").contains("Pending"))
        try plane("delete", "deployment", "app", "--cascade=foreground", "--timeout=25s")
        #expect(try plane("get", "replicasets,pods", "-o", "name").isEmpty)
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
    }

    @Test func `a model's version that does not load is rolled back by itself`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try plane("apply", "-f", Programs.root + "/manifests/quickstart/2-model.yaml")
        try plane(
            "patch", "modeldeployment", "iris", "--type=merge", "-p",
            #"{"spec":{"replicas":1,"progressDeadlineSeconds":4}}"#)
        try plane("wait", "--for=condition=Ready", "modeldeployment/iris", "--timeout=25s")
        let bad = """
            {"apiVersion": "models.keelson.dev/v1alpha1", "kind": "Model",
             "metadata": {"name": "iris-2"}, "spec": {"modelName": "iris", "version": "2",
             "format": {"name": "logistic"}, "uri": "data:,nonsense"}}
            """
        try plane("apply", "-f", "-", input: bad)
        try eventually("the event that tells of it") {
            try plane("get", "events", "--field-selector=reason=RolledBack", "-o", "name").isEmpty
                ? nil : true
        }
        let failure = try plane(
            "get", "modeldeployment", "iris", "-o",
            "jsonpath={.status.modelStatus.transitionStatus} "
                + "{.status.modelStatus.lastFailureInfo.reason} "
                + "{.status.traffic[*].percent}")
        #expect(failure == "BlockedByFailedLoad ModelLoadFailed 100")
        let address = try plane("get", "service", "iris", "-o", "jsonpath={.spec.clusterIP}")
        let answer = try ChildProcess.run([
            "/usr/bin/curl", "--silent", "http://\(address)/v2/models/iris/infer", "--data",
            "@" + Programs.root + "/manifests/iris-request.json",
        ])
        #expect(answer.output.contains(#""model_version": "1""#), "\(answer.output)")
    }

    /// In a network of its own: the address of the name service is one for each machine.
    @Test func `dig is told of a service, of its ports and of what is not there`() throws {
        let scratch = try Scratch()
        let kubectl = try #require(Programs.kubectls.last)
        let script = """
            export PATH=/usr/sbin:/sbin:$PATH
            ip link set lo up
            kubectl() { '\(kubectl.path)' "$@"; }
            folder='\(scratch.path)/dns'
            export KUBECONFIG=$folder/kubeconfig
            '\(Programs.keelson)' server --data-dir "$folder" --pods-on-exit stop \
                > "$folder.log" 2>&1 &
            server=$!
            until kubectl get --raw /readyz > /dev/null 2>&1; do :; done
            kubectl apply --filename=- > /dev/null
            ask() { dig +short +tries=1 +time=2 @127.64.0.10 "$@" | tr '\\n' ' '; }
            name=web.default.svc.cluster.local
            until [ -n "$(ask $name A)" ]; do :; done
            address=$(kubectl get service web --output=jsonpath='{.spec.clusterIP}')
            [ "$(ask $name A)" = "$address " ] && echo udp
            [ "$(ask +tcp $name A)" = "$address " ] && echo tcp
            [ "$(ask -x $address)" = "$name. " ] && echo reverse
            echo "aaaa $(ask $name AAAA)"
            echo "srv $(ask _http._tcp.$name SRV)"
            dig @127.64.0.10 absent.default.svc.cluster.local A | grep --only-matching NXDOMAIN
            kubectl delete service web > /dev/null
            until dig @127.64.0.10 $name A | grep --quiet NXDOMAIN; do :; done
            echo gone
            kill $server
            wait $server
            """
        let manifest = """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {ports: [{name: http, port: 80}]}
            """
        let answer = try ChildProcess.run(
            ["/usr/bin/unshare", "--net", "/bin/sh", "-c", script],
            variables: ["HOME": scratch.path], input: manifest, within: .seconds(30))
        let said = """
            udp
            tcp
            reverse
            aaaa
            srv 0 100 80 web.default.svc.cluster.local.
            NXDOMAIN
            gone
            """
        let lines = answer.lines.map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(lines.joined(separator: "\n") == said, "\(answer.errors)")
    }
}
