"""What fleet and capacity tell the console in its tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from infra.quotas.limits import Origin
from infra.quotas.report import Capacity, Cells, Row, TierRow

HOSTILE = "<script>document.title='owned'</script>\"'><img src=x onerror=alert(1)>\u202e{{7*7}}"


def _seen(verdict: str, detail: str = "") -> dict[str, str]:
    return {"at": "2027-02-28T03:00:00+00:00", "verdict": verdict, "detail": detail}


def _member(tenant: str, version: str | None = "1.4.0", skew: str = "current", **changed: Any) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "tier": "pool",
        "region": "eu-central-1",
        "version": version,
        "skew": skew,
        "releases_behind": 0,
        "days_behind": 0,
        "condition": "healthy",
        "by_hand": "",
        "drift": {"tenant": tenant, "at": "2027-02-28T03:00:00+00:00", "state": "none", "resources": []},
        "proof": _seen("Proved"),
        "health": _seen("passed"),
        "usd_month": 412.5,
        "note": "",
        **changed,
    }


_DRIFTED = {"urn": "urn:x", "type": "aws:s3/bucket:Bucket", "name": "data", "kind": "changed", "properties": ["tags"]}
FLEET: dict[str, Any] = {
    "fleet": {
        "newest": "1.4.0",
        "window": {"days": 30, "releases": 2},
        "passed": False,
        "tenants": [
            _member("acme"),
            _member("clinic01"),
            _member("clinic02", "1.3.2", "behind"),
            _member("globex", "1.1.0", "too old", proof=_seen("Unknown", "a policy could not be read")),
            _member("hooli", None, "not deployed", condition=None, health=None, proof=None, drift=None, usd_month=None),
            _member(
                "umbrella",
                "1.3.2",
                "behind",
                condition="unhealthy",
                health=_seen("failed", "its endpoint does not answer"),
                drift={"at": "2027-02-28T03:00:00+00:00", "state": "drifted", "resources": [_DRIFTED]},
                by_hand="a run of pulumi by root at 02:12",
            ),
            _member("zorg", HOSTILE, "unknown", condition="unknown", note=HOSTILE, proof=_seen("Leak", HOSTILE)),
        ],
        "note": "",
    },
}


def _row(quota: str, name: str, limit: int | None, used: int | None, at: str = "") -> Row:
    left = None if limit is None or used is None else limit - used
    return Row(
        quota=quota,
        at=at,
        name=name,
        limit=limit,
        origin=Origin.APPLIED,
        used=used,
        left=left,
        by_tier={"pool": 1, "silo": 1},
        source="Amazon VPC quotas",
    )


CAPACITY = Capacity(
    account="111122223333",
    region="eu-central-1",
    date=dt.date(2027, 2, 1),
    quotas=(
        _row("endpoint_instances", "ml.m5.large for endpoint usage", None, None, "ml.m5.large"),
        _row("vpc_endpoints", "Interface VPC endpoints per VPC", 50, 48, "vpc-0a1b2c"),
        _row("roles", "Roles per account", 1000, 431),
        _row("buckets", "General purpose buckets", 10_000, 129),
    ),
    tiers=(
        TierRow(tier="pool", counted="acme", usd_month=312.4, fit=2, fit_with_cells=61, tightest="vpc_endpoints"),
        TierRow(tier="silo", counted="globex", usd_month=780.0, fit=None, fit_with_cells=None, tightest=""),
    ),
    cells=Cells(deployed=1, spare=3, to_open=2, automatically=True),
    not_read={"endpoint_instances": "Service Quotas answered: access denied"},
)
