"""The second half of `make demo`: a tenant that comes and goes by HTTP, beside an upgrade of the fleet in waves."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest

from tests.acceptance.exports import remove_exports
from tests.acceptance.land import Demo, Land
from tests.acceptance.settled import assert_settled


@pytest.fixture(scope="module")
def told(demo: Demo) -> Iterator[str]:
    """What it printed; afterwards the tenants run the checkout's version again, and all is as before."""
    ended = demo.land.execute([sys.executable, "-m", "infra.demo", "service"])
    assert ended.code == 0, ended.said()
    yield ended.out
    demo.land.succeed("up", "--all")
    remove_exports(demo.land)
    assert_settled(demo)


def test_the_third_tenant_is_onboarded_with_live_events(told: str) -> None:
    steps = ["requested -> validated", "validated -> preflighted", "preflighted -> provisioning", "verifying -> active"]
    places = [told.index(step) for step in steps]
    assert places == sorted(places)


def test_the_fleet_is_upgraded_in_waves(told: str) -> None:
    rows = [line.split() for line in told.splitlines() if line.endswith("upgraded") or " upgraded " in line]
    assert [row[:-1] for row in rows] == [["canaries", "initech"], ["50", "%", "acme"], ["all", "globex"]]


def test_it_is_erased_with_a_certificate_that_verifies(told: str, land: Land) -> None:
    assert "valid: tenant initech of stage dev was erased" in told
    assert (land.home / "initech-erased.pdf").read_bytes().startswith(b"%PDF-")
    assert not (land.specs / "initech.yaml").exists()
    assert not any("initech" in name for name in land.state())


@pytest.mark.usefixtures("told")
def test_every_call_is_in_the_audit_log(land: Land) -> None:
    assert land.run("audit-log", "verify").code == 0
    actions = {entry["action"] for entry in json.loads(land.succeed("audit-log", "list", "--json").out)}
    assert {"tenants.create", "tenants.erase"} <= actions
