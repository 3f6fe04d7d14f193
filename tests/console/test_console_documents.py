"""The console reads the documents that the service makes: the fleet's."""

from __future__ import annotations

import msgspec

from infra.console.fleet_picture import fleet_picture
from infra.operations.drift_model import Drift, DriftedResource
from infra.operations.fleet_memory import Seen
from infra.operations.fleet_status import FleetStatus, TenantStatus
from infra.operations.fleet_view import FleetView


def test_the_fleets_document_is_read() -> None:
    at = "2027-02-28T03:00:00+00:00"
    resource = DriftedResource(urn="urn:x", type="aws:s3/bucket:Bucket", name="data", kind="changed")
    tenant = TenantStatus(
        tenant="acme",
        tier="pool",
        region="eu-central-1",
        version="1.4.0",
        skew="current",
        releases_behind=0,
        days_behind=0,
        condition="healthy",
        by_hand="",
        drift=Drift(tenant="acme", at=at, state="drifted", resources=(resource,)),
        proof=Seen(at=at, verdict="Proved"),
        health=None,
        usd_month=12.5,
        note="",
    )
    status = FleetStatus(newest="1.4.0", window={"days": 30, "releases": 2}, passed=True, tenants=(tenant,))
    picture = fleet_picture(msgspec.to_builtins(FleetView(fleet=status, rollouts=())))
    (member,) = picture.fleet.tenants
    assert member.tenant == "acme"
    assert member.drift is not None
    assert (member.drift.state, len(member.drift.resources)) == ("drifted", 1)
    assert member.proof is not None
    assert member.proof.at.isoformat() == at
