// Objects that can be read, and are wrong.
extension WrongInputs {
    private static func deployment(
        _ name: String, _ spec: String, _ says: String, query: String = ""
    ) -> WrongInput {
        WrongInput(
            name, "POST", UpdateTests.deployments + query,
            #"{"metadata":{"name":"a"},"spec":\#(spec)}"#, 400, "BadRequest", says)
    }

    /// The template of pods with these members of its first container.
    private static func container(_ members: String) -> String {
        #"{"template":{"spec":{"containers":[{"name":"c",\#(members)}]}}}"#
    }

    /// Values of another type than the field's, each with its path.
    static let types = WrongInputs(
        "types",
        [
            deployment("a text for a number", #"{"replicas":"two"}"#, "spec.replicas"),
            deployment("a fraction for a number", #"{"replicas":1.5}"#, "spec.replicas"),
            deployment("a number beyond 32 bits", #"{"replicas":4294967296}"#, "spec.replicas"),
            deployment("a number beyond all", #"{"replicas":1e400}"#, ""),
            deployment("a number for a boolean", #"{"paused":1}"#, "spec.paused"),
            deployment("a list for an object", #"{"template":[]}"#, "spec.template"),
            deployment("an object for a list", #"{"template":{"spec":{"containers":{}}}}"#,
                "spec.template.spec.containers"),
            deployment("a list for all", "[]", "cannot unmarshal array"),
            deployment("a number for an image", container(#""image":1"#), "image"),
            deployment("a number for a command", container(#""command":[1]"#), "command"),
            deployment("a text for a list", container(#""args":"x""#), "args"),
            deployment(
                "a text for a port", container(#""ports":[{"containerPort":"http"}]"#),
                "containerPort"),
            deployment("a boolean for a quantity",
                container(#""resources":{"limits":{"cpu":true}}"#), ""),
            deployment("no quantity", container(#""resources":{"limits":{"cpu":"lots"}}"#), ""),
            WrongInput(
                "no base64", "POST", secrets, #"{"metadata":{"name":"a"},"data":{"x":"*"}}"#, 400,
                "BadRequest", "base64"),
            WrongInput(
                "no time", "POST", WrongInput.maps,
                #"{"metadata":{"name":"a","creationTimestamp":"noon"}}"#, 400, "BadRequest"),
            WrongInput(
                "a number in a map", "POST", WrongInput.maps,
                #"{"metadata":{"name":"a"},"data":{"x":1}}"#, 400, "BadRequest", "data"),
        ])

    /// Unknown and duplicate fields where they are not allowed.
    static let fields: WrongInputs = {
        func strict(
            _ name: String, _ target: String, _ members: String, _ fields: [String]
        ) -> WrongInput {
            WrongInput(
                name, "POST", "\(target)?fieldValidation=Strict",
                #"{"metadata":{"name":"a"},\#(members)}"#, 400, "BadRequest",
                "strict decoding error: ", fields: fields)
        }
        let web = UpdateTests.deployments
        return WrongInputs(
            "fields",
            [
                strict("unknown", WrongInput.maps, #""date":{}"#, ["date"]),
                strict("twice", WrongInput.maps, #""data":{"x":"1","x":"2"}"#, ["data.x"]),
                strict("an object twice", WrongInput.maps, #""data":{},"data":{}"#, ["data"]),
                strict("several", WrongInput.maps, #""a":1,"b":2"#, ["a", "b"]),
                strict("other letters", WrongInput.maps, #""Data":{}"#, ["Data"]),
                strict(
                    "deep", web, #""spec":\#(container(#""imige":"x""#))"#,
                    ["spec.template.spec.containers[0].imige"]),
                strict(
                    "deep and twice", web, #""spec":\#(container(#""image":"x","image":"y""#))"#,
                    ["spec.template.spec.containers[0].image"]),
                WrongInput(
                    "in YAML", "POST", "\(WrongInput.maps)?fieldValidation=Strict",
                    "metadata: {name: a}\ndate: {}\n", type: "application/yaml", 400,
                    "BadRequest", #"unknown field "date""#, fields: ["date"]),
                WrongInput(
                    "in metadata", "POST", "\(WrongInput.maps)?fieldValidation=Strict",
                    #"{"metadata":{"name":"a","nome":"b"}}"#, 400, "BadRequest",
                    fields: ["metadata.nome"]),
                WrongInput(
                    "of a custom resource", "POST",
                    "\(CustomResourceTests.widgets)?fieldValidation=Strict",
                    #"{"metadata":{"name":"a"},"spec":{"size":1,"sise":2}}"#, 400, "BadRequest",
                    fields: ["spec.sise"]),
                WrongInput(
                    "of a replacement", "PUT", "\(WrongInput.maps)/one?fieldValidation=Strict",
                    #"{"metadata":{"name":"one"},"date":{}}"#, 400, "BadRequest",
                    fields: ["date"]),
                WrongInput(
                    "of a patch", "PATCH", "\(WrongInput.web)?fieldValidation=Strict",
                    #"{"spec":{"replikas":1}}"#, type: "application/strategic-merge-patch+json",
                    400, "BadRequest", fields: ["spec.replikas"]),
                WrongInput(
                    "of a configuration", "PATCH",
                    "\(WrongInput.web)?fieldManager=me&fieldValidation=Strict",
                    "apiVersion: apps/v1\nkind: Deployment\nspec: {replikas: 1}\n",
                    type: "application/apply-patch+yaml", 400, "BadRequest", "replikas"),
            ])
    }()

    /// What is said once and for all.
    static let immutable: WrongInputs = {
        func merge(
            _ name: String, _ target: String, _ body: String, _ fields: [String]
        ) -> WrongInput {
            WrongInput(
                name, "PATCH", target, body, type: "application/merge-patch+json", 422, "Invalid",
                "immutable", fields: fields)
        }
        return WrongInputs(
            "immutable fields",
            [
                merge(
                    "a selector", WrongInput.web,
                    #"{"spec":{"selector":{"matchLabels":{"app":"b"}},"#
                        + #""template":{"metadata":{"labels":{"app":"b"}}}}}"#,
                    ["spec.selector"]),
                merge("entries", "\(WrongInput.maps)/fixed", #"{"data":{"a":"2"}}"#, ["data"]),
                merge(
                    "immutability", "\(WrongInput.maps)/fixed", #"{"immutable":false}"#,
                    ["immutable"]),
                merge("a secret", "\(secrets)/fixed", #"{"data":{"b":"Mg=="}}"#, ["data"]),
                merge("the type of a secret", "\(secrets)/fixed", #"{"type":"Other"}"#, ["type"]),
                merge(
                    "what a job runs", "\(jobs)/once",
                    #"{"spec":{"template":{"spec":{"restartPolicy":"OnFailure"}}}}"#,
                    ["spec.template"]),
                merge("the ends of a job", "\(jobs)/once", #"{"spec":{"completions":9}}"#,
                    ["spec.completions"]),
                merge(
                    "a model's format", "\(models)/iris",
                    #"{"spec":{"format":{"name":"onnx"}}}"#, ["spec.format"]),
                merge("a model's file", "\(models)/iris", #"{"spec":{"uri":"file:///b"}}"#,
                    ["spec.uri"]),
                merge(
                    "the scope of a kind",
                    "\(CustomResourceTests.definitions)/widgets.example.com",
                    #"{"spec":{"scope":"Cluster"}}"#, ["spec.scope"]),
            ])
    }()
}
