"""Read one YAML file into plain data that remembers on which line each key stands.

A spec is data that a reviewer reads: no tags, anchors, aliases or merge keys, no key twice, and bounded in size and
depth, so that no file can make its reader construct objects or grow without limit. Scalars follow YAML 1.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

from infra.spec.errors import KeyPath, SpecProblem, shown

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
#: More than an estate has files: read in turn, fewer would each be forgotten before its next turn.
_MOST_REMEMBERED = 8_192
_CORE = "tag:yaml.org,2002:"
#: Dates and merge keys have no meaning in a spec: they stay the text that was written.
_AS_WRITTEN = frozenset({_CORE + "str", _CORE + "timestamp", _CORE + "merge"})


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file's content.

    Attributes:
        file: Where it was read from.
        data: The document, a mapping of plain values.
        lines: The line, from 1, of each key and list entry.
    """

    file: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int]

    def __contains__(self, path: KeyPath) -> bool:
        return path in self.lines

    def line(self, path: KeyPath) -> int:
        """The line of `path`, or of the nearest key above it that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_source(file: Path) -> tuple[Source | None, list[SpecProblem]]:
    """The content of `file`, or None, and what is wrong with it as YAML.

    A file is parsed once a process for each content that it has: nobody may change what is returned.

    Args:
        file: A YAML file of at most 256 KiB in UTF-8.
    """
    try:
        raw = _read(file)
    except _UnreadableError as error:
        return None, [SpecProblem(file=file, message=str(error), remedy=error.remedy)]
    source, problems = _remembered(file, raw)
    return source, list(problems)


def source_of(file: Path, raw: bytes) -> tuple[Source | None, list[SpecProblem]]:
    """What `raw`, the content of `file`, says, or None, and what is wrong with it as YAML.

    Args:
        file: Its file, for messages; it is not read.
        raw: At most 256 KiB of YAML in UTF-8.
    """
    try:
        text = _decoded(raw)
    except _UnreadableError as error:
        return None, [SpecProblem(file=file, message=str(error), remedy=error.remedy)]
    reader = _Reader(file)
    try:
        data = reader.read(text)
    except YAMLError as error:
        return None, [*reader.problems, _syntax_problem(file, error)]
    except _StopReadingError:
        return None, reader.problems
    if not isinstance(data, dict):
        reader.complain((), 1, data, "not a mapping of keys to values", "write the spec as `key: value` lines")
        return None, reader.problems
    return Source(file=file, data=cast("dict[str, Any]", data), lines=reader.lines), reader.problems


@lru_cache(maxsize=_MOST_REMEMBERED)
def _remembered(file: Path, raw: bytes) -> tuple[Source | None, tuple[SpecProblem, ...]]:
    source, problems = source_of(file, raw)
    return source, tuple(problems)


class _UnreadableError(Exception):
    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class _StopReadingError(Exception):
    """The rest of the document is not worth reading."""


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _UnreadableError("the file does not exist", "create it, or correct the path") from None
    except OSError as error:
        raise _UnreadableError(f"cannot be read: {error.strerror}", "make it a readable file") from None


def _decoded(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise _UnreadableError(f"larger than {MAX_BYTES // 1024} KiB", "a spec is a small file; split or shorten it")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _UnreadableError(f"not UTF-8 at byte {error.start}", "save the file as UTF-8") from None


def _syntax_problem(file: Path, error: YAMLError) -> SpecProblem:
    if not isinstance(error, MarkedYAMLError):
        reason, _, _ = str(error).partition("\n")
        return SpecProblem(file=file, message=f"not valid YAML: {reason}", remedy="remove what YAML does not allow")
    marked = cast("Any", error)
    reason = " ".join(str(part) for part in (marked.context, marked.problem) if part)
    line = None if marked.problem_mark is None else int(marked.problem_mark.line) + 1
    return SpecProblem(file=file, line=line, message=f"not valid YAML: {reason}", remedy="correct the syntax")


@dataclass
class _Reader:
    """Builds plain data from the parser's events, so that nothing is constructed that a limit forbids."""

    file: Path
    problems: list[SpecProblem] = field(default_factory=list[SpecProblem])
    lines: dict[KeyPath, int] = field(default_factory=dict[KeyPath, int])

    def read(self, text: str) -> Any:
        yaml = cast("Any", YAML(typ="safe", pure=True))
        self._resolve: Callable[..., object] = yaml.resolver.resolve
        self._construct: Callable[[ScalarNode], object] = yaml.constructor.construct_object
        events: Iterator[Any] = yaml.parse(text)
        self._events = (event for event in events if not isinstance(event, (StreamStartEvent, StreamEndEvent)))
        start = next(self._events, None)
        if start is None:
            self.stop((), 1, None, "the file is empty", "write the spec")
        if start.version or start.tags:
            self.stop((), _line(start), None, "YAML directives are not read here", "remove the lines that start with %")
        data = self.value(next(self._events), ())
        next(self._events)  # the end of the document
        more = next(self._events, None)
        if more is not None:
            self.stop(
                (), _line(more), None, "a second document starts here", "one file holds one spec; remove the `---`"
            )
        return data

    def complain(self, path: KeyPath, line: int, value: object, message: str, remedy: str) -> None:
        written = None if value is None else shown(value)
        self.problems.append(
            SpecProblem(file=self.file, line=line, path=path, value=written, message=message, remedy=remedy)
        )

    def stop(self, path: KeyPath, line: int, value: object, message: str, remedy: str) -> NoReturn:
        self.complain(path, line, value, message, remedy)
        raise _StopReadingError

    def value(self, event: Any, path: KeyPath) -> Any:
        line = _line(event)
        if isinstance(event, AliasEvent) or event.anchor is not None:
            self.stop(path, line, None, "anchors and aliases are not read here", "write the value out")
        if event.tag is not None:
            self.stop(path, line, str(event.tag), "tags are not read here", "write a plain value")
        if len(path) > MAX_DEPTH:
            self.stop(path[:3], line, None, f"nested deeper than {MAX_DEPTH} levels", "a spec is not that deep")
        if isinstance(event, MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event, path)

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for event in iter(self._events.__next__, None):
            if isinstance(event, MappingEndEvent):
                break
            line = _line(event)
            key = self.value(event, (*path, "?"))
            if not isinstance(key, str):
                self.stop(path, line, key, "a key must be text", "put it in quotes")
            here = (*path, key)
            if key in result:
                first = self.lines[here]
                self.complain(here, line, None, f"the key is there twice, first in line {first}", "remove one of them")
            self.lines.setdefault(here, line)
            result[key] = self.value(next(self._events), here)
        return result

    def sequence(self, path: KeyPath) -> list[Any]:
        result: list[Any] = []
        for event in iter(self._events.__next__, None):
            if isinstance(event, SequenceEndEvent):
                break
            here = (*path, len(result))
            self.lines[here] = _line(event)
            result.append(self.value(event, here))
        return result

    def scalar(self, event: Any, path: KeyPath) -> object:
        text = str(event.value)
        tag = self._resolve(ScalarNode, text, event.implicit)
        if str(tag) in _AS_WRITTEN:
            return text
        try:
            return self._construct(ScalarNode(tag, text, event.start_mark, event.end_mark))
        except ValueError:
            self.stop(path, _line(event), text, "the number is too long", "put it in quotes if it is text")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
