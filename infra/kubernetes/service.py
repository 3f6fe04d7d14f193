"""All manifests of the provisioning service, and their text for ``kubectl apply`` or a repository of manifests."""

from __future__ import annotations

from io import StringIO

from ruamel.yaml import YAML

from infra.kubernetes.configuration import settings
from infra.kubernetes.networking import api_service, namespace, network_policies
from infra.kubernetes.objects import NAME, Manifest, manifest
from infra.kubernetes.workloads import deployment, disruption_budget, workloads
from infra.spec.platform import PlatformSpec
from infra.spec.service import PlatformService


def manifests(platform: PlatformSpec, service: PlatformService) -> list[Manifest]:
    """The objects, in the order in which a cluster takes them.

    Args:
        platform: The platform's spec.
        service: Its key ``service``.
    """
    parts = workloads(service)
    return [
        namespace(service),
        _account(service),
        settings(platform, service),
        *network_policies(service),
        *(deployment(service, part) for part in parts),
        api_service(service),
        *(disruption_budget(service, part) for part in parts),
    ]


def as_yaml(objects: list[Manifest]) -> str:
    """Objects as one YAML text, a document each."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # pyright: ignore[reportAttributeAccessIssue]
    writer.explicit_start = True
    text = StringIO()
    writer.dump_all(objects, text)  # pyright: ignore[reportUnknownMemberType]
    return text.getvalue()


def _account(service: PlatformService) -> Manifest:
    """The service account, which AWS knows as a role.

    Source: Amazon EKS User Guide, "IAM roles for service accounts".
    """
    annotations = {
        "eks.amazonaws.com/role-arn": service.role_arn,
        "eks.amazonaws.com/sts-regional-endpoints": "true",
    }
    body = {"metadata": {"annotations": annotations}, "automountServiceAccountToken": False}
    return manifest("v1", "ServiceAccount", NAME, service.namespace, body)
