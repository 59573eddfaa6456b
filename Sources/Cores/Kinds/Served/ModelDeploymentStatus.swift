import ResourceModel

extension ObjectSchema {
    static let modelDeploymentStatus = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelDeploymentStatus", "A model deployment as last observed.",
        [
            Field(1, "observedGeneration", .int64, "The generation that was looked at."),
            Field(2, "url", .text, "Where it is reached."),
            Field(3, "replicas", .int32, "How many copies there are."),
            Field(4, "readyReplicas", .int32, "How many of them are ready."),
            Field(5, "selector", .text, "Selects the copies, as in a query."),
            Field(
                6, "conditions", .list(.object(.condition), keys: ["type"], mergeKey: "type"),
                "Ready, ModelLoaded, RuntimeReady and RoutesReady."),
            Field(7, "modelStatus", .object(.modelCopiesStatus), "How far the model is."),
            Field(
                8, "traffic", .list(.object(.trafficTarget)),
                "Which version gets which share of the requests."),
            Field(9, "latestReadyRevision", .text, "The newest version that was ready."),
            Field(10, "latestCreatedRevision", .text, "The newest version."),
        ])

    static let modelCopiesStatus = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelCopiesStatus", "How far a model is.",
        [
            Field(
                1, "transitionStatus", .oneOf("BlockedByFailedLoad", "InProgress", "InvalidSpec",
                "UpToDate"),
                "How far the change is."),
            Field(2, "states", .object(.modelStates), "The states of the models."),
            Field(3, "copies", .object(.modelCopies), "The copies of the model."),
            Field(4, "lastFailureInfo", .object(.failureInfo), "The last failure."),
        ])

    static let modelStates = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelStates", "The states of the models.",
        [
            Field(
                1, "activeModelState", .oneOf("FailedToLoad", "Loaded", "Loading", "Pending",
                "Standby"),
                "That of the model that serves."),
            Field(
                2, "targetModelState", .oneOf("FailedToLoad", "Loaded", "Loading", "Pending",
                "Standby"),
                "That of the model that is to serve."),
        ])

    static let modelCopies = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelCopies", "The copies of a model.",
        [
            Field(1, "failedCopies", .int32, "How many have failed."),
            Field(2, "totalCopies", .int32, "How many there are."),
        ])

    static let failureInfo = ObjectSchema(
        "dev.keelson.models.v1alpha1.FailureInfo", "A failure.",
        [
            Field(1, "location", .text, "Where it happened: a pod."),
            Field(
                2, "reason", .oneOf("InvalidPredictorSpec", "ModelLoadFailed",
                "NoSupportingRuntime", "RuntimeDisabled", "RuntimeNotRecognized",
                "RuntimeUnhealthy"),
                "Why, in one word."),
            Field(3, "message", .text, "Why, for people."),
            Field(4, "modelRevisionName", .text, "The version that failed."),
            Field(5, "exitCode", .int32, "The exit status of the process.").keepingZero,
            Field(6, "time", .time(isMicro: false), "When it happened."),
        ])

    static let trafficTarget = ObjectSchema(
        "dev.keelson.models.v1alpha1.TrafficTarget",
        "The share of the requests that a version gets.",
        [
            Field(1, "revisionName", .text, "The version."),
            Field(2, "percent", .int64, "Its share, in hundredths.").keepingZero,
            Field(3, "latestRevision", .boolean, "Whether it is the newest version.").keepingZero,
            Field(4, "tag", .text, "A name under which it is reached by itself."),
        ])
}
