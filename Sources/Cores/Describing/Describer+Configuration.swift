import ResourceModel

extension Describer {
    mutating func writeNamespace() {
        writeName(hasNamespace: false)
        writeLabelsAndAnnotations()
        rows(0, [Row("Status", "status.phase")])
        let conditions = object.items("status.conditions")
        guard !conditions.isEmpty else { return }
        line(0, "Conditions:")
        let headings = ["Type", "Status", "LastTransitionTime", "Reason", "Message"]
        let clock = self
        table(1, headings, conditions.map { condition in
            [
                condition.text("type"), condition.text("status"),
                clock.time(condition["lastTransitionTime"]), condition.text("reason"),
                condition.text("message"),
            ]
        })
    }

    mutating func writeConfigMap() {
        writeName()
        writeLabelsAndAnnotations()
        put("\nData\n====\n")
        for member in object["data"]?.sortedMembers ?? [] {
            put(member.name + ":\n----\n" + member.value.plain + "\n\n")
        }
        put("\nBinaryData\n====\n")
        for member in object["binaryData"]?.sortedMembers ?? [] {
            line(0, member.name + ": \(Self.bytes(member.value).count) bytes")
        }
        put("\n")
    }

    mutating func writeSecret() {
        writeName()
        writeLabelsAndAnnotations()
        put("\n")
        rows(0, [Row("Type", "type")])
        put("\nData\n====\n")
        let isToken = object["type"] == "kubernetes.io/service-account-token"
        for member in object["data"]?.sortedMembers ?? [] {
            let bytes = Self.bytes(member.value)
            if isToken, member.name == "token" {
                pair(0, member.name, String(decoding: bytes, as: UTF8.self))
            } else {
                pair(0, member.name, "\(bytes.count) bytes")
            }
        }
    }

    private static func bytes(_ value: JSON) -> [UInt8] {
        Base64.decode(value.plain) ?? []
    }

    mutating func writeServiceAccount() {
        writeName()
        writeLabelsAndAnnotations()
        let title = "Image pull secrets:"
        let secrets = object.items("imagePullSecrets").map { $0.text("name") }
        guard !secrets.isEmpty else { return cells(0, [title, "<none>"]) }
        for (index, secret) in secrets.enumerated() {
            let blank = String(repeating: " ", count: title.count)
            cells(0, [index == 0 ? title : blank, secret])
        }
    }
}
