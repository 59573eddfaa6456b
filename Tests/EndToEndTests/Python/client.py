"""What a controller written in Python does with a Keelson server, by the stock `kubernetes` client.

Usage: client.py KUBECONFIG STORY. Says `ok` at the end of a story in which everything was right.
"""

import sys
import threading
import time
import uuid

from kubernetes import client, config, dynamic, stream, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection

NAMESPACE = "default"


def config_map(name, **data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data=data)


def refused(status, reason, call, *arguments, **options):
    """The call must fail with this status and reason; answers with what was said."""
    try:
        call(*arguments, **options)
    except ApiException as failure:
        # The dynamic client keeps bytes.
        said = failure.body if isinstance(failure.body, str) else failure.body.decode()
        assert failure.status == status, failure
        assert f'"reason":"{reason}"' in said, said
        return said
    raise AssertionError(f"not refused: {call.__name__}")


def objects():
    """Create, read, replace, patch, list by pages, delete."""
    core = client.CoreV1Api()
    made = core.create_namespaced_config_map(NAMESPACE, config_map("first", a="1"))
    assert made.metadata.uid and made.metadata.creation_timestamp
    refused(409, "AlreadyExists", core.create_namespaced_config_map, NAMESPACE, config_map("first"))
    made.data["a"] = "2"
    newer = core.replace_namespaced_config_map("first", NAMESPACE, made)
    assert newer.metadata.resource_version != made.metadata.resource_version
    refused(409, "Conflict", core.replace_namespaced_config_map, "first", NAMESPACE, made)
    patched = core.patch_namespaced_config_map("first", NAMESPACE, {"data": {"b": "3"}})
    assert patched.data == {"a": "2", "b": "3"}
    for number in range(5):
        core.create_namespaced_config_map(NAMESPACE, config_map(f"page-{number}"))
    names, token = [], None
    while token != "":
        page = core.list_namespaced_config_map(NAMESPACE, limit=2, _continue=token)
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue or ""
    assert names == ["first"] + [f"page-{number}" for number in range(5)], names
    core.delete_namespaced_config_map("first", NAMESPACE)
    refused(404, "NotFound", core.read_namespaced_config_map, "first", NAMESPACE)
    core.delete_collection_namespaced_config_map(NAMESPACE)
    assert core.list_namespaced_config_map(NAMESPACE).items == []


def workloads():
    """Typed objects with defaults, scale, status, and a secret."""
    apps, core = client.AppsV1Api(), client.CoreV1Api()
    labels = {"app": "web"}
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels),
        spec=client.V1PodSpec(containers=[client.V1Container(name="web", image="web:1")]))
    spec = client.V1DeploymentSpec(
        replicas=2, selector=client.V1LabelSelector(match_labels=labels), template=template)
    made = apps.create_namespaced_deployment(
        NAMESPACE, client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec))
    assert made.spec.strategy.type == "RollingUpdate"
    assert made.spec.template.spec.containers[0].termination_message_policy == "File"
    scale = apps.read_namespaced_deployment_scale("web", NAMESPACE)
    scale.spec.replicas = 5
    apps.replace_namespaced_deployment_scale("web", NAMESPACE, scale)
    made = apps.read_namespaced_deployment("web", NAMESPACE)
    assert (made.spec.replicas, made.metadata.generation) == (5, 2), made
    made.status.ready_replicas = made.status.replicas = 4
    made.spec.replicas = 1
    shown = apps.replace_namespaced_deployment_status("web", NAMESPACE, made)
    assert (shown.spec.replicas, shown.status.ready_replicas) == (5, 4), shown
    wrong = client.V1Deployment(metadata=client.V1ObjectMeta(name="Wrong"), spec=spec)
    refused(422, "Invalid", apps.create_namespaced_deployment, NAMESPACE, wrong)
    secret = core.create_namespaced_secret(
        NAMESPACE, client.V1Secret(
            metadata=client.V1ObjectMeta(generate_name="key-"), string_data={"a": "b"}))
    assert secret.data == {"a": "Yg=="} and secret.metadata.name.startswith("key-")
    who = client.AuthenticationV1Api().create_self_subject_review({})
    assert "system:masters" in who.status.user_info.groups, who


