"""Small specs for the tests of components; each test changes what it is about with `model_copy`."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from infra.spec.platform import PlatformSpec
from infra.spec.tenant import Model, TenantSpec

PLATFORM = PlatformSpec.model_validate(
    {
        "stage": "dev",
        "account": "123456789012",
        "region": "eu-central-1",
        "availability_zones": ["eu-central-1a", "eu-central-1b"],
        "cells": [{"name": "main", "cidr": IPv4Network("10.64.0.0/16")}],
        "cost_center": "ml-platform",
        "provisioning": {"trusted_principals": ["arn:aws:iam::123456789012:role/bulkhead-ci"]},
    }
)


def model(**changes: Any) -> Model:
    """A model called ``tumour``."""
    return Model.model_validate(
        {"name": "tumour", "framework": "sklearn", "image_tag": "1.0.0", "artifact": {"key": "tumour/1/model.tar.gz"}}
        | changes
    )


def tenant(tenant_id: str = "acme", **changes: Any) -> TenantSpec:
    """A tenant of tier pool with one model."""
    return TenantSpec.model_validate(
        {
            "id": tenant_id,
            "display_name": tenant_id.title(),
            "owner": f"lead@{tenant_id}.example",
            "tier": "pool",
            "region": "eu-central-1",
            "data_residency": ["eu-central-1"],
            "cost_center": f"{tenant_id}-1",
            "monthly_budget": {"limit_usd": 900, "contacts": [f"finops@{tenant_id}.example"]},
            "network": {"cell": "main", "cidr": "10.64.0.0/24"},
            "identity": {
                "deploy": {"repository": f"{tenant_id}/models", "environment": "production"},
                "data_scientists": f"{tenant_id}-scientists",
            },
            "models": [model()],
        }
        | changes
    )
