"""A protected and a plain log group, with and without a guard over both."""

from __future__ import annotations

from pulumi import Resource, ResourceOptions
from pulumi_aws import cloudwatch

from components.deletion_guard import DeletionGuard, DeletionGuardArgs
from components.provider import aws_provider
from infra.tags import platform_tags
from tests.components.specs import PLATFORM


def guarded() -> None:
    DeletionGuard("guard", DeletionGuardArgs(closed=True, guarded=_groups()))


def open_guard() -> None:
    DeletionGuard("guard", DeletionGuardArgs(closed=False, guarded=_groups(protect=False)))


def unguarded() -> None:
    _groups()


def _groups(*, protect: bool = True) -> list[Resource]:
    provider = aws_provider(PLATFORM, platform_tags(PLATFORM))
    data = cloudwatch.LogGroup("data", name="data", opts=ResourceOptions(provider=provider, protect=protect))
    plain = cloudwatch.LogGroup("plain", name="plain", opts=ResourceOptions(provider=provider))
    return [data, plain]
