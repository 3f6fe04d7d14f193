"""A kind of rule: properties that a type of resources must have, written as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from infra.constraints import UNKNOWN
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.paths import at
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, ResourceCheck


class Given:
    """Stands for any value that is there and is not empty."""

    def __str__(self) -> str:
        return "given"


GIVEN = Given()


@dataclass(frozen=True)
class Want:
    """What a property of a type must be.

    Attributes:
        token: The type token.
        path: The property, with dots for nested ones.
        values: The values that are right; `GIVEN` for any.
        because: What happens otherwise.
        default: What AWS takes where the property is not given.
    """

    token: str
    path: str
    values: tuple[Any, ...]
    because: str
    default: Any = None


def types(wants: Sequence[Want]) -> frozenset[str]:
    """The types that a table is about."""
    return frozenset(want.token for want in wants)


def check(wants: Sequence[Want]) -> ResourceCheck:
    """The check of a table."""

    def found(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
        del expected
        for want in wants:
            if want.token == resource.type:
                value = at(resource.properties, want.path)
                value = want.default if value is None else value
                if value is not UNKNOWN and not _is_right(value, want.values):
                    yield Finding(property=want.path, message=want.because, remedy=f"set it to {_wanted(want.values)}")

    return found


def _is_right(value: Any, values: tuple[Any, ...]) -> bool:
    return bool(value) if GIVEN in values else value in values


def _wanted(values: tuple[Any, ...]) -> str:
    if GIVEN in values:
        return "the owner's"
    return " or ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
