"""The fleet's status and its gate, from state files and what was last seen: whatever is not known fails the gate."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typing_extensions import override

from infra.fleet import FleetNotReady, Policy, Window, plan_rollout
from infra.gitops import StackMark
from infra.lifecycle.failures import Failure, FailureClass
from infra.lifecycle.operations import Operation
from infra.lifecycle.progress import Change, Condition, begin_step, end_step, fail
from infra.lifecycle.states import OperationKind
from infra.operations.drift_model import Drift
from infra.operations.fleet_memory import FleetMemory, Seen
from infra.operations.fleet_status import FleetStatus, TenantStatus, fleet_status, fleet_tenants
from infra.operations.workspace import Workspace
from infra.settings import ROOT, Settings
from infra.store import changes, operations
from infra.store.changes import Asked
from infra.store.database import open_store, sqlite_url, transaction
from infra.store.ids import new_id
from tests.fleet.history_repository import Blueprint

_TODAY = date(2026, 3, 1)
_DAY = "2026-02-20"


class Files(Workspace):
    """A workspace that is looked at only: its backend is a folder, and there is no engine."""

    @property
    def states(self) -> Path:
        """The folder of the tenants' state files."""
        return self.settings.home / "state" / ".pulumi" / "stacks" / "bulkhead-tenants"

    @override
    def deployed_tenants(self) -> list[str]:
        return sorted(file.stem for file in self.states.glob("*.json"))

    def deploy(self, tenant: str, version: str | None, **deployment: Any) -> None:
        """Write a state that says which version the tenant runs."""
        outputs = {} if version is None else {"blueprint_version": version}
        urn = f"urn:pulumi:{tenant}::bulkhead-tenants::pulumi:pulumi:Stack::bulkhead-tenants-{tenant}"
        stack = {"urn": urn, "type": "pulumi:pulumi:Stack", "custom": False, "outputs": outputs}
        latest = {"manifest": {"time": "2026-02-21T00:00:00Z"}, "resources": [stack], **deployment}
        state = {"version": 3, "checkpoint": {"stack": f"organization/bulkhead-tenants/{tenant}", "latest": latest}}
        self.states.mkdir(parents=True, exist_ok=True)
        (self.states / f"{tenant}.json").write_text(json.dumps(state))


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    """Two releases: the second is nine days old."""
    made = Blueprint(tmp_path / "blueprint")
    made.first = made.version
    made.commit(_DAY, components_a="1")
    return made


@pytest.fixture
def files(tmp_path: Path, blueprint: Blueprint) -> Files:
    """Acme and Globex, both at the newest version."""
    specs = tmp_path / "specs"
    shutil.copytree(ROOT / "tenant_stacks" / "specs", specs)
    platform = ROOT / "stacks" / "platform.yaml"
    settings = Settings(home=tmp_path / "home", specs=specs, platform_spec=platform, blueprint=blueprint.root)
    found = Files(settings)
    for tenant in ("acme", "globex"):
        found.deploy(tenant, blueprint.version)
    return found


def _status(files: Files, **window: int) -> FleetStatus:
    return fleet_status(files, today=_TODAY, window=Window(**window) if window else None)


def _acme(files: Files) -> TenantStatus:
    return next(one for one in _status(files).tenants if one.tenant == "acme")


def test_a_fleet_of_one_version_passes(files: Files, blueprint: Blueprint) -> None:
    """Every tenant with its version; the newest is that of the history."""
    found = _status(files, days=0, releases=0)
    assert found.passed
    assert found.newest == blueprint.version
    assert [(one.tenant, one.skew, one.condition) for one in found.tenants] == [
        ("acme", "current", "healthy"),
        ("globex", "current", "healthy"),
    ]


