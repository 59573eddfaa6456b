import Kinds
import ObjectCoding
import Primitives
import ResourceModel
import Testing
import Wire

@Suite struct ObjectDecoderTests {
    @Test func `absent and zero are told apart where Kubernetes does`() throws {
        let object = try decodeDeployment { message in
            message.message(2) { spec in
                spec.varint(1, 0)
                spec.varint(5, 0)
                spec.varint(7, 0)
            }
        }
        // replicas is a pointer in Go, minReadySeconds and paused are not.
        #expect(object["spec"] == ["replicas": 0])
    }

    @Test func `an empty time is none`() throws {
        let object = try decodeDeployment { message in
            message.message(1) { metadata in
                metadata.text(1, "web")
                metadata.message(8) { _ in }
            }
        }
        #expect(object["metadata"] == ["name": "web"])
    }

    @Test func `times are RFC 3339 texts`() throws {
        let object = try decodeDeployment { message in
            message.message(1) { $0.message(8) { $0.varint(1, 1_700_000_000) } }
        }
        #expect(object["metadata"]["creationTimestamp"] == "2023-11-14T22:13:20Z")
    }

    @Test func `numbers and texts of ports and shares are kept apart`() throws {
        let object = try decodeDeployment { message in
            message.message(2) { spec in
                spec.message(4) { strategy in
                    strategy.message(2) { rolling in
                        rolling.message(1) { share in
                            share.varint(1, 1)
                            share.varint(2, 0)
                            share.text(3, "25%")
                        }
                        rolling.message(2) { share in
                            share.varint(1, 0)
                            share.varint(2, 2)
                            share.text(3, "")
                        }
                    }
                }
            }
        }
        #expect(
            object["spec"]["strategy"]["rollingUpdate"]
                == ["maxUnavailable": "25%", "maxSurge": 2])
    }

    @Test func `fields of embedded messages stand where JSON has them`() throws {
        let object = try decodePod { spec in
            spec.message(1) { volume in
                volume.text(1, "settings")
                volume.message(2) { source in
                    source.message(19) { map in
                        map.message(1) { $0.text(1, "web") }
                        map.varint(3, 420)
                    }
                }
            }
        }
        let volume: JSON = ["name": "settings", "configMap": ["name": "web", "defaultMode": 420]]
        #expect(object["spec"]["volumes"] == [volume])
    }

    @Test func `amounts are texts`() throws {
        let object = try decodePod { spec in
            spec.message(2) { container in
                container.text(1, "web")
                container.message(8) { resources in
                    resources.message(1) { entry in
                        entry.text(1, "cpu")
                        entry.message(2) { $0.text(1, "500m") }
                    }
                }
            }
        }
        let limits = object["spec"]["containers"][0]["resources"]["limits"]
        #expect(limits == ["cpu": "500m"])
    }

    @Test func `what has no place in the kind is refused with its number and place`() {
        #expect(throws: failure(.unknownField(99), at: "spec.template.spec")) {
            try decodeDeployment { message in
                message.message(2) { $0.message(3) { $0.message(2) { $0.varint(99, 1) } } }
            }
        }
    }

    @Test func `a field of another type is refused with its place`() {
        #expect(throws: failure(.protobuf(.unexpectedType(field: 1)), at: "spec.replicas")) {
            try decodeDeployment { $0.message(2) { $0.text(1, "three") } }
        }
    }

    @Test func `a field that is there twice is refused`() {
        #expect(throws: failure(.repeatedField, at: "spec.replicas")) {
            try decodeDeployment { message in
                message.message(2) { spec in
                    spec.varint(1, 1)
                    spec.varint(1, 2)
                }
            }
        }
    }

    @Test func `a number of more than 32 bits is refused where 32 are meant`() {
        #expect(throws: failure(.outOfRange(1 << 40), at: "spec.replicas")) {
            try decodeDeployment { $0.message(2) { $0.varint(1, 1 << 40) } }
        }
    }

    @Test func `a text that is not UTF-8 is refused with its place`() {
        let containers = "spec.template.spec.containers[0].name"
        #expect(throws: failure(.protobuf(.invalidText(field: 1)), at: containers)) {
            try decodeDeployment { message in
                message.message(2) { spec in
                    spec.message(3) { template in
                        template.message(2) { pod in
                            pod.message(2) { $0.bytes(1, [0xFF, 0xFE]) }
                        }
                    }
                }
            }
        }
    }

    @Test func `a body that is something else is refused`() {
        #expect(throws: failure(.noMagic, at: "")) { try ObjectEnvelope(Bytes("{}".utf8)) }
        #expect(throws: failure(.noMagic, at: "")) { try ObjectEnvelope([]) }
    }

    @Test func `schemas nested without end are refused`() throws {
        var inner = MessageBytes()
        inner.text(1, "x")
        for _ in 0..<150 {
            var outer = MessageBytes()
            outer.bytes(28, inner.bytes)
            inner = outer
        }
        let message = inner.bytes
        let decoder = ObjectDecoder(schemas: BuiltInKinds.schemas)
        let schema = try #require(BuiltInKinds.schemas.values.first)
        #expect {
            try decoder.object(in: try envelope("v1", "X", message), schema: schema)
        } throws: {
            ($0 as? ObjectCodingError)?.problem == .protobuf(.nestedTooDeep)
        }
    }

    @Test func `many empty values in few bytes are refused`() {
        let finalizers = "metadata.finalizers[\(ObjectDecoder.valuesMax - 1)]"
        #expect(throws: failure(.tooManyValues, at: finalizers)) {
            try decodeDeployment { message in
                message.message(1) { metadata in
                    for _ in 0...ObjectDecoder.valuesMax { metadata.text(14, "") }
                }
            }
        }
    }
}
