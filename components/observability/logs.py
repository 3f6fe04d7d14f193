"""TenantLogs: the tenant's encrypted log groups, made before anything writes into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import cloudwatch

from components.base import token
from infra import naming
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec


@dataclass(frozen=True, kw_only=True)
class TenantLogsArgs:
    """What a tenant's log groups are made of.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec; ``retention.logs_days`` and ``lifecycle.prevent_deletion`` apply to every group.
        key_arn: The tenant's key. Its policy must name ``logs.<region>.amazonaws.com`` with the groups' ARNs as the
            encryption context, else CloudWatch Logs refuses it.
        purposes: The tenant's own groups, one a purpose, below its path; the groups of its endpoints come on top.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    key_arn: Input[str]
    purposes: Sequence[str] = ("workloads",)


class TenantLogs(pulumi.ComponentResource):
    """A log group for each endpoint and for each of the tenant's own purposes.

    SageMaker makes an endpoint's group itself when it is absent, without encryption and kept for ever; so endpoints
    depend on this component.

    Sources: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS"; Amazon SageMaker
    Developer Guide, "Log groups and streams that Amazon SageMaker AI sends to Amazon CloudWatch Logs".
    """

    group_names: Mapping[str, Output[str]]
    """A purpose, or ``endpoint/<model>``, to the name of its group."""
    group_arns: Mapping[str, Output[str]]
    """The same keys to the groups' ARNs."""

    def __init__(self, name: str, args: TenantLogsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("TenantLogs"), name, {}, opts)
        platform, tenant = args.platform, args.tenant
        names = {purpose: naming.log_group(platform, tenant, purpose) for purpose in args.purposes} | {
            f"endpoint/{model.name}": naming.endpoint_log_group(platform, tenant, model.name)
            for model in tenant.served_models
        }
        groups = {
            key: cloudwatch.LogGroup(
                f"{name}-{key.replace('/', '-')}",
                name=group,
                kms_key_id=args.key_arn,
                retention_in_days=tenant.retention.logs_days,
                opts=ResourceOptions(parent=self, protect=tenant.lifecycle.prevent_deletion),
            )
            for key, group in names.items()
        }
        self.group_names = {key: group.name for key, group in groups.items()}
        self.group_arns = {key: group.arn for key, group in groups.items()}
        self.register_outputs({"group_names": self.group_names, "group_arns": self.group_arns})
