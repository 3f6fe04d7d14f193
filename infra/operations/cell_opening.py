"""Opens a cell: judged as it would be, written to the platform's spec, and brought up; see ADR 0030.

It can be killed at any moment and is simply begun again: what is left then is a cell among the platform's cells that
its stack does not have, which the next one brings up. An opening adds a cell and changes nothing else.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from filelock import FileLock

from infra.engine import Operation, StackEvent
from infra.engine.private_files import private_folder
from infra.errors import UserError
from infra.gitops import etag, patched
from infra.gitops.platform_file import PlatformFile, with_cell
from infra.operations import capacity
from infra.operations.exports import export_of
from infra.operations.isolation_gate import judge_stack_plan
from infra.operations.preflight import require_platform
from infra.operations.projects import PLATFORM_STACK
from infra.operations.workspace import Workspace
from infra.proof.facts import read_deployment
from infra.review.plan import planned_changes
from infra.settings import Settings
from infra.spec import SpecErrors, load_estate, load_platform

_QUOTAS = "quotas"
_STACK = "pulumi:pulumi:Stack"


class CellRefused(UserError):
    """The account has no room for one more cell: which quota, what is left, and the request to raise it."""


class PlatformDiffers(UserError):
    """The platform's stack would be changed by more than the cell: somebody must look first."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What came of opening a cell.

    Args:
        cell: Its name.
        changed: Whether this made something of it; False: it was open already.
        spec: The ETag of the platform's spec that has it.
    """

    cell: str
    changed: bool
    spec: str


def deployed_cells(workspace: Workspace) -> frozenset[str] | None:
    """The cells that the platform's stack has; None where it is not deployed.

    Raises:
        UserError: the backend cannot be read.
    """
    export = export_of(workspace, PLATFORM_STACK)
    if export is None:
        return None
    listed = cast("list[dict[str, Any]]", json.loads(export)["deployment"].get("resources") or [])
    outputs: list[dict[str, Any]] = [each.get("outputs", {}) for each in listed if each["type"] == _STACK]
    return frozenset(name for each in outputs for name in each.get("cells", {}))


def open_cell(settings: Settings, cell: str, *, on_event: Callable[[StackEvent], None] | None = None) -> Opened:
    """Open a cell of the platform's spec, one of `spare_cells` or one that is not deployed yet.

    Args:
        settings: Where specs, stacks and cloud are.
        cell: The cell's name.
        on_event: Is told of progress.

    Raises:
        UserError: There is no such cell, the platform is not deployed, or isolation would not be proven.
        CellRefused: It does not fit in the account's quotas; nothing is written.
        PlatformDiffers: The platform's stack waits for other changes; nothing is written.
        SpecErrors: All that would be wrong with the specs.
        SpecConflict: Somebody changes the platform's spec at the same time.
        EngineError: The run failed. The cell is in the spec, and the next opening goes on with it.
    """
    with _alone(settings):
        file = PlatformFile(settings.platform_spec)
        before = file.read()
        after = with_cell(file.path, before, cell)
        with Workspace(settings) as workspace:
            there = deployed_cells(workspace)
            require_platform(there is not None)
            if there is not None and cell in there and after == before:
                return Opened(cell=cell, changed=False, spec=etag(before))
        _require_valid(settings, after, cell)
        with _proposed(settings, after) as proposed, Workspace(proposed) as workspace:
            _judge(workspace, cell)
        if after != before:
            file.write(after, etag(before))
        with Workspace(settings) as workspace:
            result = workspace.engine.run(PLATFORM_STACK, Operation.UP, on_event=on_event)
            if result.error is not None:
                raise result.error
        return Opened(cell=cell, changed=True, spec=etag(after))


@contextmanager
def _alone(settings: Settings) -> Generator[None]:
    """One opening at a time on this machine."""
    folder = settings.home / "service"
    private_folder(settings.home)
    private_folder(folder)
    with FileLock(folder / "cells.lock"):
        yield


def _require_valid(settings: Settings, content: bytes, cell: str) -> None:
    """The specs with the cell among the cells; a quota that the platform's spec declares is a quota."""
    try:
        platform = load_estate(settings.platform_spec, settings.specs, {settings.platform_spec: content}).platform
    except SpecErrors as errors:
        quotas = [each for each in errors.problems if each.path[:1] == (_QUOTAS,)]
        if len(quotas) < len(errors.problems):
            raise
        why = "; ".join(each.message for each in quotas)
        remedy = "; ".join(each.remedy for each in quotas)
        raise CellRefused(f"the cell {cell} cannot be opened: {why}", remedy, where="quotas") from errors
    if cell not in {each.name for each in platform.cells}:
        where = str(settings.platform_spec)
        raise UserError(f"the platform has no cell {cell!r}", "add it under spare_cells", where=where)


@contextmanager
def _proposed(settings: Settings, content: bytes) -> Generator[Settings]:
    """Settings by which the platform is what the content says, without it being written."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-proposal-") as temporary:
        file = Path(temporary) / settings.platform_spec.name
        metadata = load_platform(settings.platform_spec, content).federation.saml_metadata
        if metadata is not None:  # it is named from the folder of the spec
            named = str(settings.platform_spec.parent.resolve() / metadata)
            content = patched(file, content, {"federation": {"saml_metadata": named}})
        file.write_bytes(content)
        yield settings.model_copy(update={"platform_spec": file})


def _judge(workspace: Workspace, cell: str) -> None:
    """Refuse an opening that does more than open the cell, does not fit, or would end isolation."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-preview-") as temporary:
        file = Path(temporary) / "events.jsonl"
        result = workspace.engine.run(PLATFORM_STACK, Operation.PREVIEW, events=file)
        if result.error is not None:
            raise result.error
        events = file.read_bytes()
    others = [each for each in planned_changes(events)[0] if not f"{each.name}-".startswith(f"cell-{cell}-")]
    if others:
        named = ", ".join(f"{each.op} {each.name}" for each in others[:3])
        raise PlatformDiffers(
            f"the platform's stack would be changed by more than the cell {cell}: {named}",
            "see all of it: bulkhead preview platform; then bring it up, and ask again: bulkhead up platform",
        )
    _require_room(workspace, cell, events)
    judged = judge_stack_plan(workspace, PLATFORM_STACK, events)
    if judged.leak or judged.unknown:
        raise UserError(
            f"with the cell {cell} isolation would not be proven: {judged.leak or judged.unknown}",
            "change the platform's spec, or the policy that the message names",
        )


def _require_room(workspace: Workspace, cell: str, events: bytes) -> None:
    export = export_of(workspace, PLATFORM_STACK)
    deployed = () if export is None else read_deployment(export, str(PLATFORM_STACK))
    reckoned = capacity.basis(workspace)
    checked = capacity.check_plan(reckoned, PLATFORM_STACK, deployed=deployed, events=events)
    if checked.refusals:
        raise CellRefused(
            f"the cell {cell} cannot be opened: " + "; ".join(map(str, checked.refusals)),
            "; ".join(dict.fromkeys(each.remedy for each in checked.refusals)),
        )
