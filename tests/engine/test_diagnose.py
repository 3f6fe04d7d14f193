"""What `doctor` says of the engine's parts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from infra.engine import Operation
from infra.engine.diagnose import Check, diagnose
from infra.engine.run_lock import run_lock
from tests.engine.notes_bench import Bench


def checks(bench: Bench, **environment: str) -> dict[str, Check]:
    command = bench.settings.command
    path = {"PATH": f"{command.parent}:/usr/bin:/bin", "HOME": str(bench.folder), **environment}
    return {check.name: check for check in diagnose(bench.settings, cache=bench.folder / "cache", environment=path)}


def test_all_is_well(bench: Bench) -> None:
    """Every part is there, and says what was found."""
    found = checks(bench)
    assert {"engine", "language host", "pulumi home", "secrets", "backend", "runs"} == set(found)
    assert all(check.ok for check in found.values()), found
    assert "from the PATH" in found["engine"].detail


def test_what_is_missing_comes_with_its_remedy(bench: Bench, tmp_path: Path) -> None:
    """No engine, an open passphrase file, a dead run: each is told with what to do."""
    assert bench.settings.passphrase_file is not None
    bench.settings.passphrase_file.chmod(0o644)
    ref = bench.ref("acme")
    with run_lock(bench.settings.runs / "notes" / "acme" / "lock", ref) as lock:
        lock.begin(Operation.UP)
    nowhere = dataclasses.replace(bench.settings, command=tmp_path / "none")
    found = checks(dataclasses.replace(bench, settings=nowhere), PATH="/nowhere")
    for name in ("engine", "secrets", "runs"):
        assert not found[name].ok, found[name]
        assert found[name].remedy
    assert "notes/acme" in found["runs"].detail


def test_a_backend_out_of_reach_is_told(bench: Bench) -> None:
    """The backend is asked, not assumed."""
    away = dataclasses.replace(bench.settings, backend_url="http://127.0.0.1:1")
    backend = checks(dataclasses.replace(bench, settings=away))["backend"]
    assert not backend.ok
    assert backend.remedy
