"""The spec of an operation: checked as a whole before its file is written, never over somebody's edit, put back."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from infra.blueprint import version_of_checkout
from infra.gitops import SpecConflict, patched
from infra.gitops.patching import new_spec
from infra.jobs import JobRequest, JobStatus, tickets
from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.provisioning.context import Work
from infra.provisioning.steps import put_back as putting_back
from infra.provisioning.steps import validate as validating
from infra.provisioning.steps.put_back import put_back
from infra.provisioning.steps.validate import validate
from infra.settings import ROOT, Settings
from infra.spec import SpecErrors
from infra.store.database import transaction
from tests.provisioning.step_calls import call_of, change_of, failure_of

_FILES = ROOT / "tenant_stacks" / "specs"


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """The demo's specs, in a folder of their own; there is no cloud."""
    shutil.copytree(_FILES, tmp_path / "specs")
    shutil.copy(ROOT / "stacks" / "platform.yaml", tmp_path)
    return Work(Settings(home=tmp_path / "home", specs=tmp_path / "specs", platform_spec=tmp_path / "platform.yaml"))


def _spec(tenant: str = "initech", cidr: str = "10.64.1.0/24", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = YAML(typ="safe").load((_FILES / "acme.yaml").read_text())  # pyright: ignore[reportUnknownMemberType]
    return {**made, "id": tenant, "network": {"cell": "main", "cidr": cidr}, **more}


def _files(work: Work) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in work.settings.specs.iterdir()}


def test_a_new_spec_is_written_and_means_the_same(work: Work) -> None:
    spec = _spec(cost_center="0042", display_name="no: *yes* # {x}", tags={"on": "1.0", "empty": ""})
    result = validate(work, call_of("validate", "initech", {"spec": spec}))
    assert result == {"written": True, "spec": spec}
    assert work.tenant("initech").display_name == "no: *yes* # {x}"
    assert work.tenant("initech").cost_center == "0042"


def test_the_same_again_is_no_conflict(work: Work) -> None:
    call = call_of("validate", "initech", {"spec": _spec()})
    assert validate(work, call)["written"]
    assert not validate(work, call)["written"]


def test_all_that_is_wrong_is_told_and_nothing_is_written(work: Work) -> None:
    before = _files(work)
    spec = _spec(cidr="10.64.0.0/24", region="eu-west-1", owner="nobody")
    with pytest.raises(SpecErrors) as caught:
        validate(work, call_of("validate", "initech", {"spec": spec}))
    failure = failure_of(caught.value)
    assert failure.failure_class is FailureClass.USER
    assert "owner" in failure.message
    assert str(work.settings.specs / "initech.yaml") in failure.message
    assert _files(work) == before


def test_a_spec_is_checked_beside_all_others(work: Work) -> None:
    before = _files(work)
    with pytest.raises(SpecErrors, match=r"10\.64\.0\.0/24"):
        validate(work, call_of("validate", "initech", {"spec": _spec(cidr="10.64.0.0/24")}))
    assert _files(work) == before


def test_the_range_that_a_moving_tenant_leaves_is_taken_until_it_has_left(work: Work) -> None:
    file = work.settings.specs / "acme.yaml"
    former = file.read_bytes()
    moved = patched(file, former, {"tier": "silo", "network": {"cell": None, "cidr": "10.90.0.0/22"}})
    asked = JobRequest(id="m", tenant="acme", caller="anna", kind="move", arguments=change_of(former, moved))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction(work.store) as connection:
        tickets.enqueue(connection, asked, now)
    validate(work, call_of("validate", "acme", asked.arguments))
    into = call_of("validate", "initech", {"spec": _spec(cidr="10.64.0.0/24")})
    assert isinstance(_raised(work, into), SpecErrors)
    with transaction(work.store) as connection:
        tickets.finish(connection, "m", JobStatus.SUCCEEDED, now)
    assert validate(work, into)["written"]


def test_another_tenants_id_is_refused(work: Work) -> None:
    failure = failure_of(_raised(work, call_of("validate", "initech", {"spec": _spec("globex")})))
    assert failure.failure_class is FailureClass.USER
    assert not (work.settings.specs / "initech.yaml").exists()


