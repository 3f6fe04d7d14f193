"""Makes every error of the application a problem document: its own, the framework's, a user's mistake, a bug.

Sources: RFC 9457 "Problem Details for HTTP APIs"; Starlette documentation, "Exceptions".
"""

from __future__ import annotations

import logging
from typing import cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from infra.api.middleware.request_ids import current_request_id
from infra.api.problems.kinds import Kind, kind_of
from infra.api.problems.problem import ProblemError, problem_response
from infra.api.problems.user_errors import problem_of
from infra.api.problems.validation import invalid_request
from infra.errors import UserError

_RETRY_SECONDS = 5
_log = logging.getLogger(__name__)


def add_problem_handlers(app: FastAPI) -> None:
    """Registers the handlers; an error that none of them knows is a bug, which `UnexpectedErrors` answers."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(UserError, _user_error)
    app.add_exception_handler(OperationalError, _database_error)


async def _http_error(request: Request, error: Exception) -> Response:
    raised = cast("HTTPException", error)
    problem = raised if isinstance(raised, ProblemError) else _bare(raised)
    return problem_response(problem, request.url.path, current_request_id())


async def _validation_error(request: Request, error: Exception) -> Response:
    problem = invalid_request(cast("RequestValidationError", error))
    return problem_response(problem, request.url.path, current_request_id())


async def _user_error(request: Request, error: Exception) -> Response:
    problem = problem_of(cast("UserError", error))
    return problem_response(problem, request.url.path, current_request_id())


async def _database_error(request: Request, error: Exception) -> Response:
    _log.error("request %s: the database failed: %s", current_request_id(), type(error).__name__, exc_info=error)
    problem = ProblemError(Kind.UNAVAILABLE, "The database does not answer.", retry_after=_RETRY_SECONDS)
    return problem_response(problem, request.url.path, current_request_id())


def _bare(error: HTTPException) -> ProblemError:
    return ProblemError(kind_of(error.status_code), f"{error.detail}.", headers=error.headers)
