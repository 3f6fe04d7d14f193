"""Says which fields of a request are wrong, from what the framework's validation found.

Sources: RFC 6901 "JavaScript Object Notation (JSON) Pointer"; FastAPI documentation, "Handling Errors".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import FieldError, ProblemError

_MAX_ERRORS = 50


def invalid_request(error: RequestValidationError) -> ProblemError:
    """The problem for a request that does not fit its schema: 400 where the body is no JSON at all, else 422."""
    found = cast("Sequence[Mapping[str, Any]]", error.errors())
    fields = [_field_error(entry) for entry in found[:_MAX_ERRORS]]
    unreadable = next((entry for entry in found if entry["type"] == "json_invalid"), None)
    if unreadable:
        position = unreadable["loc"][-1]
        return ProblemError(Kind.MALFORMED, f"The body is not JSON: it cannot be read at character {position}.")
    names = ", ".join(f"{field.location} {field.field}" for field in fields)
    return ProblemError(Kind.INVALID, f"{len(found)} of the request's fields are wrong: {names}.", errors=fields)


def _field_error(entry: Mapping[str, Any]) -> FieldError:
    location, *path = cast("Sequence[str | int]", entry["loc"])
    name = _pointer(path) if location == "body" else ".".join(str(part) for part in path)
    return FieldError(location=str(location), field=name, message=str(entry["msg"]), code=str(entry["type"]))


def _pointer(path: Iterable[str | int]) -> str:
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    # A key may hold half of a surrogate pair, which is no character.
    return "#" + "".join("/" + quote(part, safe="~", errors="replace") for part in escaped)
