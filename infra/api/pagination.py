"""Pages of a list: a token says after which item the next page begins.

A token is signed, so that nobody steers a query by making one up, and bound to the caller and to the filters that it
was made for. It is not encrypted: a position holds nothing that the page before did not show.
Sources: AIP-158 "Pagination" (page_size, page_token, next_page_token; changed arguments are an error); itsdangerous
documentation, "Serialization Interface" (rotation of keys).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar, cast

from fastapi import Query
from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, SecretStr

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError

DEFAULT_SIZE = 50
MAX_SIZE = 200
_MAX_CHARACTERS = 2_048
Item = TypeVar("Item")

Position = Sequence[str | int]
"""The values, in the order of the list, of the last item of a page."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The page that a caller asks for.

    Attributes:
        size: How many items at most, within the limits.
        token: The token, not yet checked; None for the first page.
    """

    size: int
    token: str | None


def page_request(
    page_size: Annotated[
        int, Query(ge=0, description=f"Items a page; 0 stands for {DEFAULT_SIZE}, more than {MAX_SIZE} for {MAX_SIZE}")
    ] = 0,
    page_token: Annotated[str, Query(max_length=_MAX_CHARACTERS, description="The next_page_token before")] = "",
) -> PageRequest:
    """The dependency of a route that lists: ``Depends(page_request)``."""
    return PageRequest(min(page_size or DEFAULT_SIZE, MAX_SIZE), page_token or None)


class Page(BaseModel, Generic[Item], frozen=True):
    """One page of a list.

    Attributes:
        items: The items, in the order of the list.
        next_page_token: Asks for the next page; empty after the last.
    """

    items: Sequence[Item]
    next_page_token: str


class PageTokens:
    """Makes and checks tokens.

    Args:
        keys: Secrets; the last one signs, all are accepted.
    """

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        secrets = [key.get_secret_value() for key in keys]
        self._serializer = URLSafeSerializer(
            secrets, salt="bulkhead.page-token", signer_kwargs={"key_derivation": "hmac", "digest_method": sha256}
        )

    def make(self, position: Position, caller: str, filters: Mapping[str, str]) -> str:
        """The token of the page after a position.

        Args:
            position: Of the last item of this page.
            caller: Who may use it.
            filters: All arguments that choose or order the items.
        """
        token = self._serializer.dumps([_binding(caller, filters), list(position)])
        return token.decode("ascii") if isinstance(token, bytes) else token

    def read(self, token: str, caller: str, filters: Mapping[str, str]) -> Position:
        """The position in a token.

        Args:
            token: As it came.
            caller: Who sent it.
            filters: The arguments of this request.

        Raises:
            ProblemError: 400; it was made by nobody here, or for another caller or other filters.
        """
        try:
            binding, position = cast("tuple[str, list[Any]]", self._serializer.loads(token))
        except BadData:
            raise ProblemError(Kind.PAGE_TOKEN, "The page token is not one that was returned.") from None
        if binding != _binding(caller, filters):
            raise ProblemError(Kind.PAGE_TOKEN, "The page token is of another list: its filters or its caller differ.")
        return position


def _binding(caller: str, filters: Mapping[str, str]) -> str:
    text = json.dumps([caller, sorted(filters.items())])
    return sha256(text.encode()).hexdigest()[:32]
