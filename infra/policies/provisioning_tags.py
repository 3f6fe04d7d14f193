"""The conditions by which the provisioning role is bound to what carries the blueprint's tags."""

from __future__ import annotations

from typing import Literal

from infra import naming
from infra.policies.document import Conditions
from infra.spec.platform import PlatformSpec
from infra.tags import MANAGED_BY, MANAGED_TAG, STAGE_TAG, TENANT_TAG

Where = Literal["aws:RequestTag", "aws:ResourceTag"]


def of_the_stage(platform: PlatformSpec, where: Where) -> dict[str, str]:
    """The tags of everything of the stage, a tenant's or the platform's; for ``StringEquals``."""
    return {f"{where}/{MANAGED_TAG}": MANAGED_BY, f"{where}/{STAGE_TAG}": platform.stage}


def of_a_tenant(platform: PlatformSpec, where: Where) -> Conditions:
    """The resource (or what the request makes) is a tenant's, not the platform's and not without an owner."""
    owner = f"{where}/{TENANT_TAG}"
    return {
        "StringEquals": of_the_stage(platform, where),
        "StringNotEquals": {owner: naming.PLATFORM},
        # A missing tag would make the negated operator true.
        "Null": {owner: "false"},
    }


def without_owner_tags() -> Conditions:
    """The request changes tags, but not those that say whose a resource is."""
    return {"ForAllValues:StringNotEquals": {"aws:TagKeys": (MANAGED_TAG, STAGE_TAG, TENANT_TAG)}}
