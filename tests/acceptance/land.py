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

from platformdirs import user_cache_path

from infra.engine.settings import inherited_environment
from infra.operations.workspace import Workspace
from infra.sandbox import Sandbox
from infra.settings import ROOT, Settings

BIN = Path(sys.executable).parent


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

    def said(self) -> str:
        """All that it printed."""
        return f"{self.out}\n{self.err}"


@dataclass
class Land:
    """A home, specs that tests may edit, and commands over them.

    Args:
        folder: An empty folder.
    """

    folder: Path
    _clients: dict[str, Any] = field(default_factory=dict[str, Any])

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

    @property
    def sandbox(self) -> Sandbox:
        """The embedded cloud of this home."""
        return Sandbox(self.home / "sandbox")

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of the commands."""
        return {
            **inherited_environment(),
            "BULKHEAD_HOME": str(self.home),
            "BULKHEAD_SPECS": str(self.specs),
            "BULKHEAD_PLATFORM_SPEC": str(self.platform),
            "XDG_CACHE_HOME": str(user_cache_path("bulkhead").parent),
            **more,
        }

    def run(self, *arguments: str, **more: str) -> Ended:
        """Run `bulkhead` to its end; `more` are further environment variables."""
        return self.execute([BIN / "bulkhead", *arguments], **more)

    def execute(self, command: list[str | Path], **more: str) -> Ended:
        """Run any command to its end, in the environment of the commands."""
        done = subprocess.run(
            command,
            env=self.environment(**more),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def plain(self, script: str) -> Ended:
        """Run a shell script with plain `pulumi` commands, as `bulkhead env` enables them, in copies of the projects.

        The copies are in ``checkout``: plain commands write files beside a project's own.
        """
        checkout = self.folder / "checkout"
        if not checkout.exists():
            for project in ("stacks", "tenant_stacks"):
                shutil.copytree(ROOT / project, checkout / project, ignore=shutil.ignore_patterns("Pulumi.*.yaml"))
            shutil.copy(ROOT / "Pulumi.yaml", checkout)
            (checkout / ".venv").symlink_to(sys.prefix)
        path = os.pathsep.join([str(BIN), os.environ["PATH"]])
        return self.execute(["bash", "-euc", f'eval "$(bulkhead env)"\ncd checkout\n{script}'], PATH=path)

    def succeed(self, *arguments: str) -> Ended:
        """Run `bulkhead`, which must exit with 0."""
        ended = self.run(*arguments)
        assert ended.code == 0, f"bulkhead {' '.join(arguments)}: {ended.said()}"
        return ended

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start `bulkhead` as the foreground job of a terminal, the leader of a process group; `more` as for `run`."""
        return subprocess.Popen(
            [BIN / "bulkhead", *arguments],
            env=self.environment(**more),
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

    def client(self, service: str, *, provisioning: bool = False) -> Any:
        """A boto3 client of the embedded cloud.

        Args:
            service: boto3's name of the service.
            provisioning: With the credentials of the role that provisions tenants, not the account's own: tenants'
                buckets are closed to that.
        """
        name = f"{service} {provisioning}"
        if name not in self._clients:
            with self.workspace() as workspace:
                session = workspace.cloud.provisioning_session() if provisioning else None
                self._clients[name] = workspace.cloud.client(service, session)
        return self._clients[name]

    def edit(self, tenant: str, old: str, new: str) -> None:
        """Change a tenant's spec; `old` must be in it."""
        path = self.specs / f"{tenant}.yaml"
        text = path.read_text()
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new))

    def add(self, tenant: str, cidr: str) -> None:
        """A spec for a further tenant like acme that may be destroyed."""
        text = (self.specs / "acme.yaml").read_text()
        for old, new in (
            ("id: acme\n", f"id: {tenant}\n"),
            ("10.64.0.0/24", cidr),
            ("prevent_deletion: true", "prevent_deletion: false"),
        ):
            assert old in text
            text = text.replace(old, new)
        (self.specs / f"{tenant}.yaml").write_text(text)

    def state(self) -> Mapping[str, bytes]:
        """All state of the backend, to compare."""
        stacks = self.home / "state" / ".pulumi" / "stacks"
        return {str(path.relative_to(stacks)): path.read_bytes() for path in sorted(stacks.glob("*/*.json"))}

    def resources(self, stack: str = "") -> set[tuple[str, str]]:
        """What a stack has in its state, by default all stacks, as pairs of type token and physical id."""
        states = [state for name, state in self.state().items() if name.endswith(f"{stack}.json")]
        deployments: list[dict[str, Any]] = [json.loads(state)["checkpoint"]["latest"] for state in states]
        listed: list[dict[str, Any]] = [each for deployment in deployments for each in deployment["resources"]]
        return {(each["type"], each["id"]) for each in listed if each["type"].startswith("aws:")}


@dataclass(frozen=True)
class Demo:
    """The demo's estate.

    Args:
        land: Its home.
        empty: What its cloud had before.
        first: How the demo ended.
    """

    land: Land
    empty: set[tuple[str, str]]
    first: Ended
