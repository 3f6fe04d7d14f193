"""The service's manifests are what Kubernetes takes, admit nobody who need not come in, and agree with each other."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml
from a_service import PLATFORM, ROLE, SERVICE

from infra.kubernetes.configuration import FLEET, SPECS
from infra.kubernetes.objects import Manifest
from infra.kubernetes.service import as_yaml, manifests
from infra.service.serve import Part
from infra.service.settings import ServiceSettings

#: The oldest and the newest version that is promised; docs/service.md names them.
VERSIONS = ("1.30", "1.34")
OBJECTS = manifests(PLATFORM, SERVICE)
DEPLOYMENTS = [each for each in OBJECTS if each["kind"] == "Deployment"]


def named(kind: str, name: str, objects: list[Manifest] = OBJECTS) -> Manifest:
    (found,) = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


def identity(manifest: Manifest) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


def containers(deployment: Manifest) -> Iterator[dict[str, Any]]:
    pod = deployment["spec"]["template"]["spec"]
    yield from pod["initContainers"]
    yield from pod["containers"]


def validate(manifest: Manifest, version: str) -> None:
    """Against Kubernetes' own schemas, in which no unknown key is allowed."""
    kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", OBJECTS, ids=identity)
def test_kubernetes_takes_it(manifest: Manifest, version: str) -> None:
    validate(manifest, version)


