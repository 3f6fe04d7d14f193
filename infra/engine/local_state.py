"""Looks into a local file backend without a call of the engine; every answer is None where it cannot tell.

Source: the layout of the file backend, Pulumi documentation, "Using a DIY backend"
(``.pulumi/stacks/PROJECT/STACK.json``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from infra.engine.model import Project, StackRef

_PENDING = b'"pending_operations"'


def local_folder(backend_url: str) -> Path | None:
    """The folder of a ``file://`` backend; None for any other."""
    parts = urlsplit(backend_url)
    if parts.scheme != "file":
        return None
    return Path(unquote(parts.netloc + parts.path)).expanduser()


def stack_file(backend_url: str, ref: StackRef) -> Path | None:
    """The file that holds a stack's state, whether it exists or not; None where it may be kept in another way."""
    folder = local_folder(backend_url)
    if folder is None:
        return None
    stacks = folder / ".pulumi" / "stacks"
    path = stacks / ref.project.name / f"{ref.stack}.json"
    compressed = any(path.with_name(path.name + suffix).exists() for suffix in (".gz", ".zst"))
    legacy = (stacks / f"{ref.stack}.json").exists()
    return None if compressed or legacy else path


def stack_files(backend_url: str, project: Project) -> Mapping[str, Path] | None:
    """The files that hold a project's stacks, by the stacks' names."""
    folder = local_folder(backend_url)
    if folder is None:
        return None
    stacks = folder / ".pulumi" / "stacks"
    kept = stacks / project.name
    if any(stacks.glob("*.json")) or any(path.suffix in (".gz", ".zst") for path in kept.glob("*")):
        return None
    return {path.stem: path for path in sorted(kept.glob("*.json"))}


def stack_exists(backend_url: str, ref: StackRef) -> bool | None:
    """Whether the backend has the stack."""
    path = stack_file(backend_url, ref)
    return None if path is None else path.exists()


def has_pending_operations(backend_url: str, ref: StackRef) -> bool | None:
    """Whether a run of the stack was cut short in the middle of an operation."""
    path = stack_file(backend_url, ref)
    if path is None:
        return None
    try:
        return _PENDING in path.read_bytes()
    except FileNotFoundError:
        return False
