"""The account, the stacks' state and a preview come together: what fits, and whether a planned stack does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from moto import mock_aws

from infra.errors import UserError
from infra.operations import capacity
from infra.operations.cloud import CloudAccess
from infra.operations.exports import StackExport
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.workspace import Workspace
from infra.proof.facts import read_deployment
from infra.quotas.counting import Place
from infra.quotas.limits import Origin
from infra.spec import load_estate
from tests.proof.recorded.exports import recorded
from tests.quotas.samples import REGION, basis, profile

_ROOT = Path(__file__).parents[2]
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]  used by its name
    with mock_aws():
        yield


def _workspace(account: str | None = None) -> Workspace:
    """The demo's specs, and moto as the embedded cloud."""
    estate = load_estate(_ROOT / "stacks" / "platform.yaml", _ROOT / "tenant_stacks" / "specs")
    platform = estate.platform.model_copy(update={"account": account} if account else {})
    cloud = CloudAccess(
        environment={"AWS_ACCESS_KEY_ID": "AKIA0", "AWS_SECRET_ACCESS_KEY": "secret"},
        region=REGION,
        sandbox=cast("Any", object()),
    )
    settings = SimpleNamespace()
    estate = SimpleNamespace(platform=platform, tenants=estate.tenants)
    return cast("Workspace", SimpleNamespace(estate=estate, cloud=cloud, settings=settings))


def _deployed(monkeypatch: pytest.MonkeyPatch, *owners: str) -> None:
    refs = {"platform": PLATFORM_STACK}
    found = [
        StackExport(ref=refs.get(owner, tenant_stack(owner)), content=json.dumps(recorded()[owner]).encode())
        for owner in owners
    ]

    def exports(_: object) -> list[StackExport]:
        return found

    monkeypatch.setattr(capacity, "exports", exports)


def test_a_tier_counts_as_deployed_and_one_without_tenants_as_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    _deployed(monkeypatch, "platform", "acme")
    found = capacity.basis(_workspace())
    assert (found.tiers["pool"].source, found.tiers["silo"].source) == ("acme", "the recorded stack of globex")
    assert found.tiers["silo"].takes == profile("globex").takes
    assert [cell.vpc for cell in found.platform.cells] == ["vpc-d5ec2f85fb6de2807"]
    assert found.limits.of(Place("vpcs_per_region")).origin is Origin.SPEC
    assert found.present.unread == {}
    # moto's account has the default VPC, and none of what the exports speak of.
    assert found.present.counts[Place("vpcs_per_region")] == 1
    assert found.fits()["silo"] == 4


def test_credentials_of_another_account_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _deployed(monkeypatch, "platform")
    with pytest.raises(UserError, match="the credentials are of account 123456789012"):
        capacity.basis(_workspace("210987654321"))


def test_without_a_platform_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _deployed(monkeypatch, "acme")
    with pytest.raises(UserError, match="bulkhead up platform"):
        capacity.basis(_workspace())


def _preview(op: str) -> bytes:
    """Of all that globex makes, whose VPC has no id before it is made."""
    steps: list[dict[str, Any]] = []
    for state in recorded()["globex"]["deployment"]["resources"]:
        outputs = dict(state.get("outputs") or {})
        if op == "create" and "vpcId" in outputs:
            outputs["vpcId"] = _UNKNOWN
        new = {key: state[key] for key in ("urn", "type", "custom", "provider") if key in state}
        steps.append({"op": op, "urn": state["urn"], "newState": {**new, "outputs": outputs}})
    return json.dumps({"steps": steps, "changeSummary": {op: len(steps)}}).encode()


@pytest.mark.parametrize(("silos", "refused"), [(3, False), (4, True)])
def test_the_fifth_vpc_is_refused_at_preview(silos: int, refused: bool) -> None:
    """Five VPCs a Region, of which the platform's cell is one."""
    reckoned = basis(*["globex"] * silos)
    found = capacity.check_plan(reckoned, tenant_stack("globex"), deployed=(), events=_preview("create"))
    assert [each.place.quota for each in found.refusals] == ["vpcs_per_region"] * refused
    for refusal in found.refusals:
        assert refusal.fits == {"pool": reckoned.fits()["pool"], "silo": 0}
        assert refusal.remedy.endswith("--quota-code L-F678F1CE --desired-value 6 --region eu-central-1")


def test_a_tenant_that_changes_nothing_is_never_refused() -> None:
    """In an account that is full of silos, one that is there may still be updated."""
    deployed = read_deployment(recorded()["globex"])
    reckoned = basis(*["globex"] * 4)
    found = capacity.check_plan(reckoned, tenant_stack("globex"), deployed=deployed, events=_preview("same"))
    assert (found.refusals, found.not_known) == ((), ())


@pytest.mark.parametrize(("new", "refused"), [(["silo", "pool"], False), (["silo", "pool", "silo"], True)])
def test_new_tenants_that_do_not_fit_are_refused_before_they_are_made(new: list[str], refused: bool) -> None:
    """Of five VPCs a Region, the platform and two silos have three."""
    reckoned = basis("globex", "globex", "globex")
    if not refused:
        capacity.require_room(reckoned, new)
        return
    with pytest.raises(UserError, match=r"VPCs per Region: 2 more are wanted, and 1 are left of 5") as caught:
        capacity.require_room(reckoned, new)
    assert "--quota-code L-F678F1CE --desired-value 6" in caught.value.remedy
    assert "1 of tier silo" in caught.value.message


def test_a_preview_that_changes_nothing_wants_nothing() -> None:
    deployed = read_deployment(recorded()["globex"])
    unchanged = capacity.wanted(tenant_stack("globex"), deployed, _preview("same"))
    assert not capacity.wants_more(unchanged)
    new = capacity.wanted(tenant_stack("globex"), (), _preview("create"))
    assert capacity.wants_more(new)
    assert new[Place("vpcs_per_region")] == 1
