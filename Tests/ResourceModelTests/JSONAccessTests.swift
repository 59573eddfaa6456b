import ResourceModel
import Testing

@Suite struct JSONAccessTests {
    @Test func `members are reached by name, by place and by path`() {
        let value: JSON = ["spec": ["replicas": 3, "list": ["a", "b"]], "x": true]
        #expect(value["spec"]["replicas"].integerValue == 3)
        #expect(value["spec"]["list"][1].stringValue == "b")
        #expect(value["spec"]["list"][2] == nil)
        #expect(value["spec"]["replicas"]["deeper"] == nil)
        #expect(value.value(at: "spec.replicas") == 3)
        #expect(value.value(at: "spec.none.replicas") == nil)
        #expect(value["x"].boolValue == true && value["x"].stringValue == nil)
        #expect(value["spec"]["replicas"].numberValue == 3)
    }

    @Test func `setting a member makes the objects around it`() {
        var value = JSON.emptyObject
        value["metadata"]["labels"]["a"] = "b"
        value.setValue(2, at: "status.replicas")
        value.setValue(nil, at: "none.there")
        value["none"]["there"] = nil
        #expect(value.encodedText == #"{"metadata":{"labels":{"a":"b"}},"status":{"replicas":2}}"#)
        value["metadata"]["labels"] = nil
        value.setValue(nil, at: "status.replicas")
        #expect(value.encodedText == #"{"metadata":{},"status":{}}"#)
        value["metadata"] = nil
        #expect(value.encodedText == #"{"status":{}}"#)
    }

    @Test func `a member of something else than an object is set in a new object`() {
        var value: JSON = "text"
        value["a"] = nil
        #expect(value == "text")
        value["a"] = 1
        #expect(value == ["a": 1])
    }

    @Test func `items and members are changed in place`() {
        var value: JSON = ["list": [1, 2, 3]]
        value["list"]?.withItems { $0.removeFirst() }
        value.withMembers { $0["b"] = 1 }
        value["list"]?.withMembers { $0["b"] = 1 }
        #expect(value.encodedText == #"{"list":[2,3],"b":1}"#)
        value["c", default: []].withItems { $0.append("x") }
        value["c", default: []].withItems { $0.append("y") }
        #expect(value["c"] == ["x", "y"])
    }

    @Test func `equality ignores the order of members only`() {
        let left: JSON = ["a": 1, "b": [1, 2]]
        #expect(left == ["b": [1, 2], "a": 1])
        #expect(left != ["b": [2, 1], "a": 1])
        #expect(left != ["a": 1, "c": [1, 2]])
        #expect(JSON.integer(1) != JSON.number(1))
    }

    /// A change deep inside of a large tree must not copy it: 20,000 changes of an array with
    /// 20,000 items would move 400 million items otherwise.
    @Test func `a change in place is cheap`() {
        var value: JSON = ["a": ["b": .array(Array(repeating: 0, count: 20_000))]]
        for index in 0..<20_000 {
            value["a"]["b"]?.withItems { $0[index] = 1 }
        }
        #expect(value["a"]["b"].arrayValue?.allSatisfy { $0 == 1 } == true)
    }
}
