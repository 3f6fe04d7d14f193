"""A new tenant that leaves its place out is written with one: nobody else's, the same again, and of no other file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from infra.gitops import patched
from infra.gitops.patching import new_spec
from infra.jobs import JobRequest, JobStatus, tickets
from infra.lifecycle.failures import FailureClass
from infra.operations.proposed_place import with_place
from infra.placement import NoRoom, Site
from infra.provisioning import placing, specs
from infra.provisioning.context import Work
from infra.provisioning.steps.put_back import put_back
from infra.provisioning.steps.validate import validate
from infra.settings import ROOT, Settings
from infra.spec import SpecErrors, load_estate, load_platform
from infra.store.database import transaction
from tests.provisioning.step_calls import call_of, change_of, failure_of

_FILES = ROOT / "tenant_stacks" / "specs"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _work(folder: Path) -> Work:
    shutil.copytree(_FILES, folder / "specs")
    shutil.copy(ROOT / "stacks" / "platform.yaml", folder)
    return Work(Settings(home=folder / "home", specs=folder / "specs", platform_spec=folder / "platform.yaml"))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """The demo's specs, in a folder of their own; there is no cloud, and nothing is deployed."""
    return _work(tmp_path)


def _spec(tenant: str = "initech", network: object = ..., **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = YAML(typ="safe").load((_FILES / "acme.yaml").read_text())  # pyright: ignore[reportUnknownMemberType]
    del made["network"]
    return {**made, "id": tenant, "models": [], **({} if network is ... else {"network": network}), **more}


def _validated(work: Work, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return validate(work, call_of("validate", str(spec["id"]), {"spec": dict(spec)}))


def _written(work: Work, tenant: str = "initech") -> Mapping[str, Any]:
    return specs.as_data(tenant, (work.settings.specs / f"{tenant}.yaml").read_bytes())


def _change_platform(work: Work, **patch: Any) -> None:
    file = work.settings.platform_spec
    file.write_bytes(patched(file, file.read_bytes(), patch))


def test_the_place_is_chosen_and_written(work: Work) -> None:
    result = _validated(work, _spec())
    assert result["written"]
    assert result["spec"] == _written(work)
    assert result["spec"]["network"] == {"cell": "main", "cidr": "10.64.1.0/24"}  # acme has the first
    assert _validated(work, _spec("hooli"))["spec"]["network"]["cidr"] == "10.64.2.0/24"
    silo = _validated(work, _spec("vandelay", tier="silo"))["spec"]["network"]
    assert silo == {"cidr": "10.0.0.0/22"}


@pytest.mark.parametrize(
    ("network", "chosen"),
    [
        ({"cell": "main"}, {"cell": "main", "cidr": "10.64.1.0/24"}),
        ({"cidr": "10.64.9.0/25"}, {"cell": "main", "cidr": "10.64.9.0/25"}),
        ({}, {"cell": "main", "cidr": "10.64.1.0/24"}),
        (None, {"cell": "main", "cidr": "10.64.1.0/24"}),
    ],
)
def test_what_is_said_of_the_place_stays(work: Work, network: object, chosen: Mapping[str, str]) -> None:
    assert _validated(work, _spec(network=network))["spec"]["network"] == chosen


def test_a_large_tenant_gets_a_larger_range(work: Work) -> None:
    model = {
        "name": "big", "framework": "sklearn", "image_tag": "1.0.0", "artifact": {"key": "big/1/model.tar.gz"},
        "instances": {"min": 2, "max": 150},
    }  # fmt: skip
    spec = _spec(models=[model], quotas={"max_endpoint_instances": 200})
    assert _validated(work, spec)["spec"]["network"] == {"cell": "main", "cidr": "10.64.2.0/23"}


def test_a_spec_that_is_wrong_gets_no_place(work: Work) -> None:
    with pytest.raises(SpecErrors, match="owner"):
        _validated(work, _spec(owner="nobody"))
    with pytest.raises(SpecErrors, match="data_residency does not allow"):
        _validated(work, _spec(data_residency=["eu-west-1"]))
    with pytest.raises(SpecErrors, match="no such cell"):
        _validated(work, _spec(network={"cell": "nowhere"}))
    assert not (work.settings.specs / "initech.yaml").exists()


def test_without_room_the_tenant_is_refused_with_what_to_add(work: Work) -> None:
    _change_platform(work, quotas={"interface_endpoints_per_vpc": 8})
    with pytest.raises(NoRoom) as caught:
        _validated(work, _spec())
    failure = failure_of(caught.value)
    assert failure.failure_class is FailureClass.CAPACITY
    assert "main holds 1 of 1 tenants" in failure.message
    assert "spare_cells" in failure.remedy
    _change_platform(work, quotas={"interface_endpoints_per_vpc": 10})
    assert _validated(work, _spec())["written"]


def test_the_same_again_has_the_same_place(work: Work) -> None:
    """Killed after the file was written: the step finds the place that it has chosen, whatever was freed since."""
    first = _validated(work, _spec())
    (work.settings.specs / "acme.yaml").unlink()
    again = _validated(work, _spec())
    assert again == {**first, "written": False}
    assert _validated(work, _spec("hooli"))["spec"]["network"]["cidr"] == "10.64.0.0/24"


def test_an_onboarding_that_failed_keeps_its_place(work: Work) -> None:
    """Its stack may have been begun there."""
    _validated(work, _spec())
    failed = JobRequest(id="f", tenant="initech", caller="anna", kind="onboard", arguments={"spec": _spec()})
    with transaction(work.store) as connection:
        tickets.enqueue(connection, failed, _NOW)
        tickets.finish(connection, "f", JobStatus.FAILED, _NOW)
    (work.settings.specs / "acme.yaml").unlink()
    spec = _spec(display_name="Once more")
    assert _validated(work, spec)["spec"] == {**spec, "network": {"cell": "main", "cidr": "10.64.1.0/24"}}


def test_a_withdrawn_onboarding_leaves_no_spec(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """With or without the result of the step that wrote it; what somebody else wrote stays."""

    class NoStacks:
        def exists(self, ref: object) -> bool:
            del ref
            return False

    monkeypatch.setitem(work.workspace.__dict__, "engine", NoStacks())
    call = call_of("put back", "initech", {"spec": _spec()})
    result = _validated(work, _spec())
    assert put_back(work, replace(call, results={"validate": result})) == {"written": True}
    _validated(work, _spec())
    assert put_back(work, call) == {"written": True}
    assert not (work.settings.specs / "initech.yaml").exists()
    _validated(work, _spec(display_name="Another"))
    assert put_back(work, call) == {"written": False}


def test_the_range_that_a_moving_tenant_leaves_is_not_given_away(work: Work) -> None:
    file = work.settings.specs / "acme.yaml"
    former = file.read_bytes()
    moved = patched(file, former, {"tier": "silo", "network": {"cell": None, "cidr": "10.90.0.0/22"}})
    asked = JobRequest(id="m", tenant="acme", caller="anna", kind="move", arguments=change_of(former, moved))
    with transaction(work.store) as connection:
        tickets.enqueue(connection, asked, _NOW)
    validate(work, call_of("validate", "acme", asked.arguments))
    assert _validated(work, _spec())["spec"]["network"]["cidr"] == "10.64.1.0/24"
    with transaction(work.store) as connection:
        tickets.finish(connection, "m", JobStatus.SUCCEEDED, _NOW)
    assert _validated(work, _spec("hooli"))["spec"]["network"]["cidr"] == "10.64.0.0/24"


def test_a_proposal_has_the_place_that_it_would_get(work: Work) -> None:
    """Nothing is kept of it; what says its place stays as it is, and a cell that would be opened is told."""
    proposed = with_place(work.settings, "initech", new_spec(_spec()))
    assert specs.as_data("initech", proposed.content)["network"] == {"cell": "main", "cidr": "10.64.1.0/24"}
    assert (proposed.opens, proposed.platform) == ("", work.settings.platform_spec.read_bytes())
    said = new_spec(_spec(network={"cell": "main", "cidr": "10.64.3.0/24"}))
    assert with_place(work.settings, "initech", said).content == said
    _change_platform(work, quotas={"interface_endpoints_per_vpc": 8})
    with pytest.raises(NoRoom):
        with_place(work.settings, "initech", new_spec(_spec()))
    spare = [{"name": "second", "cidr": "10.65.0.0/16"}]
    _change_platform(work, spare_cells=spare, open_cells="automatically")
    proposed = with_place(work.settings, "initech", new_spec(_spec()))
    assert proposed.opens == "second"
    opened = load_platform(work.settings.platform_spec, proposed.platform)
    assert [cell.name for cell in opened.cells] == ["main", "second"]
    named = new_spec(_spec(network={"cell": "second", "cidr": "10.65.3.0/24"}))
    assert with_place(work.settings, "initech", named).opens == "second"
    assert not (work.settings.specs / "initech.yaml").exists()


def _onboard_all(work: Work, wanted: Sequence[Mapping[str, Any]]) -> list[str]:
    def onboard(spec: Mapping[str, Any]) -> str:
        with Work(work.settings) as own:
            return _validated(own, spec)["spec"]["network"]["cidr"]

    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(onboard, wanted))


def test_those_onboarded_at_once_get_a_range_each(work: Work) -> None:
    assert work.store.dialect.name == "sqlite"
    wanted = [_spec(f"tenant{number}", tier="pool" if number % 3 else "silo") for number in range(6)]
    assert len(set(_onboard_all(work, wanted))) == 6
    assert len(load_estate(work.settings.platform_spec, work.settings.specs).tenants) == 8


@pytest.mark.parametrize("locked", [True, False])
def test_two_that_choose_at_the_same_moment(work: Work, monkeypatch: pytest.MonkeyPatch, *, locked: bool) -> None:
    """Both check what they chose before either writes, if they can: without the lock both have the same range."""
    both_checked, check = Barrier(2), specs.check_beside_all

    def checked(work: Work, tenant: str, content: bytes) -> None:
        check(work, tenant, content)
        with suppress(BrokenBarrierError):
            both_checked.wait(1 if locked else 60)

    monkeypatch.setattr(specs, "check_beside_all", checked)
    if not locked:
        monkeypatch.setattr(specs, "alone", nullcontext)
    assert work.store.dialect.name == "sqlite"
    ranges = set(_onboard_all(work, [_spec("hooli"), _spec("initech")]))
    assert ranges == ({"10.64.1.0/24", "10.64.2.0/24"} if locked else {"10.64.1.0/24"})


def test_a_choice_that_is_stale_is_refused(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec that was written by hand since: the check beside all others sees it."""

    def nothing(work: Work, tenant: str) -> Iterator[Site]:
        del work, tenant
        return iter(())

    monkeypatch.setattr(placing, "taken", nothing)
    with pytest.raises(SpecErrors, match="overlaps"):
        _validated(work, _spec())
    assert not (work.settings.specs / "initech.yaml").exists()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tiers=st.lists(st.sampled_from(["pool", "silo"]), min_size=2, max_size=4))
def test_whoever_is_onboarded_at_once(tmp_path_factory: pytest.TempPathFactory, tiers: list[str]) -> None:
    """All of them are written, or refused for want of room: the estate can always be loaded."""
    work = _work(tmp_path_factory.mktemp("estate"))
    _change_platform(work, quotas={"vpcs_per_region": 20})
    _onboard_all(work, [_spec(f"tenant{number}", tier=tier) for number, tier in enumerate(tiers)])
    assert len(load_estate(work.settings.platform_spec, work.settings.specs).tenants) == 2 + len(tiers)


def test_a_cell_that_may_be_opened_is_opened_first(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's part stands in here for what `infra.operations.cell_opening` does; its own test has the engine."""
    spare = [{"name": "second", "cidr": "10.65.0.0/16"}, {"name": "third", "cidr": "10.66.0.0/16"}]
    _change_platform(work, quotas={"interface_endpoints_per_vpc": 8}, spare_cells=spare, open_cells="automatically")
    asked: list[str] = []

    def opened(work: Work, call: object, cell: str) -> None:
        del call
        asked.append(cell)
        _change_platform(
            work,
            cells=[{"name": "main", "cidr": "10.64.0.0/16"}, *(each for each in spare if each["name"] in asked)],
            spare_cells=[each for each in spare if each["name"] not in asked],
        )

    monkeypatch.setattr(placing, "open_for", opened)
    result = _validated(work, _spec())
    assert (result["opened"], result["spec"]["network"]) == (["second"], {"cell": "second", "cidr": "10.65.0.0/24"})
    named = _spec("hooli", network={"cell": "third", "cidr": "10.66.4.0/24"})
    assert _validated(work, named)["opened"] == ["third"]
    assert asked == ["second", "third"]
    with pytest.raises(NoRoom):
        _validated(work, _spec("vandelay"))
    assert [cell.name for cell in load_platform(work.settings.platform_spec).cells] == ["main", "second", "third"]


def test_a_wrong_spec_opens_no_cell(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    spare = [{"name": "second", "cidr": "10.65.0.0/16"}]
    _change_platform(work, quotas={"interface_endpoints_per_vpc": 8}, spare_cells=spare, open_cells="automatically")

    opened: list[object] = []

    def note(work: Work, call: object, cell: str) -> None:
        opened.append((work, call, cell))

    monkeypatch.setattr(placing, "open_for", note)
    for network in (..., {"cell": "second", "cidr": "10.65.0.0/24"}):
        with pytest.raises(SpecErrors, match="owner"):
            _validated(work, _spec(network=network, owner="nobody"))
    assert not opened
    _change_platform(work, open_cells="by_hand")
    with pytest.raises(SpecErrors, match="spare one"):
        _validated(work, _spec(network={"cell": "second", "cidr": "10.65.0.0/24"}))
