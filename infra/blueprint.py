"""Which version of the blueprint a checkout holds: its released version, and a digest of what its programs are made of.

A version changes exactly when a program may build something else: with its modules, the data beside them, and the
version of the SDK. Specs are the tenants' own, and everything else (documentation, tests, the command line) builds
nothing, so that a commit of those makes no preview differ. The files count by git's own ids of their content, so that
the version of any commit is told from its tree, with nothing checked out.

Source: git documentation, "Git Internals - Git Objects" (the id of a blob).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from infra.errors import UserError

#: What the programs are made of; a test holds it against what they import.
SOURCES = (
    "Pulumi.yaml",
    "components",
    "infra/__init__.py",
    "infra/blueprint.py",
    "infra/constraints",
    "infra/endpoint_services.py",
    "infra/errors.py",
    "infra/evaluator",
    "infra/instance_types.py",
    "infra/kubernetes",
    "infra/naming.py",
    "infra/planned.py",
    "infra/policies",
    "infra/policy_documents.py",
    "infra/spec",
    "infra/subnets.py",
    "infra/tags.py",
    "stacks",
    "tenant_stacks",
)
#: The file that names the release and pins the SDK.
PROJECT = "pyproject.toml"

_SUFFIXES = (".py", ".txt")
_SDK = "pulumi"
_DIGITS = 12


def counts(path: str) -> bool:
    """Whether a file below `SOURCES` is part of the programs: specs and the stacks' settings, YAML both, are not.

    Args:
        path: From the root of the checkout, with slashes.
    """
    return path.endswith(_SUFFIXES) or path == "Pulumi.yaml"


def version_of(project: bytes, blobs: Mapping[str, str]) -> str:
    """The version that a checkout or commit holds, such as ``0.1.0+3f9c1a2b4d5e``.

    Args:
        project: Its ``pyproject.toml``.
        blobs: By path, git's id of each file below `SOURCES`; those that do not count may be among them.

    Raises:
        UserError: The project's file does not say its version.
    """
    digest = hashlib.sha256("\n".join(sdk_pins(project)).encode())
    for path, blob in sorted(blobs.items()):
        if counts(path):
            digest.update(f"\n{path} {blob}".encode())
    return f"{_project(project)['version']}+{digest.hexdigest()[:_DIGITS]}"


def sdk_pins(project: bytes) -> tuple[str, ...]:
    """The versions of the SDK that a checkout or commit is made for, such as ``pulumi-aws==7.51.1``.

    Args:
        project: Its ``pyproject.toml``.
    """
    return tuple(sorted(each for each in _project(project)["dependencies"] if each.startswith(_SDK)))


@lru_cache
def version_of_checkout(root: Path) -> str:
    """The version that a checkout holds, with what is not committed; read once a process, as its modules are.

    Args:
        root: The folder that has ``pyproject.toml``.

    Raises:
        UserError: A file cannot be read.
    """
    try:
        files = [path for source in SOURCES for path in _files(root / source)]
        blobs = {path.relative_to(root).as_posix(): blob_id(path.read_bytes()) for path in files}
        return version_of((root / PROJECT).read_bytes(), blobs)
    except OSError as error:
        remedy = "run this from a whole checkout of the blueprint"
        raise UserError(f"cannot be read: {error.strerror}", remedy=remedy, where=str(error.filename)) from None


def blob_id(content: bytes) -> str:
    """Git's id of a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _files(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    return [path for path in source.rglob("*") if path.suffix in _SUFFIXES and path.is_file()]


def _project(content: bytes) -> dict[str, Any]:
    try:
        project = cast("dict[str, Any]", tomllib.loads(content.decode())["project"])
        return {"version": str(project["version"]), "dependencies": list(map(str, project["dependencies"]))}
    except (ValueError, KeyError, TypeError):
        raise UserError(
            "it does not say the project's version and dependencies",
            remedy="restore [project] with version and dependencies",
            where=PROJECT,
        ) from None
