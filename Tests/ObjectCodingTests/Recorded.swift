/// Bodies that kubectl 1.32 sent to a recording server, and the objects that the same commands
/// print with `--dry-run=client -o json` (its null times left out).
struct Recorded: Sendable, CustomStringConvertible {
    var command: String
    var hex: String
    var json: String

    var description: String { command }
}

extension Recorded {
    static let all: [Recorded] = [
        Recorded(
            command: "kubectl create deployment web --image=nginx:1.27 --replicas=3 --port=80",
            hex: """
                6b3873000a150a07617070732f7631120a4465706c6f796d656e7412bd010a1f0a0377656212001a
                0022002a003200380042005a0a0a036170701203776562128b010803120c0a0a0a03617070120377
                65621a710a1c0a0012001a0022002a003200380042005a0a0a036170701203776562125112330a05
                6e67696e78120a6e67696e783a312e32372a00320a0a001000185022002a0042006a007200800100
                880100900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a
                00280038001a0c0800100018002000280038001a002200
                """,
            json: """
                {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "web",
                "labels": {"app": "web"}}, "spec": {"replicas": 3, "selector": {
                "matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {
                "app": "web"}}, "spec": {"containers": [{"name": "nginx",
                "image": "nginx:1.27", "ports": [{"containerPort": 80}], "resources": {
                }}]}}, "strategy": {}}, "status": {}}
                """),
        Recorded(
            command: "kubectl create configmap settings --from-literal=color=blue "
                + "--from-literal=empty=",
            hex: """
                6b3873000a0f0a0276311209436f6e6669674d617012340a180a0873657474696e677312001a0022
                002a00320038004200120d0a05636f6c6f721204626c756512090a05656d70747912001a002200
                """,
            json: """
                {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "settings"},
                "data": {"color": "blue", "empty": ""}}
                """),
        Recorded(
            command: "kubectl create configmap bytes --from-file=blob=blob",
            hex: """
                6b3873000a0f0a0276311209436f6e6669674d617012280a150a05627974657312001a0022002a00
                3200380042001a0f0a04626c6f62120700ff01fe0a0d001a002200
                """,
            json: """
                {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "bytes"},
                "binaryData": {"blob": "AP8B/goNAA=="}}
                """),
        Recorded(
            command: "kubectl create secret generic login --from-literal=user=admin "
                + "--from-literal=password=s3cret",
            hex: """
                6b3873000a0c0a0276311206536563726574123c0a150a056c6f67696e12001a0022002a00320038
                00420012120a0870617373776f72641206733363726574120d0a0475736572120561646d696e1a00
                1a002200
                """,
            json: """
                {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "login"},
                "data": {"password": "czNjcmV0", "user": "YWRtaW4="}}
                """),
        Recorded(
            command: "kubectl create namespace team-a",
            hex: """
                6b3873000a0f0a02763112094e616d657370616365121e0a160a067465616d2d6112001a0022002a
                0032003800420012001a020a001a002200
                """,
            json: """
                {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "team-a"},
                "spec": {}, "status": {}}
                """),
        Recorded(
            command: "kubectl create job pi --image=perl -- perl -e 'print 1'",
            hex: """
                6b3873000a0f0a0862617463682f763112034a6f62128a010a120a02706912001a0022002a003200
                38004200126a32680a100a0012001a0022002a00320038004200125412310a02706912047065726c
                1a047065726c1a022d651a077072696e7420312a0042006a007200800100880100900100a201001a
                054e65766572320042004a0052005800600068008201008a01009a0100c201001a08200028003000
                3a001a002200
                """,
            json: """
                {"kind": "Job", "apiVersion": "batch/v1", "metadata": {"name": "pi"},
                "spec": {"template": {"metadata": {}, "spec": {"containers": [{"name": "pi",
                "image": "perl", "command": ["perl", "-e", "print 1"], "resources": {}}],
                "restartPolicy": "Never"}}}, "status": {}}
                """),
        Recorded(
            command: "kubectl create cronjob tick --image=busybox --schedule='*/5 * * * *' -- date",
            hex: """
                6b3873000a130a0862617463682f7631120743726f6e4a6f6212aa010a140a047469636b12001a00
                22002a00320038004200128f010a0b2a2f35202a202a202a202a1a002a7e0a140a047469636b1200
                1a0022002a00320038004200126632640a100a0012001a0022002a00320038004200125012290a04
                7469636b120762757379626f781a04646174652a0042006a007200800100880100900100a201001a
                094f6e4661696c757265320042004a0052005800600068008201008a01009a0100c201001a001a00
                2200
                """,
            json: """
                {"kind": "CronJob", "apiVersion": "batch/v1", "metadata": {"name": "tick"},
                "spec": {"schedule": "*/5 * * * *", "jobTemplate": {"metadata": {
                "name": "tick"}, "spec": {"template": {"metadata": {}, "spec": {
                "containers": [{"name": "tick", "image": "busybox", "command": ["date"],
                "resources": {}}], "restartPolicy": "OnFailure"}}}}}, "status": {}}
                """),
        Recorded(
            command: "kubectl create service clusterip web --tcp=80:8080",
            hex: """
                6b3873000a0d0a02763112075365727669636512690a1f0a0377656212001a0022002a0032003800
                42005a0a0a03617070120377656212420a1b0a0738302d3830383012035443501850220708001090
                3f1a002800120a0a0361707012037765621a002209436c757374657249503a00420052005a006000
                68001a020a001a002200
                """,
            json: """
                {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "web",
                "labels": {"app": "web"}}, "spec": {"ports": [{"name": "80-8080",
                "protocol": "TCP", "port": 80, "targetPort": 8080}], "selector": {
                "app": "web"}, "type": "ClusterIP"}, "status": {"loadBalancer": {}}}
                """),
        Recorded(
            command: "kubectl create service nodeport web --tcp=80:8080 --node-port=30080",
            hex: """
                6b3873000a0d0a027631120753657276696365126a0a1f0a0377656212001a0022002a0032003800
                42005a0a0a03617070120377656212430a1d0a0738302d3830383012035443501850220708001090
                3f1a002880eb01120a0a0361707012037765621a0022084e6f6465506f72743a00420052005a0060
                0068001a020a001a002200
                """,
            json: """
                {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "web",
                "labels": {"app": "web"}}, "spec": {"ports": [{"name": "80-8080",
                "protocol": "TCP", "port": 80, "targetPort": 8080, "nodePort": 30080}],
                "selector": {"app": "web"}, "type": "NodePort"}, "status": {
                "loadBalancer": {}}}
                """),
        Recorded(
            command: "kubectl create service externalname db --external-name db.example.com",
            hex: """
                6b3873000a0d0a027631120753657276696365125a0a1d0a02646212001a0022002a003200380042
                005a090a0361707012026462123512090a03617070120264621a00220c45787465726e616c4e616d
                653a004200520e64622e6578616d706c652e636f6d5a00600068001a020a001a002200
                """,
            json: """
                {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "db",
                "labels": {"app": "db"}}, "spec": {"selector": {"app": "db"},
                "type": "ExternalName", "externalName": "db.example.com"}, "status": {
                "loadBalancer": {}}}
                """),
        Recorded(
            command: "kubectl create serviceaccount robot",
            hex: """
                6b3873000a140a027631120e536572766963654163636f756e7412170a150a05726f626f7412001a
                0022002a003200380042001a002200
                """,
            json: """
                {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {
                "name": "robot"}}
                """),
        Recorded(
            command: "kubectl create role reader --verb=get,list --resource=pods",
            hex: """
                6b3873000a240a1c726261632e617574686f72697a6174696f6e2e6b38732e696f2f76311204526f
                6c65122d0a160a0672656164657212001a0022002a0032003800420012130a036765740a046c6973
                7412001a04706f64731a002200
                """,
            json: """
                {"kind": "Role", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {
                "name": "reader"}, "rules": [{"verbs": ["get", "list"], "apiGroups": [""],
                "resources": ["pods"]}]}
                """),
        Recorded(
            command: "kubectl create rolebinding reading --role=reader "
                + "--serviceaccount=default:robot --user=jane",
            hex: """
                6b3873000a2b0a1c726261632e617574686f72697a6174696f6e2e6b38732e696f2f7631120b526f
                6c6542696e64696e671293010a170a0772656164696e6712001a0022002a0032003800420012290a
                04557365721219726261632e617574686f72697a6174696f6e2e6b38732e696f1a046a616e652200
                12220a0e536572766963654163636f756e7412001a05726f626f74220764656661756c741a290a19
                726261632e617574686f72697a6174696f6e2e6b38732e696f1204526f6c651a067265616465721a
                002200
                """,
            json: """
                {"kind": "RoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1",
                "metadata": {"name": "reading"}, "subjects": [{"kind": "User",
                "apiGroup": "rbac.authorization.k8s.io", "name": "jane"}, {
                "kind": "ServiceAccount", "name": "robot", "namespace": "default"}],
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role",
                "name": "reader"}}
                """),
        Recorded(
            command: "kubectl create clusterrole health --verb=get --non-resource-url=/healthz",
            hex: """
                6b3873000a2b0a1c726261632e617574686f72697a6174696f6e2e6b38732e696f2f7631120b436c
                7573746572526f6c6512290a160a066865616c746812001a0022002a00320038004200120f0a0367
                65742a082f6865616c74687a1a002200
                """,
            json: """
                {"kind": "ClusterRole", "apiVersion": "rbac.authorization.k8s.io/v1",
                "metadata": {"name": "health"}, "rules": [{"verbs": ["get"],
                "nonResourceURLs": ["/healthz"]}]}
                """),
        Recorded(
            command: "kubectl create clusterrolebinding admins --clusterrole=cluster-admin "
                + "--group=ops",
            hex: """
                6b3873000a320a1c726261632e617574686f72697a6174696f6e2e6b38732e696f2f76311212436c
                7573746572526f6c6542696e64696e67127c0a160a0661646d696e7312001a0022002a0032003800
                420012290a0547726f75701219726261632e617574686f72697a6174696f6e2e6b38732e696f1a03
                6f707322001a370a19726261632e617574686f72697a6174696f6e2e6b38732e696f120b436c7573
                746572526f6c651a0d636c75737465722d61646d696e1a002200
                """,
            json: """
                {"kind": "ClusterRoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1",
                "metadata": {"name": "admins"}, "subjects": [{"kind": "Group",
                "apiGroup": "rbac.authorization.k8s.io", "name": "ops"}], "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                "name": "cluster-admin"}}
                """),
        Recorded(
            command: "kubectl auth can-i create deployments.apps -n team-a",
            hex: """
                6b3873000a320a17617574686f72697a6174696f6e2e6b38732e696f2f7631121753656c66537562
                6a656374416363657373526576696577124a0a100a0012001a0022002a00320038004200122c0a2a
                0a067465616d2d6112066372656174651a0022002a106465706c6f796d656e74732e617070733200
                3a001a08080012001a0020001a002200
                """,
            json: """
                {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
                "metadata": {}, "spec": {"resourceAttributes": {"namespace": "team-a",
                "verb": "create", "resource": "deployments.apps"}},
                "status": {"allowed": false}}
                """),
        Recorded(
            command: "kubectl auth whoami",
            hex: """
                6b3873000a2d0a1861757468656e7469636174696f6e2e6b38732e696f2f7631121153656c665375
                626a656374526576696577121a0a100a0012001a0022002a0032003800420012060a040a0012001a
                002200
                """,
            json: """
                {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
                "metadata": {}, "status": {"userInfo": {}}}
                """),
    ]
}
