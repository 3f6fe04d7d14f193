"""What a rule is: types of resources, a check, and where AWS says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra.constraints.planned import PlannedResource


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found.

    Attributes:
        property: The property's path, for example ``notifications[0].threshold``.
        message: What is wrong with it, naming the value.
        remedy: What to do; the rule's own remedy where it is empty.
    """

    property: str
    message: str
    remedy: str = ""


Check = Callable[[PlannedResource], Iterator[Finding]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A constraint of AWS on a single resource.

    Attributes:
        id: Stable, for example ``iam-role-name``.
        title: The constraint in one sentence.
        types: The type tokens that it is about; empty for every type of AWS.
        source: The page of AWS's documentation, by title.
        remedy: What to do about a finding that names no better remedy.
        check: Yields what is wrong; says nothing about what is unknown.
    """

    id: str
    title: str
    types: frozenset[str]
    source: str
    remedy: str
    check: Check


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A resource that breaks a rule."""

    rule: Rule
    resource: PlannedResource
    property: str
    message: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.resource.type} {self.resource.name}: {self.property}"
        return f"{where}: {self.message} ({self.rule.id}; {self.rule.source})\n    remedy: {self.remedy}"
