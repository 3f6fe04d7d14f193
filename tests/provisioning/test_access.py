"""Access is closed and opened by the tenant's boundary alone, as the engine's next update would write it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from infra import naming
from infra.operations.access import agree
from infra.operations.cloud import CloudAccess
from infra.policies.boundary import tenant_boundary
from infra.settings import ROOT
from infra.spec import load_estate
from infra.spec.tenant import TenantSpec

_ESTATE = load_estate(ROOT / "stacks" / "platform.yaml", ROOT / "tenant_stacks" / "specs")
_PLATFORM, _ACME = _ESTATE.platform, _ESTATE.tenants["acme"]
_SUSPENDED = _ACME.model_copy(update={"lifecycle": _ACME.lifecycle.model_copy(update={"state": "suspended"})})
_ARN = naming.boundary_arn(_PLATFORM, _ACME)


@pytest.fixture
def cloud() -> Iterator[CloudAccess]:
    with mock_aws():
        yield CloudAccess(
            environment={"AWS_ACCESS_KEY_ID": "AKIA0", "AWS_SECRET_ACCESS_KEY": "secret"}, region=_PLATFORM.region
        )


def _deploy(cloud: CloudAccess) -> Any:
    iam = cloud.client("iam")
    iam.create_policy(
        PolicyName=naming.boundary(_PLATFORM, _ACME),
        Path=naming.path(_PLATFORM, _ACME),
        PolicyDocument=tenant_boundary(_PLATFORM, _ACME).render(),
    )
    return iam


def _in_force(iam: Any) -> Any:
    version = iam.get_policy(PolicyArn=_ARN)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=_ARN, VersionId=version)["PolicyVersion"]["Document"]


def _document(spec: TenantSpec) -> Any:
    return json.loads(tenant_boundary(_PLATFORM, spec).render())


def test_closing_and_opening_are_what_the_engine_would_write(cloud: CloudAccess) -> None:
    iam = _deploy(cloud)
    assert agree(cloud, _PLATFORM, _SUSPENDED)
    assert _in_force(iam) == _document(_SUSPENDED)
    assert [each["Sid"] for each in _in_force(iam)["Statement"] if each["Resource"] == each["Action"] == "*"][-1] == (
        "Suspended"
    )
    assert agree(cloud, _PLATFORM, _ACME)
    assert _in_force(iam) == _document(_ACME) != _document(_SUSPENDED)


def test_what_agrees_already_is_left_alone(cloud: CloudAccess) -> None:
    iam = _deploy(cloud)
    assert not agree(cloud, _PLATFORM, _ACME)
    assert len(iam.list_policy_versions(PolicyArn=_ARN)["Versions"]) == 1


def test_the_oldest_version_makes_room(cloud: CloudAccess) -> None:
    """AWS keeps five: the one in force is never the one that goes."""
    iam = _deploy(cloud)
    for _ in range(4):
        assert agree(cloud, _PLATFORM, _SUSPENDED)
        assert agree(cloud, _PLATFORM, _ACME)
    versions = iam.list_policy_versions(PolicyArn=_ARN)["Versions"]
    assert sorted(each["VersionId"] for each in versions) == ["v5", "v6", "v7", "v8", "v9"]
    assert _in_force(iam) == _document(_ACME)


def test_a_tenant_that_is_not_deployed_has_no_access_to_close(cloud: CloudAccess) -> None:
    assert not agree(cloud, _PLATFORM, _SUSPENDED)
