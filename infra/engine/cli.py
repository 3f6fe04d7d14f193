"""Calls of the engine that run no program: looking at stacks, making and removing them, moving state in and out."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi.automation._cmd import CommandResult

from infra.engine.classify import command_error
from infra.engine.model import StackRef


@dataclass(frozen=True)
class Cli:
    """The engine's command line.

    Args:
        command: The executable.
        environment: The whole environment of its calls.
    """

    command: Path
    environment: Mapping[str, str]

    def run(self, arguments: list[str], folder: Path, ref: StackRef | None = None) -> CommandResult:
        """Run a command without a terminal and collect what it prints.

        Args:
            arguments: As after ``pulumi``.
            folder: The working folder; one with a ``Pulumi.yaml``.
            ref: The stack that it is about, for messages.

        Raises:
            EngineError: it failed; typed by `infra.engine.classify`.
        """
        finished = subprocess.run(
            [str(self.command), *arguments, "--non-interactive", "--color", "never"],
            cwd=folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        result = CommandResult(stdout=finished.stdout, stderr=finished.stderr, code=finished.returncode)
        if result.code != 0:
            raise command_error(result, where=str(ref) if ref else str(folder))
        return result