@pytest.mark.parametrize(
    ("window", "passed", "skew"),
    [
        ({}, True, "behind"),
        ({"days": 9, "releases": 1}, True, "behind"),
        ({"days": 8, "releases": 1}, False, "too old"),
        ({"days": 9, "releases": 0}, False, "too old"),
    ],
)
def test_one_that_is_behind(
    files: Files, blueprint: Blueprint, window: dict[str, int], passed: bool, skew: str
) -> None:
    """It passes within the window, by days and by releases; the platform's spec says which where nobody does."""
    files.deploy("acme", blueprint.first)
    found = _status(files, **window)
    assert (found.passed, found.tenants[0].skew, found.tenants[0].releases_behind) == (passed, skew, 1)


def _runs(version: str | None) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files.deploy("acme", version)

    return change


def _without_stack(files: Files) -> None:
    (files.states / "acme.json").unlink()


def _without_spec(files: Files) -> None:
    (files.settings.specs / "acme.yaml").unlink()


def _unreadable(files: Files) -> None:
    (files.states / "acme.json").write_text("{")


def _healthy(verdict: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        seen = Seen(at="2026-02-22", verdict=verdict, detail="it does not answer")
        FleetMemory(files.settings.home).change("acme", lambda before: msgspec.structs.replace(before, health=seen))

    return change


def _without_history(files: Files) -> None:
    shutil.rmtree(files.settings.blueprint / ".git")


@pytest.mark.parametrize(
    ("change", "passed", "condition", "skew"),
    [
        (_runs(None), False, "healthy", "unknown"),
        (_runs("0.9.0+000000000000"), False, "healthy", "unknown"),
        (_unreadable, False, "unknown", "unknown"),
        (_healthy("unknown"), False, "unknown", "current"),
        (_healthy("failed"), True, "unhealthy", "current"),
        (_healthy("passed"), True, "healthy", "current"),
        (_without_history, False, "healthy", "unknown"),
        (_without_stack, True, None, "not deployed"),
        (_without_spec, True, "healthy", "current"),
    ],
    ids=["no version", "no release", "unreadable", "nobody could tell", "ill", "well", "no history", "new", "no spec"],
)
def test_what_is_not_known_fails_the_gate(
    files: Files, change: Callable[[Files], None], passed: bool, condition: str | None, skew: str
) -> None:
    """Nothing is left out in silence: each tenant is told, with what is the matter."""
    change(files)
    found = _status(files)
    acme = found.tenants[0]
    assert len(found.tenants) == 2
    assert (found.passed, acme.condition, acme.skew) == (passed, condition, skew)
    if acme.condition in (None, "unknown") and skew != "current":
        assert acme.note


def test_a_run_that_was_cut_off_is_unfinished(files: Files, blueprint: Blueprint) -> None:
    """And so it is set aside by a rollout; one that nobody can tell of refuses it."""
    pending: list[dict[str, Any]] = [{"type": "creating", "resource": {"urn": "urn:x", "type": "aws:kms/key:Key"}}]
    files.deploy("acme", blueprint.first, pending_operations=pending)
    files.deploy("globex", blueprint.first)
    plan = plan_rollout(fleet_tenants(_status(files)), blueprint.version, Policy())
    assert [(one.tenant, one.kind) for one in plan.left_out] == [("acme", "set aside")]
    _unreadable(files)
    with pytest.raises(FleetNotReady, match="acme"):
        plan_rollout(fleet_tenants(_status(files)), blueprint.version, Policy())


def test_a_run_by_hand_is_shown(files: Files) -> None:
    """Only where a run of ours was recorded before, and the state is not the one that it left."""
    assert not _acme(files).by_hand
    mark = StackMark(written="2026-02-20", digest="another")
    FleetMemory(files.settings.home).change("acme", lambda before: msgspec.structs.replace(before, mark=mark))
    assert "past the service" in _acme(files).by_hand


def test_what_was_last_seen_is_told(files: Files) -> None:
    """Drift, proof and health with when they were seen."""
    drift = Drift(tenant="acme", at="2026-02-22", state="none")
    proof = Seen(at="2026-02-22", verdict="Proved")
    memory = FleetMemory(files.settings.home)
    memory.change("acme", lambda before: msgspec.structs.replace(before, drift=drift, proof=proof))
    acme = _acme(files)
    assert (acme.drift, acme.proof, acme.health) == (drift, proof, None)
    memory.forget("acme")
    assert _acme(files).proof is None


def _row(files: Files, tenant: str, *, fails: bool, erased: bool = False) -> None:
    """A row of the service: a tenant whose onboarding failed in its second step, or one that is being erased."""
    store = open_store(sqlite_url(files.settings.home / "service" / "service.sqlite"))
    now = datetime(2026, 2, 20, tzinfo=UTC)
    onboarding, erasure = (Asked(operation=new_id(), caller="ada", priority=100, now=now) for _ in range(2))

    def failed(operation: Operation, condition: Condition) -> Change:
        failure = Failure(
            operation=operation.kind,
            step="preflight",
            failure_class=FailureClass.QUOTA,
            message="no VPC is left",
            remedy="raise the quota",
        )
        return fail(operation, condition, failure)

    with transaction(store) as connection:
        changes.request_tenant(connection, tenant, json.dumps({"id": tenant, "tier": "silo"}), onboarding)
        for step in operations.get(connection, onboarding.operation).operation.steps:
            name = step.name
            changes.move(connection, onboarding.operation, lambda one, how, name=name: begin_step(one, how, name), now)
            if fails and name == "preflight":
                changes.move(connection, onboarding.operation, failed, now)
                break
            changes.move(connection, onboarding.operation, lambda one, how, name=name: end_step(one, how, name), now)
        if erased:
            changes.start(connection, tenant, OperationKind.ERASE, erasure)
            (first, *_) = operations.get(connection, erasure.operation).operation.steps
            changes.move(connection, erasure.operation, lambda one, how: begin_step(one, how, first.name), now)
            changes.move(connection, erasure.operation, lambda one, how: end_step(one, how, first.name), now)
    store.dispose()


def test_a_failed_operation_fails_the_gate_with_step_and_remedy(files: Files) -> None:
    """Of a tenant that is deployed; without the failure the same tenant passes."""
    _row(files, "globex", fails=False)
    assert _status(files).passed
    _row(files, "acme", fails=True)
    found = _status(files)
    acme, globex = found.tenants
    assert not found.passed
    assert (acme.condition, globex.condition) == ("failed", "healthy")
    assert acme.failure is not None
    assert (acme.failure.step, acme.failure.remedy) == ("preflight", "raise the quota")
    for words in ("onboard failed in the step preflight (quota)", "no VPC is left", "raise the quota"):
        assert words in acme.note


def test_one_that_failed_before_it_had_anything_is_told(files: Files, blueprint: Blueprint) -> None:
    """It has neither spec nor stack: it fails the gate all the same, and no rollout asks for its version."""
    _row(files, "umbra", fails=True)
    found = _status(files)
    umbra = found.tenants[-1]
    assert (umbra.tenant, umbra.condition, umbra.skew, umbra.tier) == ("umbra", "failed", "not deployed", "silo")
    assert not found.passed
    plan = plan_rollout(fleet_tenants(found), blueprint.version, Policy(broken="refuse"))
    assert [one.tenant for one in plan.left_out] == ["acme", "globex"]


def test_a_rollout_sets_a_failed_one_aside_or_is_refused(files: Files, blueprint: Blueprint) -> None:
    """As the policy says; one that is being erased likewise."""
    for tenant in ("acme", "globex"):
        files.deploy(tenant, blueprint.first)
    _row(files, "acme", fails=True)
    _row(files, "globex", fails=False, erased=True)
    fleet = fleet_tenants(_status(files))
    plan = plan_rollout(fleet, blueprint.version, Policy())
    assert [(one.tenant, one.kind, one.why) for one in plan.left_out] == [
        ("acme", "set aside", "it is failed before the rollout"),
        ("globex", "set aside", "it is unfinished before the rollout"),
    ]
    with pytest.raises(FleetNotReady, match="acme: it is failed"):
        plan_rollout(fleet, blueprint.version, Policy(broken="refuse"))