def watching():
    """List, then watch from there; hang up, go on where one was, and miss and repeat nothing."""
    core = client.CoreV1Api()
    start = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    count = 40

    def write():
        for number in range(count):
            core.create_namespaced_config_map(NAMESPACE, config_map(f"w-{number}"))

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while len(seen) < count:
        for event in watch.Watch().stream(
                core.list_namespaced_config_map, NAMESPACE, resource_version=start,
                timeout_seconds=10):
            assert event["type"] == "ADDED", event
            seen.append(event["object"].metadata.name)
            start = event["object"].metadata.resource_version
            if len(seen) % 7 == 0:
                break
    writer.join()
    assert seen == [f"w-{number}" for number in range(count)], seen


def applying():
    """Server-side apply by two managers."""
    maps = dynamic.DynamicClient(client.ApiClient()).resources.get(
        api_version="v1", kind="ConfigMap")

    def apply(manager, data, force=False):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared"},
                "data": data}
        return maps.server_side_apply(
            body=body, namespace=NAMESPACE, field_manager=manager, force_conflicts=force)

    apply("one", {"a": "1", "b": "1"})
    apply("two", {"c": "2"})
    said = refused(409, "Conflict", apply, "two", {"a": "2"})
    assert 'conflict with \\"one\\"' in said and ".data.a" in said, said
    apply("two", {"a": "2"}, force=True)
    result = apply("one", {"b": "1"})
    assert result.data.to_dict() == {"a": "2", "b": "1"}, result.data
    owners = {entry.manager for entry in result.metadata.managedFields}
    assert owners == {"one", "two"}, owners


def custom():
    """A kind that is defined now and used at once, typed and through the dynamic client."""
    definitions = client.ApiextensionsV1Api()
    schema = {"type": "object", "properties": {"spec": {
        "type": "object", "required": ["length"], "properties": {
            "length": {"type": "integer", "minimum": 1},
            "kind": {"type": "string", "default": "sail"}}}}}
    definitions.create_custom_resource_definition({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "boats.harbor.example"},
        "spec": {"group": "harbor.example", "scope": "Namespaced",
                 "names": {"plural": "boats", "kind": "Boat"},
                 "versions": [{"name": "v1", "served": True, "storage": True,
                               "subresources": {"status": {}},
                               "schema": {"openAPIV3Schema": schema}}]}})
    boats = client.CustomObjectsApi()
    place = ("harbor.example", "v1", NAMESPACE, "boats")

    def boat(name, length):
        return {"apiVersion": "harbor.example/v1", "kind": "Boat", "metadata": {"name": name},
                "spec": {"length": length}}

    made = boats.create_namespaced_custom_object(*place, boat("nina", 20))
    assert made["spec"] == {"length": 20, "kind": "sail"}, made
    said = refused(422, "Invalid", boats.create_namespaced_custom_object, *place,
                   boat("wrong", 0))
    assert "spec.length" in said, said
    patched = boats.patch_namespaced_custom_object(*place, "nina", {"spec": {"length": 21}})
    assert patched["metadata"]["generation"] == 2, patched
    resource = dynamic.DynamicClient(client.ApiClient()).resources.get(
        api_version="harbor.example/v1", kind="Boat")
    resource.create(body=boat("pinta", 17), namespace=NAMESPACE)
    names = [item.metadata.name for item in resource.get(namespace=NAMESPACE).items]
    assert names == ["nina", "pinta"], names
    for event in resource.watch(namespace=NAMESPACE, timeout=10):
        assert (event["type"], event["object"].metadata.name) == ("ADDED", "nina"), event
        break
    definitions.delete_custom_resource_definition("boats.harbor.example")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            boats.list_namespaced_custom_object(*place)
        except ApiException as failure:
            assert failure.status == 404, failure
            return
    raise AssertionError("boats are still served")


