"""The platform: what all tenants share, in the order in which AWS needs it."""

from __future__ import annotations

import pulumi
from pulumi import ResourceOptions

from components import plan_check
from components.deletion_guard import DeletionGuard, DeletionGuardArgs
from components.governance.audit import Audit, AuditArgs
from components.network.cell import NetworkCell, NetworkCellArgs
from components.network.flow_logs_role import FlowLogsRole, FlowLogsRoleArgs
from components.observability.alerts import AlertsTopic, AlertsTopicArgs
from components.provider import aws_provider
from components.registry.serving_images import ServingImages, ServingImagesArgs
from components.security.identity_providers import IdentityProviders, IdentityProvidersArgs
from components.security.platform_key import PlatformKey, PlatformKeyArgs
from components.security.preview import PreviewAccess, PreviewAccessArgs
from components.security.provisioning import ProvisioningIdentity, ProvisioningIdentityArgs
from components.service.manifests import ServiceManifests, ServiceManifestsArgs
from components.storage.access_logs import AccessLogs, AccessLogsArgs
from infra.blueprint import version_of_checkout
from infra.spec import PlatformSpec
from infra.tags import platform_tags
from stacks.outputs import PlatformOutputs, export
from stacks.program import ROOT


def build_platform(platform: PlatformSpec, *, saml_metadata: str | None = None) -> None:
    """Register every resource of the platform and export its `PlatformOutputs`.

    Args:
        platform: The platform's spec.
        saml_metadata: The metadata document that ``federation.saml_metadata`` names; None where it names none.
    """
    plan_check.install()
    made = ResourceOptions(provider=aws_provider(platform, platform_tags(platform)))
    provisioning = ProvisioningIdentity("provisioning", ProvisioningIdentityArgs(platform=platform), made)
    identities = IdentityProviders(
        "identities", IdentityProvidersArgs(platform=platform, saml_metadata=saml_metadata), made
    )
    key = PlatformKey("key", PlatformKeyArgs(platform=platform), made)
    key_arn = key.key_arn
    access_logs = AccessLogs("access-logs", AccessLogsArgs(platform=platform), made)
    recorded = Audit("audit", AuditArgs(platform=platform, key_arn=key_arn, access_logs=access_logs), made)
    alerts = AlertsTopic(
        "alerts",
        AlertsTopicArgs(platform=platform, tenant=None, key_arn=key_arn, subscribers=platform.alert_emails),
        made,
    )
    images = ServingImages("serving", ServingImagesArgs(platform=platform, key_arn=key_arn), made)
    flow_logs = FlowLogsRole("flow-logs", FlowLogsRoleArgs(platform=platform), made)
    cells = {
        cell.name: NetworkCell(
            f"cell-{cell.name}",
            NetworkCellArgs(platform=platform, cell=cell, key_arn=key_arn, flow_logs_role_arn=flow_logs.arn),
            made,
        )
        for cell in platform.cells
    }
    previews = [
        PreviewAccess("preview", PreviewAccessArgs(platform=platform, preview=preview, identities=identities), made)
        for preview in (platform.preview,)
        if preview is not None
    ]
    if platform.service is not None:
        served = ServiceManifests("service", ServiceManifestsArgs(platform=platform, service=platform.service), made)
        pulumi.export("service_manifests", served.text)
    everything = [
        provisioning,
        identities,
        key,
        access_logs,
        recorded,
        alerts,
        images,
        flow_logs,
        *previews,
        *cells.values(),
    ]
    DeletionGuard("guard", DeletionGuardArgs(closed=platform.prevent_deletion, guarded=everything))
    export(
        PlatformOutputs,
        {
            "stage": platform.stage,
            "account": platform.account,
            "region": platform.region,
            "cells": {
                cell.name: {
                    "vpc_id": cells[cell.name].vpc_id,
                    "cidr": str(cell.cidr),
                    "endpoint_security_group_id": cells[cell.name].endpoint_security_group_id,
                    "shared_endpoint_ids": cells[cell.name].shared_endpoint_ids,
                }
                for cell in platform.cells
            },
            "serving_image_urls": images.repository_urls,
            "alerts_topic_arn": alerts.topic_arn,
            "saml_provider_arn": identities.saml_provider_arn,
            "blueprint_version": version_of_checkout(ROOT),
        },
    )