@pytest.mark.parametrize("manifest", OBJECTS, ids=identity)
def test_the_schemas_find_a_mistake(manifest: Manifest) -> None:
    """A key with a letter too many is refused in each of them: the check above can fail."""
    broken = copy.deepcopy(manifest)
    holder = broken["spec"] if "spec" in broken else broken["metadata"]
    holder["labelz"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        validate(broken, VERSIONS[-1])


def test_the_text_is_the_same_objects() -> None:
    assert list(yaml.safe_load_all(as_yaml(OBJECTS))) == OBJECTS


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=identity)
def test_pods_are_as_the_profile_restricted_wants_them(deployment: Manifest) -> None:
    """Kubernetes documentation, "Pod Security Standards": what the namespace admits."""
    pod = deployment["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert pod["automountServiceAccountToken"] is False
    assert {next(iter(volume.keys() - {"name"})) for volume in pod["volumes"]} <= {
        "persistentVolumeClaim", "emptyDir", "secret", "projected",
    }  # fmt: skip
    for container in containers(deployment):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
        assert "@sha256:" in container["image"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=identity)
def test_probes_ask_what_they_should(deployment: Manifest) -> None:
    """What restarts a pod asks for nothing outside of it; readiness asks for all that it needs."""
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    assert container["startupProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=identity)
def test_what_is_referred_to_is_there(deployment: Manifest) -> None:
    """Labels, volumes, ports, the part that is run and the budget of each Deployment fit together."""
    spec = deployment["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    chosen = spec["selector"]["matchLabels"].items()
    assert chosen <= spec["template"]["metadata"]["labels"].items()
    budget = named("PodDisruptionBudget", deployment["metadata"]["name"])
    assert budget["spec"]["selector"] == spec["selector"]
    for each in containers(deployment):
        assert {mount["name"] for mount in each["volumeMounts"]} <= {volume["name"] for volume in pod["volumes"]}
    assert container["args"][:3] == ["serve", "--only", Part(container["name"])]
    assert container["args"][-1] != "0" or "--port" not in container["args"][-2:]
    assert str(container["ports"][0]["containerPort"]) == container["args"][container["args"].index("--port") + 1]
    assert container["envFrom"] == [{"configMapRef": {"name": named("ConfigMap", "bulkhead")["metadata"]["name"]}}]
    assert pod["serviceAccountName"] == named("ServiceAccount", "bulkhead")["metadata"]["name"]


def test_the_service_leads_to_the_api_and_to_nothing_else() -> None:
    chosen = named("Service", "bulkhead-api")["spec"]["selector"].items()
    led_to = [
        each["metadata"]["name"]
        for each in DEPLOYMENTS
        if chosen <= each["spec"]["template"]["metadata"]["labels"].items()
    ]
    assert led_to == ["bulkhead-api"]


def test_no_secret_is_in_any_of_them() -> None:
    """Secrets are referred to: by a variable of one key, and by files."""
    assert not [each for each in OBJECTS if each["kind"] == "Secret"]
    for deployment in DEPLOYMENTS:
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        (database,) = container["env"]
        assert database["name"] == "DATABASE_URL"
        assert database["valueFrom"] == {"secretKeyRef": {"name": "bulkhead-database", "key": "DATABASE_URL"}}
    text = json.dumps(OBJECTS)
    assert "postgresql://" not in text
    assert "whsec_" not in text


def test_the_settings_are_settings_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of the ConfigMap are read as they are meant; a misspelt one would be a silent default."""
    data: dict[str, str] = named("ConfigMap", "bulkhead")["data"]
    for name, value in data.items():
        monkeypatch.setenv(name, value)
    read = ServiceSettings()
    assert (read.logs, read.operations, read.event_bus) == ("stderr", 8, "platform")
    assert [str(hook.secret_file) for hook in read.webhooks] == [
        "/run/secrets/bulkhead/webhooks/ops",
        "/run/secrets/bulkhead/webhooks/billing",
    ]
    gitops = read.gitops
    assert gitops is not None
    assert (gitops.url, gitops.branch, gitops.folder) == (
        "https://git.example/platform/specs",
        "main",
        "tenant_stacks/specs",
    )
    assert str(gitops.credentials) == "/run/secrets/bulkhead/git"
    known = {f"BULKHEAD_SERVICE_{name}".upper() for name in ServiceSettings.model_fields}
    assert {name.partition("__")[0] for name in data if name.startswith("BULKHEAD_SERVICE_")} <= known


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=identity)
def test_a_repositorys_credentials_are_files_of_a_secret_for_who_uses_it(deployment: Manifest) -> None:
    pod = deployment["spec"]["template"]["spec"]
    (volume,) = [each for each in pod["volumes"] if each["name"] == "git-credentials"]
    assert volume["secret"] == {"secretName": "specs-git", "defaultMode": 0o440}
    (container,) = pod["containers"]
    mounted = {each["name"]: (each["mountPath"], each.get("readOnly")) for each in container["volumeMounts"]}
    uses_git = container["name"] in ("api", "scheduler")
    assert mounted.get("git-credentials") == (("/run/secrets/bulkhead/git", True) if uses_git else None)


def test_without_gitops_nothing_of_git_is_in_them() -> None:
    direct = manifests(PLATFORM, SERVICE.model_copy(update={"gitops": None}))
    assert "git" not in as_yaml(direct).replace("digit", "")
    public = SERVICE.gitops and SERVICE.gitops.model_copy(update={"credentials_secret": None})
    text = as_yaml(manifests(PLATFORM, SERVICE.model_copy(update={"gitops": public})))
    assert "GITOPS__URL" in text
    assert "credentials" not in text.lower()


def test_the_account_is_the_role_that_may_provision() -> None:
    annotations = named("ServiceAccount", "bulkhead")["metadata"]["annotations"]
    assert annotations["eks.amazonaws.com/role-arn"] == ROLE


def test_nobody_reaches_a_pod_but_the_ingress_controller_the_api() -> None:
    policies = [each for each in OBJECTS if each["kind"] == "NetworkPolicy"]
    (deny,) = [each["spec"] for each in policies if each["spec"]["podSelector"] == {}]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (letting_in,) = [each["spec"] for each in policies if each["spec"].get("ingress")]
    assert letting_in["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "api"
    (rule,) = letting_in["ingress"]
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}]


def test_pods_reach_their_database_dns_and_tls_but_no_instance_metadata() -> None:
    (spec,) = [each["spec"] for each in OBJECTS if each["kind"] == "NetworkPolicy" and each["spec"].get("egress")]
    reached = {(str(rule["to"][0]), port["port"]) for rule in spec["egress"] for port in rule["ports"]}
    assert {port for _, port in reached} == {53, 443, 5432}
    (outside,) = [rule for rule in spec["egress"] if rule["ports"][0]["port"] == 443]
    assert outside["to"] == [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]
    (database,) = [rule for rule in spec["egress"] if rule["ports"][0]["port"] == 5432]
    assert database["to"] == [{"ipBlock": {"cidr": "10.32.0.0/24"}}]


def test_without_receivers_there_is_no_outbox() -> None:
    quiet = SERVICE.model_copy(update={"event_bus": None, "webhooks": ()})
    found = manifests(PLATFORM, quiet)
    assert [each["metadata"]["name"] for each in found if each["kind"] == "Deployment"] == [
        "bulkhead-api",
        "bulkhead-worker",
        "bulkhead-scheduler",
    ]
    for each in found:
        validate(each, VERSIONS[0])


def test_neither_api_nor_outbox_writes_specs() -> None:
    writable = {
        each["metadata"]["name"]
        for each in DEPLOYMENTS
        for container in containers(each)
        for mount in container["volumeMounts"]
        if mount["mountPath"] == SPECS and not mount["readOnly"]
    }
    assert writable == {"bulkhead-worker", "bulkhead-scheduler"}


def test_the_api_and_who_carries_rollouts_out_share_them() -> None:
    """In the claim's folder for them and nowhere else in it; the outbox has none of it."""
    shared = {
        each["metadata"]["name"]: mount["subPath"]
        for each in DEPLOYMENTS
        for container in containers(each)
        for mount in container["volumeMounts"]
        if mount["mountPath"] == FLEET
    }
    assert shared == dict.fromkeys(("bulkhead-api", "bulkhead-worker", "bulkhead-scheduler"), "fleet")
