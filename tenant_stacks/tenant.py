"""One tenant: every component of it, in the order in which AWS needs them."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi import Input, Output, Resource, ResourceOptions

from components import plan_check
from components.cost.budget import TenantBudget, TenantBudgetArgs
from components.deletion_guard import DeletionGuard, DeletionGuardArgs
from components.observability.alerts import AlertsTopic, AlertsTopicArgs
from components.observability.logs import TenantLogs, TenantLogsArgs
from components.provider import aws_provider
from components.registry.model_repository import ModelRepository, ModelRepositoryArgs
from components.security.key import TenantKey, TenantKeyArgs
from components.security.roles import TenantRoles, TenantRolesArgs
from components.security.workload_network import WorkloadNetworkAccess, WorkloadNetworkAccessArgs
from components.serving.model_endpoint import ModelEndpoint, ModelEndpointArgs
from components.storage.buckets import TenantBuckets, TenantBucketsArgs
from infra import naming
from infra.blueprint import version_of_checkout
from infra.errors import UserError
from infra.spec import PlatformSpec, TenantSpec
from infra.spec.move import Move
from infra.tags import tenant_tags
from stacks.outputs import PlatformOutputs, export
from stacks.program import ROOT
from tenant_stacks.networks import build_networks, find_sites
from tenant_stacks.outputs import TenantOutputs


def build_tenant(
    platform: PlatformSpec,
    tenant: TenantSpec,
    outputs: PlatformOutputs,
    *,
    serve: bool,
    run_as: Sequence[str] = (),
    move: Move | None = None,
) -> None:
    """Register every resource of a tenant and export its `TenantOutputs`.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
        outputs: What the platform's stack says of itself.
        serve: Whether the tenant's models are served; False before their artifacts are uploaded.
        run_as: The roles to assume, one by the other, where the stack's configuration names none.
        move: The part of a move that this is, which has the network of another spec beside the tenant's own.

    Raises:
        UserError: the platform's stack lacks the tenant's cell or a model's serving image, or the move is none;
            nothing is registered.
        PlanRefusedError: AWS would refuse a resource; it fails that resource.
    """
    sites = find_sites(tenant, move, outputs)
    tenant = sites.tenant
    images = {model.name: _image(model.framework, outputs) for model in tenant.served_models}
    plan_check.install(shared_vpcs=[shared.vpc_id for shared in outputs.cells.values()])
    provider = aws_provider(platform, tenant_tags(platform, tenant), run_as=run_as)

    def after(*resources: Resource) -> ResourceOptions:
        return ResourceOptions(provider=provider, depends_on=list(resources))

    roles = TenantRoles("roles", TenantRolesArgs(platform=platform, tenant=tenant), after())
    key = TenantKey("key", TenantKeyArgs(platform=platform, tenant=tenant, roles=roles), after(roles))
    networks = build_networks(platform, sites, key_arn=key.key_arn, opts=after(key))
    network = networks.own
    access = WorkloadNetworkAccess(
        "network-access",
        WorkloadNetworkAccessArgs(
            platform=platform,
            tenant=tenant,
            roles=roles,
            subnet_ids=[subnet for each in networks.in_use for subnet in each.subnet_ids],
        ),
        after(roles, *networks.in_use),
    )
    buckets = TenantBuckets(
        "buckets",
        TenantBucketsArgs(
            platform=platform,
            tenant=tenant,
            key_arn=key.key_arn,
            s3_endpoint_ids=[each.s3_endpoint_id for each in networks.in_use],
            roles=roles,
        ),
        after(key, *networks.in_use),
    )
    registry = ModelRepository(
        "registry", ModelRepositoryArgs(platform=platform, tenant=tenant, key_arn=key.key_arn), after(key)
    )
    logs = TenantLogs("logs", TenantLogsArgs(platform=platform, tenant=tenant, key_arn=key.key_arn), after(key))
    alerts = AlertsTopic(
        "alerts",
        AlertsTopicArgs(platform=platform, tenant=tenant, key_arn=key.key_arn, subscribers=[tenant.owner]),
        after(key),
    )
    budget = TenantBudget(
        "budget",
        TenantBudgetArgs(platform=platform, tenant=tenant, alerts_topic_arn=alerts.topic_arn),
        after(alerts),
    )
    endpoints = {
        model.name: ModelEndpoint(
            model.name,
            ModelEndpointArgs(
                platform=platform,
                tenant=tenant,
                model=model,
                models_bucket=buckets.ids["models"],
                key_arn=key.key_arn,
                subnet_ids=network.subnet_ids,
                security_group_ids=[network.security_group_id],
                image_url=images[model.name],
                alerts_topic_arn=alerts.topic_arn,
                after=[roles, access, key, buckets, *networks.in_use, logs],
            ),
            after(),
        )
        for model in tenant.served_models
        if serve
    }
    DeletionGuard(
        "guard",
        DeletionGuardArgs(
            closed=tenant.lifecycle.prevent_deletion,
            guarded=[
                *(roles, key, *networks.every, access, buckets, registry, logs, alerts, budget),
                *endpoints.values(),
            ],
        ),
    )
    export(
        TenantOutputs,
        {
            "tenant": tenant.id,
            "tier": tenant.tier,
            "region": tenant.region,
            "key_arn": key.key_arn,
            "role_arns": roles.arns,
            "buckets": buckets.ids,
            "vpc_id": network.vpc_id,
            "subnet_ids": network.subnet_ids,
            "security_group_id": network.security_group_id,
            "endpoint_urls": network.endpoint_urls,
            "repository_url": registry.repository_url,
            "model_package_groups": registry.model_package_group_names,
            "log_groups": logs.group_names,
            "alerts_topic_arn": alerts.topic_arn,
            "budget": budget.budget_name,
            "endpoints": {name: _endpoint(platform, tenant, name, made) for name, made in endpoints.items()},
            "blueprint_version": version_of_checkout(ROOT),
        },
    )


def _image(framework: str, outputs: PlatformOutputs) -> str:
    if framework not in outputs.serving_image_urls:
        raise UserError(
            f"the platform's stack has no serving image for {framework!r}",
            remedy="add it to serving_images in the platform's spec, then: bulkhead up platform",
            where="platform.yaml, serving_images",
        )
    return outputs.serving_image_urls[framework]


def _endpoint(platform: PlatformSpec, tenant: TenantSpec, model: str, made: ModelEndpoint) -> dict[str, Input[str]]:
    host = f"runtime.sagemaker.{platform.region}.amazonaws.com"
    return {
        "name": made.endpoint_name,
        "arn": made.endpoint_arn,
        "url": Output.concat(f"https://{host}/endpoints/", made.endpoint_name, "/invocations"),
        "model": made.model_name,
        "configuration": made.configuration_name,
        "model_sha256": made.model_sha256,
        "log_group": naming.endpoint_log_group(platform, tenant, model),
    }
