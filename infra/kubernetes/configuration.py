"""What the pods are told: settings by variables, secrets by reference only, and the folders that they may write to."""

from __future__ import annotations

import json
from typing import Any

from infra.kubernetes.objects import NAME, Manifest, manifest
from infra.spec.platform import PlatformSpec
from infra.spec.service import PlatformService, ServiceGitOps

PORT = 8420
SPECS = "/srv/specs"
HOME = "/var/lib/bulkhead"
#: The rollouts, and what was last seen of each tenant: what the API begins there, the scheduler's pod carries out.
FLEET = f"{HOME}/fleet"
PULUMI_HOME = "/var/lib/pulumi"
PAGE_TOKEN_KEYS = "/run/secrets/bulkhead/page-tokens"  # noqa: S105 - a folder's name
GIT_CREDENTIALS = "/run/secrets/bulkhead/git"
WEBHOOKS = "/run/secrets/bulkhead/webhooks"


def settings(platform: PlatformSpec, service: PlatformService) -> Manifest:
    """The ConfigMap with the settings of all parts; see docs/service.md."""
    data = {
        "BULKHEAD_CLOUD": "aws",
        "BULKHEAD_HOME": HOME,
        "BULKHEAD_BACKEND": service.backend,
        "BULKHEAD_SECRETS_PROVIDER": service.secrets_provider,
        "BULKHEAD_PLATFORM_SPEC": f"{SPECS}/platform.yaml",
        "BULKHEAD_SPECS": f"{SPECS}/specs",
        "BULKHEAD_API_TOKENS__ISSUER": service.issuer,
        "BULKHEAD_API_TOKENS__AUDIENCE": service.audience,
        "BULKHEAD_SERVICE_LOGS": "stderr",
        "BULKHEAD_SERVICE_OPERATIONS": str(service.operations),
        "BULKHEAD_SERVICE_PAGE_TOKEN_KEYS_FILE": f"{PAGE_TOKEN_KEYS}/page-token-keys",
        "AWS_REGION": platform.region,
        "PULUMI_HOME": PULUMI_HOME,
        "TMPDIR": "/tmp",  # noqa: S108 - a volume of the pod alone
    }
    if service.event_bus is not None:
        data["BULKHEAD_SERVICE_EVENT_BUS"] = service.event_bus
    if service.gitops is not None:
        data |= _gitops(service.gitops)
    if service.webhooks:
        hooks = [
            {"name": hook.name, "url": hook.url, "secret_file": f"{WEBHOOKS}/{hook.name}"} for hook in service.webhooks
        ]
        data["BULKHEAD_SERVICE_WEBHOOKS"] = json.dumps(hooks)
    return manifest("v1", "ConfigMap", NAME, service.namespace, {"data": data})


def _gitops(gitops: ServiceGitOps) -> dict[str, str]:
    found = {
        "REPOSITORY": f"{HOME}/specs.git",
        "URL": gitops.url,
        "BRANCH": gitops.branch,
        "FOLDER": gitops.folder,
        "PLATFORM": gitops.platform,
    }
    if gitops.credentials_secret is not None:
        found["CREDENTIALS"] = GIT_CREDENTIALS
    return {f"BULKHEAD_SERVICE_GITOPS__{name}": value for name, value in found.items()}


def database(service: PlatformService) -> dict[str, Any]:
    """The variable ``DATABASE_URL``, from a Secret that the cluster's owner keeps (External Secrets, for example)."""
    reference = {"name": service.database_secret, "key": "DATABASE_URL"}
    return {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": reference}}


def volumes(service: PlatformService) -> list[dict[str, Any]]:
    """The volumes of a pod: the specs, the secrets in files, and what a read-only root file system needs."""
    found: list[dict[str, Any]] = [
        {"name": "specs", "persistentVolumeClaim": {"claimName": service.specs_claim}},
        {"name": "home", "emptyDir": {"sizeLimit": "4Gi"}},
        {"name": "pulumi", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "2Gi"}},
        {"name": "page-tokens", "secret": {"secretName": service.page_token_secret, "defaultMode": 0o440}},
    ]
    if service.webhooks:
        sources = [
            {"secret": {"name": hook.secret, "items": [{"key": "secret", "path": hook.name}]}}
            for hook in service.webhooks
        ]
        found.append({"name": "webhooks", "projected": {"defaultMode": 0o440, "sources": sources}})
    if service.gitops is not None and service.gitops.credentials_secret is not None:
        secret = {"secretName": service.gitops.credentials_secret, "defaultMode": 0o440}
        found.append({"name": "git-credentials", "secret": secret})
    return found


def mounts(
    service: PlatformService, *, writes_specs: bool, has_fleet: bool = True, uses_git: bool = True
) -> list[dict[str, Any]]:
    """Where a container has these volumes.

    Args:
        service: The service.
        writes_specs: Whether the part writes tenants' specs.
        has_fleet: Whether the part reads and writes the rollouts of the fleet.
        uses_git: Whether the part reads and writes the repository of GitOps mode.
    """
    found: list[dict[str, Any]] = [
        {"name": "specs", "mountPath": SPECS, "readOnly": not writes_specs},
        {"name": "home", "mountPath": HOME},
        {"name": "pulumi", "mountPath": PULUMI_HOME},
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of the pod alone
        {"name": "page-tokens", "mountPath": PAGE_TOKEN_KEYS, "readOnly": True},
    ]
    if has_fleet:
        found.append({"name": "specs", "mountPath": FLEET, "subPath": "fleet"})
    if service.webhooks:
        found.append({"name": "webhooks", "mountPath": WEBHOOKS, "readOnly": True})
    if uses_git and service.gitops is not None and service.gitops.credentials_secret is not None:
        found.append({"name": "git-credentials", "mountPath": GIT_CREDENTIALS, "readOnly": True})
    return found
