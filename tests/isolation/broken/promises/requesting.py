"""The provisioning role's requests: tags, boundaries and things by their ARNs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from infra import naming
from infra.evaluator.request import ContextValue
from infra.naming import TenantRoleKind
from infra.policies.principals import role_kinds
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.blueprint import ACME, PLATFORM

Keys = Mapping[str, ContextValue]
Where = Literal["aws:RequestTag", "aws:ResourceTag"]

WHO = people.PROVISIONING
KINDS: tuple[TenantRoleKind, ...] = role_kinds(PLATFORM)

#: Changes that make a tenant's tags not those of the stage, and not those of a tenant.
NOT_OF_THE_STAGE: tuple[Mapping[str, str | None], ...] = (
    {"stage": "prod"},
    {"managed-by": "hand"},
    {"stage": None},
    {"managed-by": None},
)
NOT_A_TENANTS: tuple[Mapping[str, str | None], ...] = ({"tenant": naming.PLATFORM}, {"tenant": None}, *NOT_OF_THE_STAGE)


def roles_of(owner: TenantSpec) -> tuple[things.Thing, ...]:
    """A tenant's roles before they exist."""
    return tuple(things.role(owner, kind).without_tags() for kind in KINDS)


def with_tags(
    owner: TenantSpec | None, changes: Mapping[str, str | None] | None = None, where: Where = "aws:RequestTag"
) -> Keys:
    """The tags of a request or of a resource of an owner, changed in places; None leaves one out."""
    tags: dict[str, str | None] = {**things.tags(owner), **(changes or {})}
    given: dict[str, ContextValue] = {f"{where}/{key}": value for key, value in tags.items()}
    if where == "aws:RequestTag":
        given["aws:TagKeys"] = [key for key, value in tags.items() if value is not None]
    return given


def bounded_by(boundary: things.Thing | None) -> Keys:
    """The boundary that a request names, or that the role has."""
    return {"iam:PermissionsBoundary": boundary.arn if boundary else None}


def named(name: str, arn: str) -> things.Thing:
    """Something of the account by its ARN."""
    return things.Thing(name=name, arn=arn)


def stray_key() -> things.Thing:
    """A key whose policy leaves everything to the account, as that of a key is which nobody gave one."""
    return replace(things.key(ACME), name="a stray key", policy=None)
