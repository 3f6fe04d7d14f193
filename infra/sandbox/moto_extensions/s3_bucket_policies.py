"""Bucket policies are stored and not enforced by moto: it compares no condition, so that every Deny denies everybody.

A policy that denies whatever comes without TLS would close its bucket to all. What the policies say is proven and
enforced elsewhere, by an evaluator that knows conditions.
"""

from __future__ import annotations

from collections.abc import Callable

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from infra.sandbox.moto_extensions.registry import wrap


def apply() -> None:
    """Changes moto."""
    wrap(FakeBucket, "get_permission", _neutral)


def _neutral(
    original: Callable[[str, str], PermissionResult], bucket: FakeBucket, action: str, resource: str
) -> PermissionResult:
    del original, bucket, action, resource
    return PermissionResult.NEUTRAL
