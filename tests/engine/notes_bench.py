"""A project of notes (see `notes_provider`) with a cloud and settings of its own, for the real engine."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from infra.engine import Engine, EngineSettings, Project, StackRef
from infra.engine.passphrase import ensure_passphrase
from tests.engine.notes_provider import GATE, NotesCloud

PROGRAM = Path(__file__).with_name("notes_program.py")


@dataclass(frozen=True)
class Bench:
    """A project of notes, its cloud, and settings to run it; all in one folder whose path has a space."""

    folder: Path
    settings: EngineSettings
    project: Project
    cloud: NotesCloud

    def ref(self, stack: str) -> StackRef:
        return StackRef(project=self.project, stack=stack)

    def want(self, stack: str, **notes: Mapping[str, Any]) -> StackRef:
        """Say what a stack consists of: name -> inputs of each note; the program reads it."""
        (self.cloud.folder / f"spec-{stack}.json").write_text(json.dumps(notes))
        return self.ref(stack)

    def names(self) -> list[str]:
        """The names of the notes that exist, doubles included."""
        return sorted(note["name"] for note in self.cloud.notes().values())

    def close_gate(self) -> None:
        (self.cloud.folder / GATE).touch()

    def open_gate(self) -> None:
        (self.cloud.folder / GATE).unlink(missing_ok=True)

    def wait_until_reached(self, name: str) -> None:
        """Wait until the provider holds that note."""
        wait_for((self.cloud.folder / f"reached-{name}").exists)

    def wait_until_interrupted(self, stack: str) -> None:
        """Wait until the engine has begun to cancel the run of a stack."""
        events = self.settings.runs / "notes" / stack / "events.jsonl"
        wait_for(lambda: "received; cancelling" in events.read_text())

    def processes(self) -> list[int]:
        """The processes that run stacks of this bench: workers, engines, plugins; all hold a run lock."""
        found: list[int] = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                locks = [file.path for file in process.open_files() if file.path.startswith(str(self.settings.runs))]
                if process.pid != os.getpid() and any(Path(path).name == "lock" for path in locks):
                    found.append(process.pid)
        return found

    def engine(self) -> Engine:
        return Engine(self.settings, finder=self.cloud)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for a condition; the test's own time limit ends a wait that would not end."""
    while not condition():
        time.sleep(0.01)


def make_bench(folder: Path, command: Path, **changes: Any) -> Bench:
    cloud = folder / "the cloud"
    project = folder / "the project"
    for path in (cloud, project):
        path.mkdir()
    (project / "Pulumi.yaml").write_text("name: notes\nruntime: python\nmain: src/\n")
    (project / "src").mkdir()
    (project / "src" / "__main__.py").write_text(PROGRAM.read_text())
    values: dict[str, Any] = {
        "command": command,
        "backend_url": (folder / "state").as_uri(),
        "secrets_provider": "passphrase",
        "passphrase_file": ensure_passphrase(folder / "passphrase"),
        "pulumi_home": folder / "home",
        "runs": folder / "runs",
        "environment": {"NOTES_CLOUD": str(cloud)},
        "attach": {"notes": "tests.engine.notes_provider:serve"},
        **changes,
    }
    return _bench(folder, EngineSettings(**values))


def save_bench(bench: Bench) -> Path:
    """Write down a bench, so that another process can use it."""
    path = bench.folder / "bench.json"
    settings = {**dataclasses.asdict(bench.settings)}
    path.write_text(json.dumps({"folder": str(bench.folder), "settings": settings}, default=str))
    return path


def load_bench(path: Path) -> Bench:
    """The bench that `save_bench` wrote."""
    content = json.loads(path.read_text())
    settings = content["settings"]
    for key in ("command", "passphrase_file", "pulumi_home", "runs"):
        settings[key] = None if settings[key] is None else Path(settings[key])
    return _bench(Path(content["folder"]), EngineSettings(**settings))


def _bench(folder: Path, settings: EngineSettings) -> Bench:
    project = Project(name="notes", folder=folder / "the project", preload=("pulumi", "tests.engine.notes_provider"))
    return Bench(folder, settings, project, NotesCloud(folder / "the cloud"))
