"""PlatformKey: the key of the platform's own records, logs and images."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_aws import kms

from components.base import token
from components.security.key import DELETION_DAYS
from infra import naming
from infra.policies.platform_key import platform_key
from infra.spec.platform import PlatformSpec


@dataclass(frozen=True, kw_only=True)
class PlatformKeyArgs:
    """What the platform's key is made of.

    Args:
        platform: The platform's spec.
    """

    platform: PlatformSpec


class PlatformKey(pulumi.ComponentResource):
    """A customer-managed key with yearly rotation, and its alias. No tenant has any use of it."""

    key_arn: Output[str]
    alias: Output[str]

    def __init__(self, name: str, args: PlatformKeyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("PlatformKey"), name, {}, opts)
        key = kms.Key(
            name,
            description=f"The platform's records, logs and images ({args.platform.stage}).",
            policy=platform_key(args.platform).render(),
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_DAYS,
            tags={"Name": naming.key(args.platform)},
            opts=ResourceOptions(parent=self, protect=args.platform.prevent_deletion),
        )
        alias = kms.Alias(
            name,
            name=naming.key_alias(args.platform),
            target_key_id=key.key_id,
            opts=ResourceOptions(parent=self, protect=args.platform.prevent_deletion),
        )
        self.key_arn = key.arn
        self.alias = alias.name
        self.register_outputs({"key_arn": self.key_arn, "alias": self.alias})
