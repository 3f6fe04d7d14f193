"""Where each value of a spec came from: its own file, or the defaults of its tier in the platform's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from infra.spec.errors import KeyPath, SpecProblem, shown
from infra.spec.source import Source

_ABSENT = object()


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The document that a spec is parsed from, and the files that its values were written in.

    Attributes:
        data: The document, with the defaults merged in.
        own: The spec's own file.
        defaults: The file that holds the defaults, if there are any.
        prefix: The way to the defaults in that file, for example ``("tiers", "pool")``.
    """

    data: Mapping[str, Any]
    own: Source
    defaults: Source | None = None
    prefix: KeyPath = ()

    def problem(self, path: KeyPath, message: str, remedy: str) -> SpecProblem:
        """The problem of the value at `path`, in the file in which that value was written."""
        value = self._value(path) if path else _ABSENT
        written = None if value is _ABSENT or isinstance(value, (Mapping, list)) else shown(value)
        source, path = self._place(path)
        line = source.line(path)
        return SpecProblem(file=source.file, line=line, path=path, value=written, message=message, remedy=remedy)

    def _place(self, path: KeyPath) -> tuple[Source, KeyPath]:
        if self.defaults is not None and path not in self.own and (*self.prefix, *path) in self.defaults:
            return self.defaults, (*self.prefix, *path)
        return self.own, path

    def _value(self, path: KeyPath) -> object:
        value: Any = self.data
        for part in path:
            if isinstance(part, str) and isinstance(value, Mapping):
                value = cast("Mapping[str, Any]", value).get(part, _ABSENT)
            elif isinstance(part, int) and isinstance(value, Sequence) and part < len(cast("Sequence[Any]", value)):
                value = cast("Sequence[Any]", value)[part]
            else:
                return _ABSENT
        return value
