import Foundation
import Testing

/// What a shell offers while a command is typed, in a real bash with a real server behind it.
@Suite struct CompletionTests {
    /// Lines as bash takes them apart, and what is offered for the last word, sorted.
    private static let lines: [(words: String, offered: String)] = [
        ("ge", "get"),
        ("get configm", "configmaps"),
        ("get boa", "boats.harbor.example"),
        ("get configmaps ''", "blue green"),
        ("get configmaps gr", "green"),
        ("get configmaps blue ''", "green"),
        ("get cm/b", "cm/blue"),
        ("get cm -n other ''", "red"),
        ("get cm --namespace = other r", "red"),
        ("get cm -nother r", "red"),
        ("get -n o", "other"),
        ("get --context ''", "keelson"),
        ("get -o js", "json jsonpath jsonpath-file"),
        ("get --show-l", "--show-labels"),
        ("get cm --context missing ''", ""),
        ("get cm --server = https://127.0.0.1 ''", ""),
        ("get nonsense ''", ""),
        ("describe configmaps bl", "blue"),
        ("delete configmaps bl", "blue"),
        ("rollout st", "status"),
        ("rollout status ''", "daemonsets deployments statefulsets"),
        ("rollout status deployments ''", "web"),
        ("scale deployments/", "deployments/web"),
        ("exec ''", "idle"),
        ("exec idle -c ''", "first main"),
        ("exec idle -- ''", ""),
        ("logs id", "idle"),
        ("create secret g", "generic"),
        ("create deployment web --im", "--image"),
        ("completion ''", "bash fish zsh"),
    ]

    private static let objects = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: boats.harbor.example}
        spec:
          group: harbor.example
          names: {kind: Boat, plural: boats}
          scope: Namespaced
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object}}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: other}}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: blue}}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: green}}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: red, namespace: other}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: idle}
        spec:
          initContainers: [{name: first, image: host}]
          containers: [{name: main, image: host}]
        """

    @Test func `bash offers what there is`() throws {
        let plane = try ControlPlane()
        try plane("apply", "-f", "-", input: Self.objects)
        try plane("create", "deployment", "web", "--image=web")
        let calls = Self.lines.map { "offer keelson \($0.words)" }.joined(separator: "\n")
        // As bash calls what `complete` names, with the words and where the cursor is.
        let script = """
            keelson() { '\(Programs.keelson)' "$@"; }
            source <(keelson completion bash)
            function=$(complete -p keelson | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
            offer() {
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
                COMPREPLY=()
                $function keelson "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
                printf '%s\\n' "${COMPREPLY[@]}" | sort | xargs
            }
            \(calls)

            """
        let file = plane.scratch.path + "/home/offer"
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        let answer = try plane.shell("LC_ALL=C bash offer")
        let offered = answer.output.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(offered.count == Self.lines.count + 1, "\(answer.output)")
        for (line, said) in zip(Self.lines, offered) {
            #expect(line.offered == said, "\(line.words)")
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `there is a script for each shell`(_ shell: String) throws {
        let answer = try ChildProcess.run([Programs.keelson, "completion", shell])
        #expect(answer.exitCode == 0)
        #expect(answer.output.contains("rollout"))
        #expect(answer.output.contains("---completion"))
    }
}
