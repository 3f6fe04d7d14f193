"""The files and folders that a proof or query is told to read: what each is, and which stack it is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from infra.operations.exports import StackExport
from infra.proof.facts.inputs import Unreadable, read_file
from infra.proof.facts.kinds import WHAT, InputKind, told
from infra.proof.template import Input, Kind

_MOST_FILES = 10_000
_URN = re.compile(rb'urn:pulumi:(?P<stack>[^:\s"]{1,100})::(?P<project>[^:\s"]{1,100})::')


@dataclass(frozen=True, kw_only=True)
class Given:
    """One input.

    Args:
        name: What messages call it: its file, or its stack.
        kind: What it is.
        content: Its content, or the file that holds it.
        stack: Its stack as ``project/stack``; None where it is of none.
    """

    name: str
    kind: InputKind
    content: bytes | Path
    stack: str | None = None

    @property
    def input(self) -> Input:
        """It as the proof takes it; a preview has the name of the export of its stack."""
        return Input(self.name, self.content, _KINDS[self.kind])


_KINDS = {InputKind.EXPORT: Kind.DEPLOYMENT, InputKind.PREVIEW: Kind.PREVIEW, InputKind.ANSWER: Kind.ANSWER}


def read_files(paths: Sequence[Path], *, stacks: Sequence[str] = ()) -> list[Given]:
    """Read files, and all JSON files in folders.

    A preview of a stack takes the place of the stack's export, which then says what stays as it is.

    Args:
        paths: Files and folders.
        stacks: Only these stacks: ``acme``, or ``project/acme``; all where there are none.

    Raises:
        Unreadable: something cannot be read, or there is no such stack.
    """
    given = [_given(file) for path in paths for file in _files(path)]
    return _previewed(_chosen(given, stacks))


def of_backend(exports: Iterable[StackExport], *, stacks: Sequence[str] = ()) -> list[Given]:
    """The exports of a backend as inputs.

    Args:
        exports: The exports.
        stacks: Only these stacks; all where there are none.

    Raises:
        Unreadable: there is no such stack.
    """
    given = [
        Given(name=str(one.ref), kind=InputKind.EXPORT, content=one.content, stack=str(one.ref)) for one in exports
    ]
    return _chosen(given, stacks)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    files = sorted(each for each in path.rglob("*.json") if not each.is_symlink())
    if not 0 < len(files) <= _MOST_FILES:
        raise Unreadable(
            f"it holds {len(files)} JSON files", f"give one to {_MOST_FILES} files of {WHAT}", where=str(path)
        )
    yield from files


def _given(file: Path) -> Given:
    read = read_file(file)
    kind, content = told(read, str(file))
    found = _URN.search(content) if kind is not InputKind.ANSWER else None
    stack = "/".join(found[part].decode(errors="replace") for part in ("project", "stack")) if found else None
    # A thousand exports are not kept in memory: what can be read again is.
    return Given(name=str(file), kind=kind, content=file if content is read else content, stack=stack)


def _chosen(given: list[Given], stacks: Sequence[str]) -> list[Given]:
    if not stacks:
        return given
    known = sorted({one.stack for one in given if one.stack})
    for name in stacks:
        if not any(_is_called(one, name) for one in given):
            raise Unreadable(
                f"there is no stack {name!r}", f"choose from {', '.join(known) or 'none: the input has no stacks'}"
            )
    return [one for one in given if any(_is_called(one, name) for name in stacks)]


def _is_called(one: Given, name: str) -> bool:
    return one.stack is not None and name in (one.stack, one.stack.partition("/")[2])


def _previewed(given: list[Given]) -> list[Given]:
    """The inputs, each stack once, with its preview: the export takes the preview's name, by which it is found."""
    kept: dict[tuple[str, InputKind], Given] = {}
    for one in given:
        if one.stack is not None and (first := kept.setdefault((one.stack, one.kind), one)) is not one:
            raise Unreadable(f"the stack {one.stack} is in {first.name} already", "give each once", where=one.name)
    previews = {stack: one for (stack, kind), one in kept.items() if kind is InputKind.PREVIEW}
    return [replace(one, name=previews[one.stack].name) if one.stack in previews else one for one in given]
