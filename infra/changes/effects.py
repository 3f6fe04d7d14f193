"""What a changed file does: which of the two programs it is part of, or which stack's settings it holds."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, cast

from infra.changes.git import ChangedFile
from infra.changes.imports import Imports, module_of

_PROJECT = "pyproject.toml"
#: The keys of the project's table that say what programs run with; the others are for people and tools.
_RUNS_WITH = ("version", "requires-python", "dependencies")
#: What every stack is run with.
_EVERYTHING = {
    "requirements.lock": "the versions of what the programs run with",
    "infra/engine/find/module/go.mod": "the version of the engine",
    "bulkhead.yaml": "the settings of every run",
}
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

    def of(self, file: ChangedFile) -> tuple[Effect, ...]:
        """The effects of a changed file: of a module one for each program, or the one that it has none."""
        path = PurePosixPath(file.path)
        if file.path == _PROJECT:
            return (self._project(),)
        if file.path in _EVERYTHING:
            return (Effect(reach=Reach.ALL, why=_EVERYTHING[file.path]),)
        if path.name.startswith("Pulumi.") and path.suffix == ".yaml":
            return (_pulumi_settings(path),)
        return tuple(self._code(file))

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

    def _code(self, file: ChangedFile) -> Iterator[Effect]:
        if PurePosixPath(file.path).suffix in _PROSE:
            yield Effect(reach=Reach.NOTHING, why="no program reads it")
            return
        module = module_of(file.path)
        # Of data beside modules, and of a module that is gone, the package tells.
        of_package = module is None or file.status == "deleted"
        name = self._imports.package_of(file.path) if of_package else module
        found = False
        for reach, modules in self._programs.items():
            importer = modules.get(name or "")
            if name is None or importer is None:
                continue
            found = True
            if of_package:
                what = "it was in" if module else "data of"
                yield Effect(reach=reach, why=f"{what} {name}, which the program imports")
            else:
                yield Effect(reach=reach, why="the program itself" if importer == name else f"imported by {importer}")
        if not found:
            yield Effect(reach=Reach.NOTHING, why=f"neither program imports {name}" if name else "no program reads it")

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
