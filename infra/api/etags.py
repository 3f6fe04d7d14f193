"""Entity tags: they name a version of a resource, and a change says which version it is of.

Sources: RFC 9110 "HTTP Semantics", sections 8.8.3 (ETag), 13.1.1 (If-Match, strong comparison) and 13.1.2
(If-None-Match, weak comparison); RFC 6585 "Additional HTTP Status Codes", section 3 (428).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import Header

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_SEPARATOR = re.compile(r"[ \t]*,[ \t,]*")
_MAX_CHARACTERS = 4_096


def etag_of(representation: bytes) -> str:
    """The strong tag of a representation, quoted as in the header.

    Args:
        representation: The bytes that make one version differ from another.
    """
    return f'"{sha256(representation).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The versions that a change is of.

    Attributes:
        tags: The strong tags, quoted; None stands for any version.
    """

    tags: frozenset[str] | None

    def require(self, current: str) -> None:
        """Refuses a change that is of another version.

        Args:
            current: The resource's tag as it is now, read in the transaction that makes the change.

        Raises:
            ProblemError: 412.
        """
        if self.tags is not None and current not in self.tags:
            raise ProblemError(
                Kind.STALE, "The resource is not the version that If-Match names.", headers={"ETag": current}
            )


def if_match(
    if_match: Annotated[str | None, Header(description="The ETag of the version that is changed")] = None,
) -> IfMatch:
    """The dependency of a route that changes a resource: ``Depends(if_match)``.

    Raises:
        ProblemError: 428 without the header, 400 where it is malformed.
    """
    if if_match is None:
        raise ProblemError(Kind.NO_PRECONDITION, "The request has no If-Match.")
    if if_match.strip() == "*":
        return IfMatch(None)
    return IfMatch(frozenset(tag for tag in _tags(if_match, "If-Match") if not tag.startswith("W/")))


def unchanged(if_none_match: str | None, current: str) -> bool:
    """Whether the caller has the current version already, so that 304 is the answer.

    Args:
        if_none_match: The header, if there is one.
        current: The resource's tag as it is now.

    Raises:
        ProblemError: 400; the header is malformed.
    """
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return current.removeprefix("W/") in {tag.removeprefix("W/") for tag in _tags(if_none_match, "If-None-Match")}


def _tags(value: str, header: str) -> list[str]:
    """The tags of a list; a comma inside quotes is part of a tag."""
    malformed = ProblemError(Kind.MALFORMED, f"The header {header} is not a list of quoted entity tags.")
    text = value.strip()
    if len(text) > _MAX_CHARACTERS:
        raise malformed
    tags: list[str] = []
    position = 0
    while True:
        found = _TAG.match(text, position)
        if found is None:
            raise malformed
        tags.append(found.group())
        if found.end() == len(text):
            return tags
        separator = _SEPARATOR.match(text, found.end())
        if separator is None:
            raise malformed
        position = separator.end()
