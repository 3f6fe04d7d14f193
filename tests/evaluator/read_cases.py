"""The evaluator's cases: one request of `bulkhead simulate` each, with the decision that AWS documents for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from infra.evaluator.simulate import answer

CASES = Path(__file__).parent / "cases"


class Case(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One request, the decision on it and where AWS documents it.

    Attributes:
        title: What the case shows.
        page: The title of the page of AWS's documentation that it comes from.
        request: One line of input of `bulkhead simulate`.
        expect: The decision.
        because: A phrase that the reason must contain, in any case.
        statements: Sids that must be among the statements that decided.
    """

    title: str
    page: str
    request: dict[str, Any]
    expect: str
    because: str | None = None
    statements: tuple[str, ...] = ()


class Answer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One line of output of `bulkhead simulate`."""

    id: object
    decision: str
    reason: str
    statements: list[str]


def cases_by_file() -> dict[str, list[Case]]:
    """All cases, by the name of their file below `cases`, without its suffix."""
    return {
        path.relative_to(CASES).with_suffix("").as_posix(): msgspec.json.decode(path.read_bytes(), type=list[Case])
        for path in sorted(CASES.rglob("*.json"))
    }


def answered(request: Mapping[str, Any]) -> Answer:
    """The answer of `bulkhead simulate` to one request."""
    return msgspec.json.decode(answer(json.dumps(request).encode()), type=Answer)


def differences(case: Case) -> list[str]:
    """What the answer to a case has otherwise than the case expects; empty if it is as expected."""
    return list(_differences(case, answered(case.request)))


def _differences(case: Case, found: Answer) -> Iterator[str]:
    if found.decision != case.expect:
        yield f"{found.decision} instead of {case.expect}"
    if case.because is not None and case.because.lower() not in found.reason.lower():
        yield f"the reason does not say {case.because!r}"
    for sid in case.statements:
        if not any(f"({sid})" in statement for statement in found.statements):
            yield f"statement {sid} is not among those that decided: {found.statements}"
    if found.id != case.request["id"]:
        yield f"the answer is to {found.id!r}"
