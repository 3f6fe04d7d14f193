"""What is wrong with the specs: every problem of every file, in one error."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.errors import UserError

#: The way to a value in a document: keys of mappings and positions in lists.
KeyPath = tuple[str | int, ...]

_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class SpecProblem:
    """One thing that is wrong with one value of one file.

    Attributes:
        file: The file that holds the value.
        line: Its line, from 1; None where the whole file is meant.
        path: The way to the value; empty for the document.
        value: The value as it would be written; None where there is none.
        message: What is wrong, in plain words.
        remedy: What to write instead.
    """

    file: Path
    line: int | None = None
    path: KeyPath = ()
    value: str | None = None
    message: str
    remedy: str

    @property
    def key(self) -> str:
        """The path as people write it, for example ``models[0].instance_type``."""
        return dotted(self.path)

    def __str__(self) -> str:
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        subject = self.key if self.value is None else f"{self.key} = {self.value}" if self.key else self.value
        return ": ".join(part for part in (place, subject, self.message) if part) + f"\n    remedy: {self.remedy}"


class SpecErrors(UserError):
    """The specs cannot be used; `problems` holds every reason, ordered by file and line."""

    def __init__(self, problems: Iterable[SpecProblem]) -> None:
        self.problems: tuple[SpecProblem, ...] = tuple(
            sorted(dict.fromkeys(problems), key=lambda problem: (str(problem.file), problem.line or 0, problem.key))
        )
        count = len(self.problems)
        heading = "the specs have a problem" if count == 1 else f"the specs have {count} problems"
        super().__init__("\n  ".join([f"{heading}:", *map(str, self.problems)]))


def dotted(path: KeyPath) -> str:
    """A key path as people write it, for example ``models[0].name``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def shown(value: Any) -> str:
    """A value as it is shown in a message: on one line, and short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
