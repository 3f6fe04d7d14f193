"""A tenant in acme's cell, without models, that tests of steps bring up."""

from __future__ import annotations

from typing import Any

TENANT = "umbrella"
SPEC: dict[str, Any] = {
    "id": TENANT,
    "display_name": "Umbrella",
    "owner": "ops@umbrella.example",
    "tier": "pool",
    "region": "eu-central-1",
    "data_residency": ["eu-central-1"],
    "cost_center": "0042",
    "monthly_budget": {"limit_usd": 100, "contacts": ["ops@umbrella.example"]},
    "network": {"cell": "main", "cidr": "10.64.7.0/24"},
    "identity": {
        "deploy": {"repository": "umbrella/models", "environment": "production"},
        "data_scientists": "umbrella-data-scientists",
    },
}
