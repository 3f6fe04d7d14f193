"""The one AWS provider of a stack: its account, its Region and the tags of everything that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.spec.platform import PlatformSpec


def aws_provider(platform: PlatformSpec, tags: Mapping[str, str], *, run_as: Sequence[str] = ()) -> aws.Provider:
    """A provider that works in the platform's account and Region only and tags every resource.

    Credentials come from the environment. What the stack's configuration says for the provider (``aws:assumeRoles``,
    ``aws:profile`` ...) is honoured, as the default provider honours it; the account and the Region are the spec's.

    Args:
        platform: The platform's spec. Credentials of another account are refused before anything is made.
        tags: The default tags, from `infra.tags`.
        run_as: ARNs of the roles to assume, one by the other, where the configuration names none.

    Source: Pulumi Registry, "AWS: Installation and configuration".
    """
    config = pulumi.Config("aws")
    roles: list[dict[str, Any]] = config.get_object("assumeRoles") or [
        {"roleArn": arn, "sessionName": pulumi.get_stack()} for arn in run_as
    ]
    return aws.Provider(
        "aws",
        region=platform.region,
        allowed_account_ids=[platform.account],
        default_tags=aws.ProviderDefaultTagsArgs(tags=tags),
        assume_roles=[_assume_role(role) for role in roles] or None,
        profile=config.get("profile"),
        s3_use_path_style=config.get_bool("s3UsePathStyle"),
        skip_credentials_validation=config.get_bool("skipCredentialsValidation"),
        skip_metadata_api_check=config.get_bool("skipMetadataApiCheck"),
        skip_region_validation=config.get_bool("skipRegionValidation"),
        skip_requesting_account_id=config.get_bool("skipRequestingAccountId"),
    )


def _assume_role(role: Mapping[str, Any]) -> aws.ProviderAssumeRoleArgs:
    return aws.ProviderAssumeRoleArgs(
        role_arn=role["roleArn"],
        session_name=role.get("sessionName"),
        external_id=role.get("externalId"),
        duration=role.get("duration"),
    )
