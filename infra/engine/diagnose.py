"""What the engine needs on this machine, part by part: there or missing, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.engine.cli import Cli
from infra.engine.errors import EngineError, EngineMissing
from infra.engine.find import FoundEngine, find_engine
from infra.engine.local_state import local_folder
from infra.engine.passphrase import check_passphrase
from infra.engine.private_files import private_folder
from infra.engine.pulumi_home import LANGUAGE_HOST, PulumiHome
from infra.engine.run_lock import left_over_record
from infra.engine.settings import EngineSettings


@dataclass(frozen=True)
class Check:
    """One part.

    Args:
        name: The part.
        ok: Whether it is as it must be.
        detail: What was found.
        remedy: What to do if it is not; empty if it is.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def diagnose(
    settings: EngineSettings, *, cache: Path | None = None, environment: Mapping[str, str] | None = None
) -> list[Check]:
    """Look at every part that runs need; nothing is installed, built or changed.

    Args:
        settings: How stacks are run; its ``command`` need not exist.
        cache: Where made engines are kept; by default the user's cache folder.
        environment: The environment of the search for an engine; by default what is needed of the caller's.
    """
    checks = list(_engine(cache, environment))
    checks += [_home(PulumiHome(settings.pulumi_home)), _secrets(settings)]
    if settings.command.exists():
        checks.append(_backend(settings))
    checks.append(_dead_runs(settings.runs))
    return checks


def _engine(cache: Path | None, environment: Mapping[str, str] | None) -> Iterator[Check]:
    try:
        found = find_engine(cache=cache, environment=environment, make=False)
    except EngineMissing as error:
        yield Check("engine", ok=False, detail=error.message, remedy=error.remedy)
        return
    yield Check("engine", ok=True, detail=f"Pulumi {found.version} from the {_origin(found)}: {found.path}")
    official = (found.path.resolve().parent / LANGUAGE_HOST).exists()
    yield Check(
        "language host", ok=True, detail="official" if official else "Bulkhead's own, as none is beside the engine"
    )


def _origin(found: FoundEngine) -> str:
    return {"path": "PATH", "installer": "official installer", "build": "Go module proxy"}[found.source]


def _home(home: PulumiHome) -> Check:
    plugins = sorted(path.name for path in (home.path / "plugins").glob("resource-*") if path.is_dir())
    if home.path.exists() and not os.access(home.path, os.W_OK):
        return Check("pulumi home", ok=False, detail=f"cannot write {home.path}", remedy=f"chown or remove {home.path}")
    return Check("pulumi home", ok=True, detail=f"{home.path}: {', '.join(plugins) or 'no plugins yet'}")


def _secrets(settings: EngineSettings) -> Check:
    if settings.passphrase_file is None:
        return Check("secrets", ok=True, detail=settings.secrets_provider)
    if not settings.passphrase_file.exists():
        return Check("secrets", ok=True, detail="the passphrase is made with the first stack")
    try:
        check_passphrase(settings.passphrase_file)
    except EngineError as error:
        return Check("secrets", ok=False, detail=str(error.message), remedy=error.remedy)
    return Check("secrets", ok=True, detail=f"passphrase in {settings.passphrase_file}")


def _backend(settings: EngineSettings) -> Check:
    folder = local_folder(settings.backend_url)
    if folder is not None and not folder.exists():
        return Check("backend", ok=True, detail=f"{folder} is made with the first stack")
    cli = Cli(settings.command, settings.cli_environment())
    try:
        cli.run(["stack", "ls", "--all", "--json"], private_folder(settings.runs))
    except EngineError as error:
        return Check("backend", ok=False, detail=error.message, remedy=error.remedy)
    return Check("backend", ok=True, detail=settings.backend_url)


def _dead_runs(runs: Path) -> Check:
    dead = [
        f"{lock.parent.parent.name}/{lock.parent.name} ({record.operation} since {record.since})"
        for lock in sorted(runs.glob("*/*/lock"))
        if (record := left_over_record(lock)) is not None
    ]
    if not dead:
        return Check("runs", ok=True, detail="no run was cut short")
    return Check(
        "runs",
        ok=False,
        detail="cut short: " + ", ".join(dead),
        remedy="run the stack again: what its dead run left behind is recovered first",
    )