class LeaseLock:
    """The lock of an election, as a Lease: what client-go keeps in one."""

    def __init__(self, name):
        self.name, self.namespace, self.identity = name, NAMESPACE, str(uuid.uuid4())
        self.leases, self.lease = client.CoordinationV1Api(), None

    def get(self, name, namespace):
        try:
            self.lease = self.leases.read_namespaced_lease(name, namespace)
        except ApiException as failure:
            return False, failure
        spec = self.lease.spec
        return True, leaderelection.LeaderElectionRecord(
            spec.holder_identity, str(spec.lease_duration_seconds),
            str(spec.acquire_time.replace(tzinfo=None)), str(spec.renew_time.replace(tzinfo=None)))

    def create(self, name, namespace, election_record):
        try:
            self.leases.create_namespaced_lease(namespace, client.V1Lease(
                metadata=client.V1ObjectMeta(name=name), spec=self.spec(election_record)))
        except ApiException:
            return False
        return True

    def update(self, name, namespace, updated_record):
        self.lease.spec = self.spec(updated_record)
        try:
            self.lease = self.leases.replace_namespaced_lease(name, namespace, self.lease)
        except ApiException:
            return False
        return True

    @staticmethod
    def spec(record):
        def instant(text):
            return text.replace(" ", "T") + "Z"

        return client.V1LeaseSpec(
            holder_identity=record.holder_identity,
            lease_duration_seconds=int(float(record.lease_duration)),
            acquire_time=instant(record.acquire_time), renew_time=instant(record.renew_time))


def electing():
    """Five candidates for one Lease: one leads; when its lease has gone, another."""
    leads, led = threading.Semaphore(0), []

    def candidate():
        lock = LeaseLock("leader")

        def start():
            led.append(lock.identity)
            leads.release()

        def run():
            leaderelection.LeaderElection(electionconfig.Config(
                lock, lease_duration=3, renew_deadline=2, retry_period=1,
                onstarted_leading=start, onstopped_leading=lambda: None)).run()

        threading.Thread(target=run, daemon=True).start()

    for _ in range(5):
        candidate()
    assert leads.acquire(timeout=20), "nobody leads"
    leases = client.CoordinationV1Api()
    holder = leases.read_namespaced_lease("leader", NAMESPACE).spec.holder_identity
    assert led == [holder], (led, holder)
    # Somebody else holds it and does not renew it.
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        lease = leases.read_namespaced_lease("leader", NAMESPACE)
        lease.spec.holder_identity = "gone"
        try:
            leases.replace_namespaced_lease("leader", NAMESPACE, lease)
            break
        except ApiException as failure:
            assert failure.status == 409, failure
    assert leads.acquire(timeout=20), "nobody took over"
    holder = leases.read_namespaced_lease("leader", NAMESPACE).spec.holder_identity
    assert led[-1] == holder and len(led) == 2, (led, holder)


def commanding():
    """Run commands in a container, over the WebSocket protocol without half-closing."""
    core = client.CoreV1Api()
    core.create_namespaced_pod(NAMESPACE, client.V1Pod(
        metadata=client.V1ObjectMeta(name="box"),
        spec=client.V1PodSpec(termination_grace_period_seconds=0, containers=[
            client.V1Container(name="c", image="host", command=["sleep", "1000"])])))
    phases = (
        event["object"].status.phase for event in watch.Watch().stream(
            core.list_namespaced_pod, NAMESPACE, field_selector="metadata.name=box",
            timeout_seconds=20))
    assert "Running" in phases, "it does not run"

    def run(*command, **options):
        return stream.stream(
            core.connect_get_namespaced_pod_exec, "box", NAMESPACE, command=list(command),
            stdout=True, stderr=True, **options)

    assert run("echo", "hello") == "hello\n"
    said = run("sh", "-c", "echo out; echo err >&2; exit 7", _preload_content=False)
    said.run_forever(timeout=20)
    assert (said.read_stdout(), said.read_stderr()) == ("out\n", "err\n")
    assert said.returncode == 7, said.returncode
    talk = run("sh", "-c", "read line; echo got $line", stdin=True, _preload_content=False)
    talk.write_stdin("x" * 200_000 + "\n")
    talk.run_forever(timeout=20)
    assert talk.read_stdout() == "got " + "x" * 200_000 + "\n"
    assert talk.returncode == 0
    idle = run("cat", stdin=True, _preload_content=False)
    idle.write_stdin("ping\n")
    assert idle.readline_stdout(timeout=20) == "ping"
    idle.close()
    core.delete_namespaced_pod("box", NAMESPACE, grace_period_seconds=0)


STORIES = [objects, workloads, watching, applying, custom, electing, commanding]

if __name__ == "__main__":
    config.load_kube_config(sys.argv[1])
    {story.__name__: story for story in STORIES}[sys.argv[2]]()
    print("ok")
