"""The exports of the stacks in the current backend: from its files where it is a folder, by the engine elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from infra.engine import Project, StackRef
from infra.engine.local_state import stack_files
from infra.errors import UserError
from infra.operations.projects import PLATFORM, TENANTS
from infra.operations.workspace import Workspace
from infra.proof.facts.inputs import Unreadable, read_file
from infra.proof.facts.kinds import export_of_state
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True)
class StackExport:
    """What is deployed of a stack.

    Args:
        ref: The stack.
        content: What ``pulumi stack export`` writes of it; secrets are encrypted in it.
    """

    ref: StackRef
    content: bytes


def exports(settings: Settings, report: Callable[[str], None] = lambda _: None) -> list[StackExport]:
    """The exports of all stacks of the platform and of tenants.

    Args:
        settings: Which backend.
        report: Is told what takes long.

    Raises:
        UserError: the backend cannot be read, or has no stacks.
    """
    local = [_from_files(settings, project) for project in (PLATFORM, TENANTS)]
    found = [one for each in local if each is not None for one in each]
    if None in local:
        found = _by_the_engine(settings, report)
    if not found:
        raise UserError(
            "no stack is deployed",
            "bring some up with: bulkhead up platform, or name files: --from FILE",
            where=settings.backend_url,
        )
    return found


def export_of(workspace: Workspace, ref: StackRef) -> bytes | None:
    """The export of one stack, with no other read; None where it is not deployed.

    Raises:
        UserError: the backend cannot be read.
    """
    files = stack_files(workspace.settings.backend_url, ref.project)
    if files is None:
        engine = workspace.engine
        return json.dumps(engine.export(ref)).encode() if engine.exists(ref) else None
    path = files.get(ref.stack)
    return None if path is None else _export_in(path)


def _from_files(settings: Settings, project: Project) -> list[StackExport] | None:
    files = stack_files(settings.backend_url, project)
    if files is None:
        return None
    found = ((name, _export_in(path)) for name, path in files.items())
    return [
        StackExport(ref=StackRef(project=project, stack=name), content=content)
        for name, content in found
        if content is not None
    ]


def _export_in(path: Path) -> bytes | None:
    """The export in a file; None where the stack was removed since: each first preview makes one and removes it."""
    try:
        return export_of_state(read_file(path), str(path))
    except Unreadable:
        if path.exists():
            raise
        return None


def _by_the_engine(settings: Settings, report: Callable[[str], None]) -> list[StackExport]:
    with Workspace(settings, report) as workspace, ThreadPoolExecutor(settings.parallel) as pool:
        engine = workspace.engine
        refs = [
            StackRef(project=project, stack=name) for project in (PLATFORM, TENANTS) for name in engine.stacks(project)
        ]

        def export(ref: StackRef) -> StackExport:
            return StackExport(ref=ref, content=json.dumps(engine.export(ref)).encode())

        return list(pool.map(export, refs))
