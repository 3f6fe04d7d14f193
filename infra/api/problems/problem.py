"""An error that the API answers with: the exception that is raised, and the document that is sent.

Source: RFC 9457 "Problem Details for HTTP APIs" (members, extension members, media type).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from infra.api.problems.kinds import Kind

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel, frozen=True):
    """One thing that is wrong in a request.

    Attributes:
        location: Where the field is: body, query, path, header or cookie.
        field: The field: a JSON Pointer for the body, else the parameter's name.
        message: What is wrong with it; never the value, which may be a secret.
        code: The rule that it breaks, for programs.
    """

    location: str
    field: str
    message: str
    code: str


class Problem(BaseModel, frozen=True):
    """The document of an error.

    Attributes:
        type: Identifies the kind of error; its documentation is there.
        title: A summary of the kind.
        status: The status code.
        detail: What is wrong this time.
        instance: The path of the request.
        remedy: What to do about it.
        request_id: Names the request in the service's logs.
        errors: The fields that are wrong.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    remedy: str
    request_id: str
    errors: Sequence[FieldError] = Field(default=())


class ProblemError(HTTPException):
    """Ends a request with a problem.

    It is one of the framework's HTTP errors, because FastAPI turns any other error that is met while a body is read
    into a bare 400.

    Args:
        kind: The kind of problem.
        detail: What is wrong this time, in a sentence that names the thing.
        remedy: What to do about it; the kind's where it is empty.
        errors: The fields that are wrong.
        headers: Headers of the answer.
        retry_after: Seconds after which the same request may succeed.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        remedy: str = "",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        given = dict(headers or {})
        if retry_after is not None:
            given["Retry-After"] = str(max(1, ceil(retry_after)))
        super().__init__(kind.value.status, detail, given)
        self.kind = kind
        self.remedy = remedy or kind.value.remedy
        self.errors = tuple(errors)


def problem_response(error: ProblemError, path: str, request_id: str) -> Response:
    """The answer to a request that ended with a problem.

    Args:
        error: Why it ended.
        path: The request's path.
        request_id: The request's id.
    """
    row = error.kind.value
    problem = Problem(
        type=row.type,
        title=row.title,
        status=row.status,
        detail=error.detail,
        instance=path,
        remedy=error.remedy,
        request_id=request_id,
        errors=error.errors,
    )
    body = problem.model_dump_json(exclude=None if error.errors else {"errors"})
    return Response(body, row.status, headers=error.headers, media_type=MEDIA_TYPE)
