"""Reads JSON that somebody else wrote: bounded in size and depth, and every refusal names the file and the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from infra.errors import UserError

#: An export of 5,000 resources has about 10 MB.
MOST_BYTES = 64 * 1024 * 1024
#: The provider's own properties are nested less than twenty deep.
MOST_DEEP = 64

_Shape = TypeVar("_Shape")


class Unreadable(UserError):
    """An input that is not what it should be."""


def read_file(path: Path) -> bytes:
    """The content of a file.

    Raises:
        Unreadable: It is not there, is no plain file, cannot be read or is too large.
    """
    try:
        if not path.is_file():
            raise Unreadable("there is no such file", "name a file that is there", where=str(path))
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as problem:
        raise Unreadable(
            f"it cannot be read: {problem.strerror}", "make the file readable", where=str(path)
        ) from problem
    _bounded(content, str(path))
    return content


def decoded(content: bytes, shape: type[_Shape], where: str, what: str) -> _Shape:
    """What JSON text says, in its shape.

    Args:
        content: The text in UTF-8.
        shape: What is expected of it.
        where: The file that it came from.
        what: What is expected, for messages: "the output of `pulumi stack export`".

    Raises:
        Unreadable: It is too large, no JSON, or of another shape.
    """
    _bounded(content, where)
    try:
        return msgspec.json.decode(content, type=shape)
    except RecursionError:
        raise Unreadable("it is nested too deeply", f"give {what}", where=where) from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as problem:
        raise Unreadable(f"it is not {what}: {problem}", f"write {what} to the file anew", where=where) from None


def shaped(value: object, shape: type[_Shape], where: str, what: str) -> _Shape:
    """A value that was read already, in its shape.

    Raises:
        Unreadable: It is of another shape.
    """
    try:
        return msgspec.convert(value, type=shape)
    except RecursionError:
        raise Unreadable("it is nested too deeply", f"give {what}", where=where) from None
    except (msgspec.ValidationError, ValueError) as problem:
        raise Unreadable(f"it is not {what}: {problem}", f"write {what} to the file anew", where=where) from None


def plain(value: object) -> dict[str, Any] | None:
    """A JSON object; None for what is none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _bounded(content: bytes, where: str) -> None:
    if len(content) > MOST_BYTES:
        raise Unreadable(
            f"it has more than {MOST_BYTES // 1024 // 1024} MiB",
            "give one file a stack, and only stacks: no export of this platform comes near that size",
            where=where,
        )
