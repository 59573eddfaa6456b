import ResourceModel

extension ObjectSchema {
    static let probe = ObjectSchema(
        "io.k8s.api.core.v1.Probe", "A check of a container, made again and again.",
        [
            Field(
                1, "exec", .object(.execAction),
                "A command; exit status 0 is success.").nested(in: 1),
            Field(
                2, "httpGet", .object(.httpGetAction),
                "An HTTP request; a status from 200 to 399 is success.").nested(in: 1),
            Field(
                3, "tcpSocket", .object(.tcpSocketAction),
                "A port; an open one is success.").nested(in: 1),
            Field(4, "grpc", .object(.grpcAction), "A gRPC health check.").nested(in: 1),
            Field(
                2, "initialDelaySeconds", .int32,
                "How long after the start the first check is made."),
            Field(3, "timeoutSeconds", .int32, "How long one check may take.", default: 1),
            Field(4, "periodSeconds", .int32, "How often it is made.", default: 10),
            Field(5, "successThreshold", .int32, "How many successes in a row count.", default: 1),
            Field(6, "failureThreshold", .int32, "How many failures in a row count.", default: 3),
            Field(
                7, "terminationGracePeriodSeconds", .int64,
                "How long the container may take to end after a failed check.").keepingZero,
        ])

    static let execAction = ObjectSchema(
        "io.k8s.api.core.v1.ExecAction", "A command inside the container.",
        [
            Field(1, "command", .list(.text), "The command and its arguments, without a shell."),
        ])

    static let httpGetAction = ObjectSchema(
        "io.k8s.api.core.v1.HTTPGetAction", "An HTTP request.",
        [
            Field(1, "path", .text, "The path.", default: "/"),
            Field(2, "port", .integerOrString, "The port, or its name.", isRequired: true),
            Field(3, "host", .text, "The host; the pod itself if left out."),
            Field(4, "scheme", .oneOf("HTTP", "HTTPS"), "HTTP or HTTPS.", default: "HTTP"),
            Field(5, "httpHeaders", .list(.object(.httpHeader)), "Headers to send."),
        ])

    static let httpHeader = ObjectSchema(
        "io.k8s.api.core.v1.HTTPHeader", "A header of an HTTP request.",
        [
            Field(1, "name", .text, "Its name.", isRequired: true),
            Field(2, "value", .text, "Its value.", isRequired: true),
        ])

    static let tcpSocketAction = ObjectSchema(
        "io.k8s.api.core.v1.TCPSocketAction", "A connection to a port.",
        [
            Field(1, "port", .integerOrString, "The port, or its name.", isRequired: true),
            Field(2, "host", .text, "The host; the pod itself if left out."),
        ])

    static let grpcAction = ObjectSchema(
        "io.k8s.api.core.v1.GRPCAction", "A gRPC health check.",
        [
            Field(1, "port", .int32, "The port.", isRequired: true),
            Field(2, "service", .text, "The service that is asked about.", default: "").keepingZero,
        ])

    static let lifecycle = ObjectSchema(
        "io.k8s.api.core.v1.Lifecycle", "What is done at the ends of a container's life.",
        [
            Field(1, "postStart", .object(.lifecycleHandler), "Done after it starts."),
            Field(2, "preStop", .object(.lifecycleHandler), "Done before it is told to end."),
            Field(3, "stopSignal", .text, "The signal that tells it to end.").keepingZero,
        ])

    static let lifecycleHandler = ObjectSchema(
        "io.k8s.api.core.v1.LifecycleHandler", "One of these actions.",
        [
            Field(1, "exec", .object(.execAction), "A command."),
            Field(2, "httpGet", .object(.httpGetAction), "An HTTP request."),
            Field(
                3, "tcpSocket", .object(.tcpSocketAction), "Kept for old manifests; does nothing."),
            Field(4, "sleep", .object(.sleepAction), "A pause."),
        ])

    static let sleepAction = ObjectSchema(
        "io.k8s.api.core.v1.SleepAction", "A pause.",
        [
            Field(1, "seconds", .int64, "How long it is.", isRequired: true),
        ])
}
