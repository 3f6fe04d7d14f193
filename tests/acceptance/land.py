"""A checkout's view of an estate of its own: a temporary home and specs, and the command line run as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.engine.settings import inherited_environment
from infra.operations.workspace import Workspace
from infra.settings import ROOT, Settings

BULKHEAD = Path(sys.executable).parent / "bulkhead"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def document(self) -> dict[str, Any]:
        """What it printed with ``--json``."""
        return json.loads(self.out)

    def stack(self, name: str) -> dict[str, Any]:
        """What it printed of one stack with ``--json``."""
        return next(each for each in self.document()["stacks"] if each["stack"] == name)


@dataclass
class Land:
    """A home, specs that tests may edit, and commands over them.

    Args:
        folder: An empty folder.
        variables: Further environment variables of the commands.
    """

    folder: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.specs = self.folder / "specs"
        self.home = self.folder / "home"
        self.platform = self.folder / "platform.yaml"
        shutil.copytree(ROOT / "tenant_stacks" / "specs", self.specs)
        shutil.copy(ROOT / "stacks" / "platform.yaml", self.platform)

    @property
    def settings(self) -> Settings:
        """The settings that the commands see."""
        return Settings(home=self.home, specs=self.specs, platform_spec=self.platform)

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of the commands."""
        return {
            **inherited_environment(),
            "BULKHEAD_HOME": str(self.home),
            "BULKHEAD_SPECS": str(self.specs),
            "BULKHEAD_PLATFORM_SPEC": str(self.platform),
            **{name: os.environ[name] for name in ("XDG_CACHE_HOME",) if name in os.environ},
            **self.variables,
            **more,
        }

    def run(self, *arguments: str, **more: str) -> Ended:
        """Run `bulkhead` to its end."""
        done = subprocess.run(
            [BULKHEAD, *arguments],
            env=self.environment(**more),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def succeed(self, *arguments: str) -> Ended:
        """Run `bulkhead`, which must exit with 0."""
        ended = self.run(*arguments)
        assert ended.code == 0, f"bulkhead {' '.join(arguments)}: {ended.out}\n{ended.err}"
        return ended

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `bulkhead` in a session of its own, as a terminal would."""
        return subprocess.Popen(
            [BULKHEAD, *arguments],
            env=self.environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def workspace(self) -> Workspace:
        """The same estate for code."""
        return Workspace(self.settings)

    def edit(self, tenant: str, old: str, new: str) -> None:
        """Change a tenant's spec; `old` must be in it."""
        path = self.specs / f"{tenant}.yaml"
        text = path.read_text()
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new))

    def client(self, service: str) -> Any:
        """A boto3 client of the embedded cloud, with the provisioning credentials."""
        with self.workspace() as workspace:
            return workspace.cloud.client(service)

    def state(self) -> Mapping[str, bytes]:
        """All state of the backend, to compare."""
        stacks = self.home / "state" / ".pulumi" / "stacks"
        return {str(path.relative_to(stacks)): path.read_bytes() for path in sorted(stacks.glob("*/*.json"))}
