"""Runs the commands in process, on exports in files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from infra.cli.main import app
from tests.proof.facts.exports import Stack, allow

READS_ALL = allow("s3:GetObject", resource="arn:aws:s3:::*")
READS_OWN = allow("s3:GetObject", resource="arn:aws:s3:::acme-data/*")


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote to where."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it wrote, as JSON."""
        return json.loads(self.out)


def run(*arguments: str | Path) -> Ended:
    """Run a command."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="bulkhead")
    return Ended(result.exit_code, result.stdout, result.stderr)


def acme(policy: str | None = None) -> Stack:
    """A tenant with a role."""
    stack = Stack("acme")
    stack.role("reader")
    if policy is not None:
        stack.add("aws:iam/rolePolicy:RolePolicy", "reads", {"role": "reader", "name": "reads", "policy": policy})
    return stack


def globex() -> Stack:
    """A tenant with a bucket."""
    stack = Stack("globex")
    stack.bucket("globex-data")
    return stack


def written(folder: Path, *stacks: Stack) -> Path:
    """A folder with the exports of stacks, a file each."""
    folder.mkdir(exist_ok=True)
    for stack in stacks:
        (folder / f"{stack.name}.json").write_text(json.dumps(stack.export()))
    return folder
