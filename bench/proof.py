"""(f) How long the proof takes as tenants grow: each run in a process of its own, from its start to its end.

The tenants are copies of the real export of one; the foreign ones have no common template. ``python -m bench.proof``
proves once and prints what it found.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, cast

from bench import estate, foreign
from bench.copies import Copies
from bench.land import Land
from bench.measure import CommandFailed
from bench.ratio import Ratio
from infra.engine.settings import inherited_environment
from infra.operations.projects import PLATFORM_STACK
from infra.operations.workspace import Workspace
from infra.proof.template import Input, prove_all
from infra.settings import ROOT

#: Seconds that a full proof of 1,000 tenants may take, that of one changed tenant with the cache, one with a leak,
#: and one of foreign tenants; and GiB of memory.
FULL, CHANGED, LEAKING, FOREIGN, MEMORY = 30.0, 1.0, 30.0, 60.0, 4.0
_SIZES = (10, 100, 1_000, 5_000)
_MANY = 1_000
_FOREIGN = 300
_GIB = 1024 * 1024
_TENANT = "tenant000"


@dataclass(frozen=True, kw_only=True)
class _Proven:
    """One run: its seconds from start to end, those within `prove_all`, its peak of memory in KiB, and the answer."""

    wall: float
    within: float
    resident: int
    verdict: str
    leaks: Sequence[Sequence[str]]


def measure(land: Land, *, sizes: Sequence[int] = _SIZES) -> list[Ratio]:
    """Prove estates of so many tenants, and what changes in one of 1,000.

    Args:
        land: Where the exports come from that are copied.
        sizes: How many tenants; 1,000 must be among them.
    """
    folder = land.folder / "exports"
    folder.mkdir()
    tenants = [f"t{number:04d}x" for number in range(max(sizes))]
    copies = _copies(land, folder)
    for _ in copies.write(folder, tenants):
        pass
    full = {size: _expected("Proved", _prove(folder, tenants[:size])) for size in sizes}
    return [*_of_full(full), *_of_one(folder, tenants[:_MANY], copies), _of_foreign(land.folder / "foreign")]


def _of_full(full: dict[int, _Proven]) -> Iterator[Ratio]:
    for size, run in full.items():
        budget = FULL * _growth(size) / _growth(_MANY) if size > _MANY else FULL
        what = f"(f) full proof of {size:,} tenants, {size * (size - 1):,} pairs"
        yield Ratio(what=what, ours=run.wall, theirs=budget, reading="cost", target=1.0)
        if size > _MANY:
            what = f"(f) {size:,} tenants against {_MANY:,}, where n log n gives {_growth(size) / _growth(_MANY):.1f}x"
            allowed = full[_MANY].wall * _growth(size) / _growth(_MANY)
            yield Ratio(what=what, ours=run.wall, theirs=allowed, reading="cost", target=1.0)
    resident = full[_MANY].resident / _GIB
    what = f"(f) peak memory of the largest process with {_MANY:,} tenants, against {MEMORY:.0f} GiB"
    yield Ratio(what=what, ours=resident, theirs=MEMORY, reading="cost", target=1.0, unit="GiB")


def _of_one(folder: Path, tenants: Sequence[str], copies: Copies) -> Iterator[Ratio]:
    cache, changed, other = folder / "cache", tenants[len(tenants) // 2], tenants[-1]
    _expected("Proved", _prove(folder, tenants, cache))
    file = folder / f"{changed}.json"
    before = file.read_text()
    file.write_text(copies.copy(len(tenants) + 1, changed))
    renewed = _expected("Proved", _prove(folder, tenants, cache))
    file.write_text(before.replace("s3:AbortMultipartUpload", "s3:GetObjectTorrent"))
    edited = _expected("Proved", _prove(folder, tenants, cache))
    file.write_text(before)
    _leak(folder, changed, other)
    found = _expected("Leak", _prove(folder, tenants))
    if [changed, other] not in found.leaks:
        raise CommandFailed(f"the leak from {changed} to {other} was not found, but {found.leaks}")
    for what, run in (("with other names", renewed), ("with other policies", edited)):
        row = f"(f) one changed tenant of {len(tenants):,}, {what}, with the cache: within the proof"
        yield Ratio(what=row, ours=run.within, theirs=CHANGED, reading="cost", target=1.0)
        yield Ratio(what=f"{row}, and the process", ours=run.wall, theirs=CHANGED, reading="cost")
    row = f"(f) a leak between two of {len(tenants):,} tenants is found, without a cache"
    yield Ratio(what=row, ours=found.wall, theirs=LEAKING, reading="cost", target=1.0)


def _of_foreign(folder: Path) -> Ratio:
    folder.mkdir()
    names = [f"foreign{number:03d}" for number in range(_FOREIGN)]
    for number, name in enumerate(names):
        (folder / f"{name}.json").write_text(foreign.export(number))
    run = _expected("Proved", _prove(folder, names))
    what = f"(f) full proof of {_FOREIGN} foreign tenants without a template"
    return Ratio(what=what, ours=run.wall, theirs=FOREIGN, reading="cost", target=1.0)


def _copies(land: Land, folder: Path) -> Copies:
    """Bring up a platform and a tenant, and keep the platform's export."""
    land.settle(estate.write(land.folder / "estate", 1))
    land.bulkhead("up", "platform")
    land.bulkhead("up", _TENANT)
    with Workspace(land.settings) as workspace:
        platform = json.dumps(workspace.engine.export(PLATFORM_STACK))
    (folder / "platform.json").write_text(platform)
    export: dict[str, Any] = {"version": 3, "deployment": land.deployment(_TENANT)}
    return Copies(json.dumps(export), _TENANT, platform)


