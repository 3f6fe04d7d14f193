"""The Deployments: one image, one part of the service each, as an unprivileged user on a read-only file system.

Sources: Kubernetes documentation, "Pod Security Standards" (profile "restricted"), "Liveness, Readiness, and Startup
Probes", "Specifying a Disruption Budget for your Application", "Well-Known Labels, Annotations and Taints".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.kubernetes.configuration import PORT, PULUMI_HOME, database, mounts, volumes
from infra.kubernetes.objects import NAME, Manifest, labels, manifest, selector
from infra.spec.service import PlatformService

#: The user of the image; see the Dockerfile.
USER = 10001


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the parts differ in.

    Args:
        part: As `bulkhead serve --only` takes it.
        replicas: How many pods.
        arguments: Further arguments.
        cpu: Requested, in Kubernetes' unit; there is no limit, which would only slow what has room.
        memory: Requested and limit, in Kubernetes' unit.
        writes_specs: Whether it writes tenants' specs.
    """

    part: str
    replicas: int
    arguments: tuple[str, ...]
    cpu: str
    memory: str
    writes_specs: bool = False


def workloads(service: PlatformService) -> list[Workload]:
    """The parts; the outbox only where somebody is told of events. Of scheduler and outbox one is enough."""
    found = [
        Workload(part="api", replicas=service.replicas.api, arguments=(), cpu="500m", memory="1Gi"),
        Workload(
            part="worker",
            replicas=service.replicas.worker,
            arguments=("--workers", "1"),
            cpu="1",
            memory="4Gi",
            writes_specs=True,
        ),
    ]
    found.append(Workload(part="scheduler", replicas=1, arguments=(), cpu="250m", memory="2Gi", writes_specs=True))
    if service.event_bus is not None or service.webhooks:
        found.append(Workload(part="outbox", replicas=1, arguments=(), cpu="100m", memory="512Mi"))
    return found


def deployment(service: PlatformService, workload: Workload) -> Manifest:
    """The Deployment of a part; an operation under way in a pod that goes is resumed by another."""
    return manifest(
        "apps/v1",
        "Deployment",
        f"{NAME}-{workload.part}",
        service.namespace,
        {
            "metadata": {"labels": labels(workload.part)},
            "spec": {
                "replicas": workload.replicas,
                "revisionHistoryLimit": 3,
                "selector": {"matchLabels": selector(workload.part)},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
                "template": {"metadata": {"labels": labels(workload.part)}, "spec": _pod(service, workload)},
            },
        },
    )


def disruption_budget(service: PlatformService, workload: Workload) -> Manifest:
    """One pod of a part at a time may be taken away by the cluster's owner."""
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": selector(workload.part)}}
    return manifest("policy/v1", "PodDisruptionBudget", f"{NAME}-{workload.part}", service.namespace, {"spec": spec})


def _pod(service: PlatformService, workload: Workload) -> dict[str, Any]:
    container = {
        "name": workload.part,
        "image": service.image,
        "args": ["serve", "--only", workload.part, "--host", "0.0.0.0", "--port", str(PORT), *workload.arguments],  # noqa: S104 - the pod's own address; NetworkPolicies say who reaches it
        "envFrom": [{"configMapRef": {"name": NAME}}],
        "env": [database(service)],
        "ports": [{"name": "http", "containerPort": PORT}],
        "startupProbe": {**_probe("/healthz"), "periodSeconds": 3, "failureThreshold": 40},
        "livenessProbe": {**_probe("/healthz"), "periodSeconds": 10, "failureThreshold": 3},
        "readinessProbe": {**_probe("/readyz"), "periodSeconds": 5, "failureThreshold": 2},
        "resources": {
            "requests": {"cpu": workload.cpu, "memory": workload.memory},
            "limits": {"memory": workload.memory},
        },
        "securityContext": _confined(),
        "volumeMounts": mounts(
            service,
            writes_specs=workload.writes_specs,
            has_fleet=workload.part != "outbox",
            uses_git=workload.part in ("api", "scheduler"),
        ),
    }
    return {
        "serviceAccountName": NAME,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 30,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": selector(workload.part)},
            }
        ],
        "initContainers": [_plugins(service)],
        "containers": [container],
        "volumes": volumes(service),
    }


def _plugins(service: PlatformService) -> dict[str, Any]:
    """The engine writes to its home, whose plugins are in the image: a link to them in a folder of the pod."""
    return {
        "name": "plugins",
        "image": service.image,
        "command": ["ln", "-sfn", "/opt/pulumi-home/plugins", f"{PULUMI_HOME}/plugins"],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "32Mi"}},
        "securityContext": _confined(),
        "volumeMounts": [{"name": "pulumi", "mountPath": PULUMI_HOME}],
    }


def _confined() -> dict[str, Any]:
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def _probe(path: str) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": "http"}, "timeoutSeconds": 5}
