extension Field {
    /// The same field, whose zero is a value of its own.
    public var keepingZero: Field {
        var field = self
        field.keepsZero = true
        return field
    }

    /// The same field, in protobuf inside the message of this number.
    public func nested(in number: Int) -> Field {
        var field = self
        field.messageNumber = number
        return field
    }

    /// The same field, with the patch strategy `retainKeys`.
    public var retainingKeys: Field {
        var field = self
        field.retainsKeys = true
        return field
    }
}
