"""What a changed file does: which of the two programs it is part of, or which stack's settings it holds."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, cast

from infra.changes.git import ChangedFile
from infra.changes.imports import Imports, module_of

_LOCK = "requirements.lock"
_PROJECT = "pyproject.toml"
#: The keys of the project's table that say what programs run with; the others are for people and tools.
_RUNS_WITH = ("version", "requires-python", "dependencies")
_ENGINE = "infra/engine/find/module/go.mod"
_SETTINGS = "bulkhead.yaml"
_TENANTS = "tenant_stacks"
#: Beside the modules of a package, these are for people.
_PROSE = frozenset({".md", ".rst"})


class Reach(Enum):
    """Which stacks a file touches."""

    NOTHING = "nothing"
    PLATFORM = "the platform"
    TENANTS = "every tenant"
    ALL = "every stack"
    ONE = "one stack"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a file does.

    Args:
        reach: Which stacks it touches.
        why: What the file is to them, or why it touches none.
        stack: The stack's name, for `Reach.ONE`.
    """

    reach: Reach
    why: str
    stack: str = ""


class Effects:
    """Tells the effect of files that are no specs.

    Args:
        imports: The import graph.
        before: A file as it was, None where it was not there.
        after: A file as it is, likewise.
    """

    def __init__(
        self, imports: Imports, before: Callable[[str], bytes | None], after: Callable[[str], bytes | None]
    ) -> None:
        self._imports = imports
        self._before = before
        self._after = after

    def of(self, file: ChangedFile) -> Effect:
        """The effect of a changed file."""
        path = PurePosixPath(file.path)
        if file.path == _LOCK:
            return Effect(reach=Reach.ALL, why="the versions of what the programs run with")
        if file.path == _PROJECT:
            return self._project()
        if file.path == _ENGINE:
            return Effect(reach=Reach.ALL, why="the version of the engine")
        if file.path == _SETTINGS:
            return Effect(reach=Reach.ALL, why="the settings of every run")
        if path.name.startswith("Pulumi.") and path.suffix == ".yaml":
            return _pulumi_settings(path)
        return self._code(file)

    def _project(self) -> Effect:
        if self._runs_with(self._before(_PROJECT)) == self._runs_with(self._after(_PROJECT)):
            return Effect(reach=Reach.NOTHING, why="neither the blueprint's version nor its dependencies differ")
        return Effect(reach=Reach.ALL, why="the blueprint's version, or what the programs depend on")

    @staticmethod
    def _runs_with(content: bytes | None) -> Mapping[str, Any] | None:
        try:
            project = tomllib.loads((content or b"").decode()).get("project")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            return None
        if not isinstance(project, dict):
            return None
        table = cast("dict[str, Any]", project)
        return {key: table.get(key) for key in _RUNS_WITH}

    def _code(self, file: ChangedFile) -> Effect:
        if PurePosixPath(file.path).suffix in _PROSE:
            return Effect(reach=Reach.NOTHING, why="no program reads it")
        module = module_of(file.path)
        if module is None or file.status == "deleted":
            # Of data beside modules, and of a module that is gone, the package tells.
            name, what = self._imports.package_of(file.path), "data of"
        else:
            name, what = module, "imported by"
        if name is None:
            return Effect(reach=Reach.NOTHING, why="no program reads it")
        users = {reach: modules[name] for reach, modules in self._programs.items() if name in modules}
        if not users:
            return Effect(reach=Reach.NOTHING, why=f"neither program imports {name}")
        reach = Reach.ALL if len(users) == len(self._programs) else next(iter(users))
        importer = next(iter(users.values()))
        if file.status == "deleted" and module is not None:
            return Effect(reach=reach, why=f"it was in {name}, which the program imports")
        if what == "data of":
            return Effect(reach=reach, why=f"data of {name}, which the program imports")
        return Effect(reach=reach, why="the program itself" if importer == name else f"imported by {importer}")

    @cached_property
    def _programs(self) -> Mapping[Reach, Mapping[str, str]]:
        return {
            Reach.PLATFORM: self._imports.modules("stacks.__main__"),
            Reach.TENANTS: self._imports.modules("tenant_stacks.__main__"),
        }


def _pulumi_settings(path: PurePosixPath) -> Effect:
    """``Pulumi.yaml`` is a project's, ``Pulumi.<stack>.yaml`` one stack's."""
    stack = path.name.removeprefix("Pulumi.").removesuffix(".yaml") if path.name != "Pulumi.yaml" else ""
    folder = str(path.parent)
    if folder not in (".", _TENANTS) or (folder == "." and stack not in ("", "platform")):
        return Effect(reach=Reach.NOTHING, why="it is in the folder of no project")
    if stack:
        return Effect(reach=Reach.ONE, why="the settings of the stack", stack=stack)
    return Effect(reach=Reach.TENANTS if folder == _TENANTS else Reach.PLATFORM, why="the project's settings")
