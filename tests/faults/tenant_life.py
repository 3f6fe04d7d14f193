"""A tenant's whole life, one operation of each kind after the other, and what each step of it has the engine do."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from infra.blueprint import version_of_checkout
from infra.gitops import patched
from infra.lifecycle.states import OperationKind, State
from infra.lifecycle.steps import STARTS
from infra.provisioning.plans import target_of
from infra.settings import ROOT
from tests.faults.lifecycle_cases import PUT_BACK, Ending, cancellation, kinds, name_of, steps, success
from tests.provisioning.estate_bench import Kind
from tests.provisioning.step_calls import change_of

TENANT = "umbrella"
SPEC: Mapping[str, Any] = {
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
    "lifecycle": {"state": "active", "prevent_deletion": False},
}
#: What a step calls where it has the engine change something.
_CHANGES = ("bring_up(", "moving.advance(", "moving.put_back(", "destroy_for_erasure(")
#: What it calls where it has the engine preview something.
_PREVIEWS = ("Operation.PREVIEW",)
#: What a change makes of the spec; an upgrade takes effect with what the spec says by then.
_PATCHES: Mapping[OperationKind, Mapping[str, Any]] = {
    OperationKind.UPDATE: {"monthly_budget": {"limit_usd": 200}},
    OperationKind.UPGRADE: {"monthly_budget": {"limit_usd": 300}},
    OperationKind.SUSPEND: {"lifecycle": {"state": "suspended"}},
    OperationKind.RESUME: {"lifecycle": {"state": "active"}},
    OperationKind.MOVE: {"tier": "silo", "network": {"cell": None, "cidr": "10.96.0.0/22"}},
}


class Runs(StrEnum):
    """What a step has the engine do."""

    CHANGE = "change"
    PREVIEW = "preview"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A step of an operation.

    Args:
        step: Its name.
        done: How many have ended before it.
    """

    step: str
    done: int

    @property
    def runs(self) -> Runs:
        """What it has the engine do."""
        source = inspect.getsource(importlib.import_module(target_of(self.step).partition(":")[0]))
        if any(call in source for call in _CHANGES):
            return Runs.CHANGE
        return Runs.PREVIEW if any(call in source for call in _PREVIEWS) else Runs.NOTHING


@dataclass(frozen=True, kw_only=True)
class Act:
    """One operation of a life.

    Args:
        what: Its kind and where it starts.
        cancelled_in: The step in which it is cancelled; None: it is not.
    """

    what: Kind
    cancelled_in: str | None = None

    @property
    def name(self) -> str:
        """The operation's id."""
        return f"{name_of(self.what)}{'' if self.cancelled_in is None else '-cancelled'}"

    @property
    def ending(self) -> Ending:
        """How it must end."""
        return success(self.what) if self.cancelled_in is None else cancellation(self.what, self.cancelled_in)

    @property
    def places(self) -> tuple[Place, ...]:
        """Its steps; of a cancelled one: what puts back."""
        if self.cancelled_in is not None:
            return (Place(step=PUT_BACK, done=steps(self.what).index(self.cancelled_in) + 1),)
        return tuple(Place(step=step, done=done) for done, step in enumerate(steps(self.what)))


def life() -> tuple[Act, ...]:
    """Each kind once, each where the one before has left the tenant, and one that is cancelled; the erasure is last."""
    left, state = [*OperationKind], State.REQUESTED
    acts: list[Act] = []
    while left:
        here = [kind for kind in left if state in STARTS[kind] and (kind is not OperationKind.ERASE or len(left) == 1)]
        what = next(each for each in kinds() if (each.kind, each.before) == (here[0], state))
        acts.append(Act(what=what))
        if what.kind is OperationKind.UPDATE:
            acts.append(Act(what=what, cancelled_in="apply"))
        left.remove(what.kind)
        state = what.after
    return tuple(acts)


def arguments_of(act: Act, file: Path) -> dict[str, Any]:
    """What an operation is asked for with; writes the spec where that is not the operation's own doing.

    Args:
        act: The operation.
        file: The tenant's spec.
    """
    match act.what.kind:
        case OperationKind.ONBOARD:
            return {"spec": dict(SPEC)}
        case OperationKind.ERASE:
            return {"export": False, "grace_seconds": 1, "window_days": 7, "requested_by": "ada@platform.example"}
        case OperationKind.UPGRADE:
            file.write_bytes(patched(file, file.read_bytes(), _PATCHES[OperationKind.UPGRADE]))
            return {"to": version_of_checkout(ROOT), "former": version_of_checkout(ROOT)}
        case kind:
            former = file.read_bytes()
            patch = {"monthly_budget": {"limit_usd": 250}} if act.cancelled_in else _PATCHES[kind]
            return change_of(former, patched(file, former, patch))
