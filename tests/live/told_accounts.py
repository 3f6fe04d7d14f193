"""Accounts that answer what a test tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.live import Account, Live, read
from infra.live.account import Absent, Answer, Unread
from infra.proof.facts import Record
from tests.live.worlds import ACCOUNT, REGION

Answers = Mapping[str, Any]


class Told(Account):
    """An account that answers what it is told: operation, and for reads of one resource its name, to an answer.

    Args:
        answers: ``list_roles`` or ``get_role_policy r`` to the answer, or the error to raise; else there is nothing.
    """

    def __init__(self, answers: Answers) -> None:
        super().__init__(())
        self._told = answers

    @property
    def id(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return ACCOUNT

    @property
    def region(self) -> str:
        return REGION

    def read(self, service: str, operation: str, **parameters: Any) -> Answer:
        given = [str(value) for value in parameters.values() if isinstance(value, str)]
        for key in (f"{service} {operation} {' '.join(given)}", f"{service} {operation}"):
            if key in self._told:
                answer = self._told[key]
                if isinstance(answer, Exception):
                    raise answer
                return answer
        raise Absent(operation)


def read_told(answers: Answers) -> Live:
    """What is read of an account that answers so."""
    return read(Told(answers), workers=2)


def denied(service: str, operation: str) -> Unread:
    """An answer that is a refusal."""
    return Unread(service, operation, "AccessDenied", "no identity-based policy allows it")


def of_type(found: Live, token: str) -> list[Record]:
    """The records of a type."""
    return [each for each in found.records if each.type == token]
