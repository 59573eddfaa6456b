import Foundation
import Testing

/// What `keelson create KIND` makes, held against what the newest kubectl makes.
@Suite struct CreateTests {
    /// Lines that make objects; `DRY` is `--dry-run=client -o yaml`.
    private static let makers = """
        namespace a DRY
        cm c --from-literal=a=b --from-literal=c=d,e=f --from-literal=e= DRY
        configmap c --from-file=folder --namespace=other DRY
        cm c --from-file=folder/text,k=folder/bytes DRY
        cm c --from-env-file=variables DRY
        secret generic s --from-literal=a=b --from-file=folder/bytes --type=my/type DRY
        secret docker-registry r --docker-username=u --docker-password=p DRY
        secret docker-registry r --from-file=.dockerconfigjson=folder/text DRY
        secret tls t --cert=cert --key=key DRY
        sa s DRY
        deployment w --image=web:1 --replicas=2 --port=8080 DRY -- a --b
        deploy w --image=r.example/p/web:1@sha256:abc,b:2 --namespace=other DRY
        job j --image=a DRY -- b --c
        job j --from=cronjob/nightly DRY
        cronjob c --image=a --schedule='* * * * *' DRY -- date
        cj c --image=a --schedule='* * * * *' --restart=Never DRY
        service clusterip s --tcp=80:8080,81 --tcp=82:name DRY
        svc clusterip s --clusterip=None DRY
        service nodeport s --tcp=80:8080 --node-port=30000 DRY
        service loadbalancer s --tcp=80 DRY
        service externalname s --external-name=a.b DRY
        role r --verb=get,list,get --resource=pods,pods/log,deploy.apps,cm DRY
        role r --verb=get,'*' --resource=pods,'*' --resource-name=a --resource-name=b DRY
        role r --verb=impersonate --resource=users DRY
        role r --verb=sing --resource=pods DRY
        clusterrole r --verb=get --resource=nodes --non-resource-url=/a/*,/b DRY
        clusterrole r --aggregation-rule=a.b/c=true,d=e DRY
        rolebinding b --role=x --user=a --group=g --serviceaccount=n:s DRY
        clusterrolebinding b --clusterrole=x --user=a --user=b,c DRY
        deployment w --image=web --dry-run=client
        clusterrole r --verb=get --resource=po --dry-run=client -o name
        deployment w --image=web --dry-run=server -o jsonpath='{.spec.replicas}'
        """

    /// Lines that make none.
    private static let mistakes = """
        namespace
        secret tls
        cm c --from-file=folder/none
        cm c --from-file=x=folder
        cm c --from-env-file=variables --from-literal=a=b
        cm c --from-env-file=folder
        cm c --from-literal=a
        cm A_B
        secret generic s --from-literal='x y=2'
        secret generic s --namespace=nowhere
        secret tls t
        secret tls t --cert=none --key=none
        secret docker-registry r --docker-username=u
        deploy w
        deploy w --image=a --image=b -- c
        job j
        job j --image=a --from=cronjob/nightly
        job j --from=cronjob/nightly -- a
        job j --from=cronjob/none
        job j --from=cronjob
        cj c
        cj C --image=a --schedule=x
        svc clusterip s
        svc clusterip s --tcp=99999
        svc clusterip s --tcp=80 --namespace=nowhere
        svc externalname s
        role r --verb=get
        role r --resource=pods
        role r --verb=use --resource=pods
        role '%' --verb=get --resource=pods
        clusterrole r --verb=list --non-resource-url=/a
        clusterrole r --aggregation-rule=a=b --verb=get
        rolebinding b --role=x --clusterrole=y
        rolebinding b --role=x --serviceaccount=s
        clusterrolebinding b
        """

    @Test(arguments: [makers, mistakes])
    func `keelson makes what kubectl makes`(_ lines: String) throws {
        let plane = try ControlPlane()
        let folder = plane.scratch.path + "/home"
        try FileManager.default.createDirectory(
            atPath: folder + "/folder/below", withIntermediateDirectories: true)
        try Data("text\n".utf8).write(to: URL(filePath: folder + "/folder/text"))
        try Data([0xFF, 0xFE]).write(to: URL(filePath: folder + "/folder/bytes"))
        try "A=1\n# note\nB= x=y\nHOME\n".write(
            toFile: folder + "/variables", atomically: true, encoding: .utf8)
        let key = try plane.shell(
            "\(Programs.openssl) req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                + " -keyout key -out cert -days 30 -subj /CN=a")
        try #require(key.exitCode == 0, "\(key.output)")
        try plane("create", "cronjob", "nightly", "--image=a", "--schedule=* * * * *")
        let script = lines.split(separator: "\n").map { line in
            let line = String(line).replacing("DRY", with: "--dry-run=client -o yaml")
            return "echo \"$ \"\(quoted(line)); TOOL create \(line); echo \"[$?]\""
        }.joined(separator: "\n")
        let theirs = try plane.shell(script.replacing("TOOL", with: "kubectl"))
        let ours = try plane.shell(script.replacing("TOOL", with: "keelson"))
        let difference = ours.output.replacing("'keelson ", with: "'kubectl ")
            .split(separator: "\n").difference(from: theirs.output.split(separator: "\n"))
        #expect(difference.isEmpty, "\(difference)")
        #expect(theirs.output.count > 1_000)
    }

    private func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
