"""A reason for which AWS refuses a policy document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What a refusal is about, so that a reader can choose among the refusals of a document."""

    SYNTAX = "syntax"
    VERSION = "version"
    SID = "sid"
    ELEMENT = "element"
    ACTION = "action"
    RESOURCE = "resource"
    PRINCIPAL = "principal"
    CONDITION = "condition"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for which AWS refuses a document.

    Attributes:
        path: The place in the document, for example ``Statement[0].Action[1]``; empty for the whole document.
        message: What AWS answers, as far as it is known, and then what is wrong, naming the value.
        source: The page of AWS's documentation, by title.
        subject: What it is about.
    """

    path: str
    message: str
    source: str
    subject: Subject = Subject.SYNTAX

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.message} ({self.source})"
