"""Reads the forms that people send: only from our own pages, and only as plain fields.

Source: OWASP Cheat Sheet Series, "Cross-Site Request Forgery Prevention" (fetch metadata, verifying the origin).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.console.sessions import FormRefused
from infra.errors import UserError

_MOST_FIELDS = 20
_MEDIA_TYPE = "application/x-www-form-urlencoded"


class FieldRefused(UserError):
    """A field does not say what it must."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a form."""

    values: Mapping[str, str]

    def text(self, name: str, *, most: int = 200) -> str:
        """A field without the spaces around it; empty where it was not sent.

        Raises:
            ProblemError: 422; it is longer than it may be.
        """
        value = self.values.get(name, "").strip()
        if len(value) > most:
            raise ProblemError(Kind.INVALID, f"The field {name} has more than {most:,} characters.")
        return value

    def number(self, name: str, least: int, greatest: int) -> int:
        """A field that is a whole number.

        Raises:
            FieldRefused: it is not, or out of its range.
        """
        text = self.text(name, most=20)
        if not (text.isascii() and text.isdigit() and least <= int(text) <= greatest):
            what = name.replace("_", " ")
            raise FieldRefused(f"{what} is not what it must be", f"give a number from {least} to {greatest}", name)
        return int(text)

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return name in self.values


async def read_fields(request: Request) -> Fields:
    """The fields of a form that our own page has sent.

    Raises:
        FormRefused: another site has sent it.
        ProblemError: 415 or 400; it is not a form, or not a well-formed one.
    """
    if not _from_here(request):
        raise FormRefused
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise ProblemError(Kind.MEDIA_TYPE, f"A form is sent as {_MEDIA_TYPE}.", remedy=f"Send {_MEDIA_TYPE}.")
    try:
        pairs = parse_qsl((await request.body()).decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise ProblemError(Kind.MALFORMED, "The form is not well formed.") from None
    return Fields(dict(pairs))


def _from_here(request: Request) -> bool:
    """Whether a page of this site sent it, as far as the browser says; what is no browser says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.url.netloc
