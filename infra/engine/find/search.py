"""The search: PATH, the cache, the official installer, a build; the first that yields an engine ends it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from infra.engine.errors import EngineMissing
from infra.engine.find.build import CannotBuild, build
from infra.engine.find.installer import CannotInstall, install
from infra.engine.find.progress import OnProgress, Reporter
from infra.engine.find.version import OLDEST, PINNED, is_recent, read_version
from infra.engine.settings import inherited_environment

Source = Literal["path", "installer", "build"]

#: Variables that steer uv, pip and Go, as proxies and mirrors of a company.
_TOOL_PREFIXES = ("GOPROXY", "GOPRIVATE", "GONO", "GOSUMDB", "GOCACHE", "GOMODCACHE", "GOPATH", "PIP_", "UV_", "XDG_")


@dataclass(frozen=True)
class FoundEngine:
    """An engine.

    Args:
        path: The executable.
        version: Its version, as ``3.250.0``.
        source: Where it came from, in the first place.
    """

    path: Path
    version: str
    source: Source


def find_engine(
    *,
    cache: Path | None = None,
    environment: Mapping[str, str] | None = None,
    on_progress: OnProgress | None = None,
    make: bool = True,
) -> FoundEngine:
    """Find an engine, or make one; one that was made is kept by version and shared by all checkouts.

    Several processes may search at once: one makes the engine, the others wait for it.

    Args:
        cache: Where engines are kept; by default the user's cache folder.
        environment: The environment of the search; by default what is needed of the caller's.
        on_progress: Gets what is being done.
        make: Whether to install or build one where none is found.

    Raises:
        EngineMissing: there is none; names what was tried and the remedy.
    """
    folder = (cache or user_cache_path("bulkhead")) / "engine"
    surroundings = dict(tool_environment() if environment is None else environment)
    tried: list[str] = []
    found = _on_path(surroundings, tried) or _cached(folder, tried)
    if found is None and make:
        found = _make_once(folder, surroundings, Reporter(on_progress), tried)
    if found is None:
        raise EngineMissing(
            "there is no Pulumi engine: " + "; ".join(tried),
            remedy="install it (https://www.pulumi.com/docs/iac/download-install/), or let `bulkhead up` reach"
            " get.pulumi.com, or the package index and the Go module proxy",
        )
    return found


def tool_environment() -> dict[str, str]:
    """What installers and compilers see: the little that everything inherits, and the settings made for them."""
    chosen = {name: value for name, value in os.environ.items() if name.startswith(_TOOL_PREFIXES)}
    return {**inherited_environment(), **chosen}


def _on_path(environment: Mapping[str, str], tried: list[str]) -> FoundEngine | None:
    command = shutil.which("pulumi", path=environment.get("PATH"))
    if command is None:
        tried.append("no `pulumi` on PATH")
        return None
    version = read_version(Path(command), environment)
    if version is None:
        tried.append(f"{command} does not tell its version")
    elif not is_recent(version):
        tried.append(f"{command} is {version}, which is not {OLDEST.major}.x from {OLDEST} on")
    else:
        return FoundEngine(Path(command), str(version), "path")
    return None


def _cached(folder: Path, tried: list[str] | None = None) -> FoundEngine | None:
    command = folder / str(PINNED) / "bin" / "pulumi"
    try:
        source = (folder / str(PINNED) / "source").read_text().strip()
    except FileNotFoundError:
        if tried is not None:
            tried.append(f"none in {folder}")
        return None
    return FoundEngine(command, str(PINNED), cast("Source", source)) if command.exists() else None


def _make_once(
    folder: Path, environment: Mapping[str, str], reporter: Reporter, tried: list[str]
) -> FoundEngine | None:
    """Make it under a lock; whoever waited for the lock finds it made."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{PINNED}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        reporter.report("waiting for another process that makes the engine")
        lock.acquire()
    try:
        return _cached(folder) or _make(folder, environment, reporter, tried)
    finally:
        lock.release()


def _make(folder: Path, environment: Mapping[str, str], reporter: Reporter, tried: list[str]) -> FoundEngine | None:
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        root = Path(temporary) / "engine"
        source = _install_or_build(root, folder / "go", environment, reporter, tried)
        if source is None:
            return None
        made = read_version(root / "bin" / "pulumi", environment)
        if made != PINNED:
            tried.append(f"the engine that was made says that it is {made}, not {PINNED}")
            return None
        (root / "source").write_text(source)
        shutil.rmtree(folder / str(PINNED), ignore_errors=True)
        root.rename(folder / str(PINNED))
    reporter.report(f"engine {PINNED} is ready")
    return _cached(folder)


def _install_or_build(
    root: Path, tools: Path, environment: Mapping[str, str], reporter: Reporter, tried: list[str]
) -> Source | None:
    try:
        install(PINNED, root, environment, reporter)
    except CannotInstall as error:
        tried.append(str(error))
    else:
        return "installer"
    try:
        build(PINNED, root, tools, environment, reporter)
    except CannotBuild as error:
        tried.append(f"the build failed: {error}")
        return None
    return "build"
