"""Serves what each kind of problem means, at the address in its ``type``.

Source: RFC 9457 "Problem Details for HTTP APIs", section 3.1.1: a type that can be resolved should lead to its
documentation.
"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from infra.api.problems.kinds import PATH, Kind, KindRow
from infra.api.problems.problem import ProblemError

router = APIRouter(prefix=PATH, tags=["problems"])


class KindDocument(BaseModel, frozen=True):
    """What a kind of problem means."""

    type: str
    status: int
    title: str
    remedy: str


@router.get("")
async def list_kinds() -> list[KindDocument]:
    """All kinds of problem that the API answers with."""
    return [_document(kind.value) for kind in Kind]


@router.get("/{slug}")
async def get_kind(slug: str) -> KindDocument:
    """One kind of problem."""
    for kind in Kind:
        if kind.value.slug == slug:
            return _document(kind.value)
    raise ProblemError(Kind.NOT_FOUND, "There is no kind of problem of this name.")


def _document(row: KindRow) -> KindDocument:
    return KindDocument(type=row.type, status=row.status, title=row.title, remedy=row.remedy)