def _leak(folder: Path, one: str, other: str) -> None:
    """Let a role of one tenant, which loses its boundary, assume a role of another."""
    exports = {name: json.loads((folder / f"{name}.json").read_text()) for name in (one, other)}
    arns = {name: _of_training(export, "aws:iam/role:Role")["arn"] for name, export in exports.items()}
    of_role = _of_training(exports[one], "aws:iam/role:Role")
    del of_role["permissionsBoundary"]
    assume: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    policy = _of_training(exports[one], "aws:iam/rolePolicy:RolePolicy")
    policy["policy"] = _with(policy["policy"], {**assume, "Resource": arns[other]})
    trusting = _of_training(exports[other], "aws:iam/role:Role")
    trusting["assumeRolePolicy"] = _with(trusting["assumeRolePolicy"], {**assume, "Principal": {"AWS": arns[one]}})
    for name, export in exports.items():
        (folder / f"{name}.json").write_text(json.dumps(export))


def _of_training(export: dict[str, Any], kind: str) -> dict[str, Any]:
    resources = cast("list[dict[str, Any]]", export["deployment"]["resources"])
    return next(one["outputs"] for one in resources if one["type"] == kind and one["urn"].endswith("::roles-training"))


def _with(policy: str, statement: dict[str, Any]) -> str:
    document: dict[str, Any] = json.loads(policy)
    return json.dumps({**document, "Statement": [*document["Statement"], statement]})


def _prove(folder: Path, tenants: Sequence[str], cache: Path | None = None) -> _Proven:
    """Prove in a process of its own."""
    names = folder / "names.txt"
    names.write_text("\n".join(tenants))
    options = ["--cache", str(cache)] if cache is not None else []
    command = [sys.executable, "-m", "bench.proof", str(names), *options]
    began = perf_counter()
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=dict(inherited_environment()))
    with running:
        said = running.stdout.read() if running.stdout is not None else b""
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    wall = perf_counter() - began
    if running.returncode != 0:
        raise CommandFailed(f"{' '.join(command)} exited with {running.returncode}")
    return _Proven(wall=wall, resident=used.ru_maxrss, **json.loads(said))


def _expected(verdict: str, run: _Proven) -> _Proven:
    if run.verdict != verdict:
        raise CommandFailed(f"the verdict is {run.verdict} and not {verdict}: {run.leaks[:5]}")
    return run


def _growth(size: int) -> float:
    return size * math.log(size)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove once the exports that lie beside a list of names, and print what was found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.proof", description=__doc__)
    parser.add_argument("names", type=Path, help="a file with the names of tenants; their exports lie beside it")
    parser.add_argument("--cache", type=Path, help="the cache file")
    chosen = parser.parse_args(arguments)
    folder = chosen.names.parent
    stacks = [name for name in ("platform", *chosen.names.read_text().split()) if (folder / f"{name}.json").exists()]
    began = perf_counter()
    report = prove_all([Input(name, folder / f"{name}.json") for name in stacks], cache=chosen.cache)
    within = perf_counter() - began
    leaks = [[one.from_, one.to] for one in report.findings]
    print(json.dumps({"within": within, "verdict": report.verdict, "leaks": leaks}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
