"""ServiceManifests: the provisioning service on a Kubernetes cluster, as an output of the platform's stack."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions

from components.base import token
from infra.kubernetes.service import as_yaml, manifests
from infra.spec.platform import PlatformSpec
from infra.spec.service import PlatformService


@dataclass(frozen=True, kw_only=True)
class ServiceManifestsArgs:
    """What the manifests are made of.

    Args:
        platform: The platform's spec.
        service: Its key ``service``.
    """

    platform: PlatformSpec
    service: PlatformService


class ServiceManifests(pulumi.ComponentResource):
    """The manifests as YAML. The stack reaches no cluster: docs/adr/0021-manifests-are-an-output.md says why."""

    text: Output[str]
    """For ``pulumi stack output service_manifests | kubectl apply --server-side -f -``."""

    def __init__(self, name: str, args: ServiceManifestsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("ServiceManifests"), name, {}, opts)
        self.text = Output.from_input(as_yaml(manifests(args.platform, args.service)))
        self.register_outputs({"text": self.text})
