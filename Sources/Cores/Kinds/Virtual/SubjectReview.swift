import ResourceModel

extension ObjectSchema {
    static let selfSubjectReview = resource(
        "io.k8s.api.authentication.v1.SelfSubjectReview", "Asks who one is.",
        [
            Field(2, "status", .object(.selfSubjectReviewStatus), "The answer."),
        ])

    static let selfSubjectReviewStatus = ObjectSchema(
        "io.k8s.api.authentication.v1.SelfSubjectReviewStatus", "Who one is.",
        [
            Field(1, "userInfo", .object(.userInfo), "The user."),
        ])

    static let userInfo = ObjectSchema(
        "io.k8s.api.authentication.v1.UserInfo", "A user.",
        [
            Field(1, "username", .text, "The name."),
            Field(2, "uid", .text, "What tells the user apart from others."),
            Field(3, "groups", .list(.text), "The user's groups."),
            Field(0, "extra", .map(of: .list(.text)), "What else is known."),
        ])
}
