"""What is to be proven: the deployments, previews and folders that an estate is read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from infra.proof.facts import Record, read_deployment, read_folder, read_preview
from infra.proof.facts.folder import read_answer
from infra.proof.facts.inputs import read_file


class Kind(StrEnum):
    """What an input is."""

    #: The output of `pulumi stack export`.
    DEPLOYMENT = "deployment"
    #: The output of `pulumi preview --json`, or the engine's events of a preview.
    PREVIEW = "preview"
    #: A folder of JSON as the AWS CLI writes it.
    FOLDER = "folder"
    #: A file of such a folder.
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Input:
    """One deployment, preview or folder.

    A preview takes the place of the deployment that has the same name, and completes itself from it.

    Args:
        name: How messages call it; for stacks their name.
        content: Its bytes, or the file or folder that holds it.
        kind: What it is.
    """

    name: str
    content: bytes | Path
    kind: Kind = Kind.DEPLOYMENT

    @property
    def where(self) -> str:
        """The place that messages name."""
        return str(self.content) if isinstance(self.content, Path) else self.name

    def read(self) -> bytes:
        """The bytes of a deployment or preview.

        Raises:
            Unreadable: There is no such file, it cannot be read or is too large.
        """
        return read_file(self.content) if isinstance(self.content, Path) else self.content


def records_of(one: Input) -> tuple[Record, ...]:
    """The records of a deployment.

    Raises:
        Unreadable: It is not what it should be.
    """
    return read_deployment(one.read(), one.where)


def records_of_all(inputs: Iterable[Input]) -> Iterator[Record]:
    """The records of all inputs, in their order; previews take the place of their deployments.

    Raises:
        Unreadable: One is not what it should be.
    """
    given = list(inputs)
    planned = {one.name for one in given if one.kind is Kind.PREVIEW}
    deployed = {one.name: one for one in given if one.kind is Kind.DEPLOYMENT and one.name in planned}
    for one in given:
        if one.kind is Kind.PREVIEW:
            before = records_of(deployed[one.name]) if one.name in deployed else ()
            yield from read_preview(one.read(), one.where, deployed=before)
        elif one.kind is Kind.FOLDER:
            yield from _folder(one)
        elif one.kind is Kind.ANSWER:
            yield from read_answer(one.read(), one.where)
        elif one.name not in planned:
            yield from records_of(one)


def _folder(one: Input) -> tuple[Record, ...]:
    if isinstance(one.content, bytes):
        raise TypeError("a folder is given by its path")
    return read_folder(one.content)
