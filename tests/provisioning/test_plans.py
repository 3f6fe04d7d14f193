"""Every step of every kind of operation has a module that runs it, under the name that the lifecycle gives it."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from infra.jobs import JobStep
from infra.lifecycle.states import OperationKind
from infra.lifecycle.steps import steps_of
from infra.provisioning.plans import job_kind, plans, target_of
from infra.provisioning.preload import preload
from infra.settings import Settings


def _steps() -> list[JobStep]:
    return [step for plan in plans().values() for step in (*plan.steps, *([plan.undo] if plan.undo else []))]


@pytest.mark.parametrize("target", sorted({step.target for step in _steps()}))
def test_a_step_has_a_module_that_runs_it(target: str) -> None:
    module, _, function = target.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_no_module_is_run_by_nothing() -> None:
    folder = Path(importlib.import_module("infra.provisioning.steps").__path__[0])
    there = {f"infra.provisioning.steps.{file.stem}:run" for file in folder.glob("*.py") if file.stem != "__init__"}
    assert there == {step.target for step in _steps()}


def test_a_plan_has_the_steps_of_the_lifecycle() -> None:
    found = plans()
    for kind in OperationKind:
        assert [step.name for step in found[job_kind(kind)].steps] == [step.name for step in steps_of(kind)]
    assert job_kind(OperationKind.UPDATE, stays_suspended=True) == "update while suspended"
    assert job_kind(OperationKind.ERASE, stays_suspended=True) == "erase"
    assert [step.name for step in found["update while suspended"].steps] == ["validate", "preflight", "apply"]
    assert target_of("remove old network") == "infra.provisioning.steps.remove_old_network:run"


def test_only_what_cannot_be_put_back_has_no_undo() -> None:
    assert {kind for kind, plan in plans().items() if plan.undo is None} == {"erase"}


def test_a_worker_imports_all_steps_ahead_and_no_specs(tmp_path: Path) -> None:
    ahead = preload(Settings(home=tmp_path, cloud="sandbox", provider="offline", policy_pack=True))
    assert {step.target.partition(":")[0] for step in _steps()} < set(ahead)
    assert "infra.sandbox.aws.warm:load_models" in ahead
    assert "infra.policy_pack.pack" in ahead
    assert "tenant_stacks.program" in ahead
    assert {"infra.proof.template.words:vocabulary", "infra.provisioning.preload:read_catalogue"} < set(ahead)
    assert "infra.sandbox.aws.warm:load_models" not in preload(Settings(home=tmp_path, cloud="aws"))
