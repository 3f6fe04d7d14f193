"""What is counted as the platform's alone really is: no resource of a tenant is made from it."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest

from infra.changes.estates import PLATFORM_ONLY
from infra.spec import PlatformSpec, TenantSpec
from infra.spec.platform import Audit, Cell, PlatformRetention, ProvisioningIdentity, ServiceQuotas
from tenant_stacks.tenant import build_tenant
from tests.components.recorder import record
from tests.components.specs import PLATFORM
from tests.components.tenant.test_program import OUTPUTS, POOL, SILO

#: Another value of each field that is the platform's alone. Tiers are merged into tenants' specs before they are built.
_OTHER: dict[str, Any] = {
    "alert_emails": ("somebody@example.com",),
    "audit": Audit(guardduty="off", config="off"),
    "cost_center": "other",
    "prevent_deletion": not PLATFORM.prevent_deletion,
    "provisioning": ProvisioningIdentity(trusted_principals=("arn:aws:iam::123456789012:role/other",)),
    "quotas": ServiceQuotas(vpcs_per_region=7),
    "retention": PlatformRetention(logs_days=30, audit_days=90),
    "tags": {"team": "other"},
    "tiers": {},
}


def _made(platform: PlatformSpec, tenant: TenantSpec) -> list[Any]:
    def read(_: Any) -> dict[str, Any]:
        return {"metadata": {"bulkhead-sha256": "ab" * 32}}

    recorded = record(lambda: build_tenant(platform, tenant, OUTPUTS, serve=True), {"aws:s3/getObject:getObject": read})
    return sorted(recorded.resources, key=lambda one: (one.type, one.name))


def test_each_has_another_value() -> None:
    """The table below is of all of them."""
    assert _OTHER.keys() == PLATFORM_ONLY


@pytest.mark.parametrize("tenant", [POOL, SILO], ids=["pool", "silo"])
def test_no_resource_of_a_tenant_is_made_from_them(tenant: TenantSpec) -> None:
    """With other values of all of them, and a further cell, a tenant's stack registers the same."""
    cells = (*PLATFORM.cells, Cell(name="second", cidr=IPv4Network("10.66.0.0/16")))
    assert _made(PLATFORM.model_copy(update={**_OTHER, "cells": cells}), tenant) == _made(PLATFORM, tenant)


@pytest.mark.parametrize(("field", "value"), [("stage", "test"), ("serving_images", ())])
def test_what_is_read_differs(field: str, value: object) -> None:
    """The control: with another value of what tenants read, a tenant's stack registers something else."""
    assert _made(PLATFORM.model_copy(update={field: value}), POOL) != _made(PLATFORM, POOL)
