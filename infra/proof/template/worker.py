"""Reads deployments in a process of its own, told what to read by its input, and telling what it read by its output.

Other than a pool of `multiprocessing`, it does not import the program that asks, which may not expect that.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from infra.proof.facts import Owners, Unreadable
from infra.proof.template.cache import digest
from infra.proof.template.forms import Read
from infra.proof.template.inputs import Input
from infra.proof.template.stacks import Summary, summary


class _Job(msgspec.Struct, array_like=True):
    """Deployments by name, each with its content or its file, and what their reading depends on beside them."""

    inputs: Sequence[tuple[str, bytes | None, str | None]]
    owners: dict[str, str] | None
    managed: dict[str, str]


def read_one(
    one: Input, owners: Owners | None, managed: Mapping[str, str], known: dict[bytes, Read]
) -> tuple[bytes, Summary]:
    """The digest and the summary of a deployment.

    Args:
        one: The deployment.
        owners: Whose is what.
        managed: The documents of policies that no input holds, by ARN.
        known: What was found in documents before; those of this deployment are added.

    Raises:
        Unreadable: It is no export of a stack.
    """
    content = one.read()
    return digest(content), summary(content, one.where, owners, managed, known)


def read_apart(
    inputs: Sequence[Input], owners: Mapping[str, str] | None, managed: Mapping[str, str]
) -> list[tuple[bytes, Summary]]:
    """The digests and summaries of deployments, read by a process of its own, up to the first that it could not read.

    Args:
        inputs: The deployments.
        owners: The mapping of owners.
        managed: The documents of policies that no input holds, by ARN.
    """
    listed = [_told(one) for one in inputs]
    job = _Job(listed, None if owners is None else dict(owners), dict(managed))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=msgspec.msgpack.encode(job),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            check=True,
        )
        return msgspec.msgpack.decode(done.stdout, type=list[tuple[bytes, Summary]])
    except (OSError, subprocess.CalledProcessError, msgspec.DecodeError):
        return []


def _told(one: Input) -> tuple[str, bytes | None, str | None]:
    if isinstance(one.content, Path):
        return one.name, None, str(one.content.absolute())
    return one.name, one.content, None


def main() -> None:
    """Read what the standard input tells."""
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Job)
    owners = None if job.owners is None else Owners(job.owners)
    known: dict[bytes, Read] = {}
    found: list[tuple[bytes, Summary]] = []
    with suppress(Unreadable):
        for name, content, path in job.inputs:
            one = Input(name, Path(path or "") if content is None else content)
            found.append(read_one(one, owners, job.managed, known))
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


if __name__ == "__main__":
    main()