def test_an_edit_in_between_is_a_conflict_and_stays(work: Work) -> None:
    file = work.settings.specs / "acme.yaml"
    former = file.read_bytes()
    content = patched(file, former, {"display_name": "By the service"})
    call = call_of("validate", "acme", change_of(former, content))
    file.write_bytes(patched(file, former, {"display_name": "By hand"}))
    with pytest.raises(SpecConflict) as caught:
        validate(work, call)
    assert failure_of(caught.value).failure_class is FailureClass.CONFLICT
    assert b"By hand" in file.read_bytes()
    file.write_bytes(former)
    assert validate(work, call)["written"]
    assert file.read_bytes() == content


def test_a_file_that_somebody_wrote_is_not_overwritten_by_an_onboarding(work: Work) -> None:
    file = work.settings.specs / "initech.yaml"
    file.write_bytes(new_spec(_spec(display_name="By hand")))
    assert isinstance(_raised(work, call_of("validate", "initech", {"spec": _spec()})), SpecConflict)


def test_what_a_failed_onboarding_left_is_replaced_by_the_next(work: Work) -> None:
    """Its job is in the database: the file is what it has written."""
    spec = _spec()
    asked = JobRequest(id="first", tenant="initech", caller="anna", kind="onboard", arguments={"spec": spec})
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction(work.store) as connection:
        tickets.enqueue(connection, asked, now)
    validate(work, call_of("validate", "initech", {"spec": spec}))
    again = call_of("validate", "initech", {"spec": _spec(display_name="Once more")})
    assert isinstance(_raised(work, again), SpecConflict)
    with transaction(work.store) as connection:
        tickets.finish(connection, "first", JobStatus.CANCELLED, now)
    assert validate(work, again)["written"]
    assert work.tenant("initech").display_name == "Once more"


def test_put_back_writes_the_former_spec_and_applies_it(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = _applied(monkeypatch)
    file = work.settings.specs / "acme.yaml"
    former = file.read_bytes()
    content = patched(file, former, {"display_name": "By the service"})
    arguments = change_of(former, content)
    validate(work, call_of("validate", "acme", arguments))
    put_back(work, call_of("put back", "acme", arguments))
    assert (file.read_bytes(), applied) == (former, ["acme"])
    put_back(work, call_of("put back", "acme", arguments))
    assert (file.read_bytes(), applied) == (former, ["acme", "acme"])


def test_put_back_leaves_what_somebody_edited_since(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = _applied(monkeypatch)
    file = work.settings.specs / "acme.yaml"
    former = file.read_bytes()
    arguments = change_of(former, patched(file, former, {"display_name": "By the service"}))
    edited = patched(file, former, {"display_name": "By hand"})
    file.write_bytes(edited)
    with pytest.raises(StepFailed) as caught:
        put_back(work, call_of("put back", "acme", arguments))
    assert caught.value.failure_class is FailureClass.CONFLICT
    assert (file.read_bytes(), applied) == (edited, [])


def _applied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which tenants were applied: no cloud is there to do it."""
    applied: list[str] = []

    def bring_up(work: Work, call: Any, *, version: str | None = None) -> dict[str, Any]:
        del work, version
        applied.append(call.tenant)
        return {}

    def open_or_close(work: Work, tenant: str) -> None:
        del work, tenant

    monkeypatch.setattr(putting_back, "bring_up", bring_up)
    monkeypatch.setattr(putting_back, "open_or_close", open_or_close)
    return applied


def _raised(work: Work, call: Any) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the caller says which one it must be
        validate(work, call)
    return caught.value


def test_an_upgrade_to_what_does_not_exist_is_refused_at_once(work: Work) -> None:
    failure = failure_of(_raised(work, call_of("validate", "acme", {"to": "0.0.1+000000000000", "former": None})))
    assert failure.failure_class is FailureClass.USER
    assert "0.0.1+000000000000" in failure.message


def test_an_upgrade_knows_the_version_that_it_leaves(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked before anything changes: the tenant's state tells the new one as soon as the upgrade was applied."""
    asked: dict[str, Any] = {"to": version_of_checkout(ROOT), "former": None}
    monkeypatch.setattr(validating, "version_of", lambda *_: "0.0.9+abcdef012345")  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    result = validate(work, call_of("validate", "acme", asked))
    assert result == {"written": False, "former": "0.0.9+abcdef012345"}
    versions: list[str | None] = []

    def bring_up(work: Work, call: Any, *, version: str | None = None) -> dict[str, Any]:
        del work, call
        versions.append(version)
        return {}

    _applied(monkeypatch)
    monkeypatch.setattr(putting_back, "bring_up", bring_up)
    put_back(work, call_of("put back", "acme", asked, {"validate": result}))
    assert versions == ["0.0.9+abcdef012345"]
