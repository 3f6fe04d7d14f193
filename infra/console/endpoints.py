"""What a route of the console is made of: an operation of the API, and what makes the answer in a thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from infra.api.auth.roles import ApiOperation
from infra.console.forms import Fields, read_fields
from infra.console.live import LivePages, asks_for_stream
from infra.console.visit import Visit, enter

Endpoint = Callable[[Request], Awaitable[Response]]


def shown(operation: ApiOperation, show: Callable[[Visit], Response], live: LivePages | None = None) -> Endpoint:
    """A route that shows a page.

    Args:
        operation: What it stands for.
        show: Makes the answer; it may block.
        live: Answers where the page is asked for as a stream; None: it is none that changes by itself.
    """

    async def endpoint(request: Request) -> Response:
        visit = await enter(request, operation)
        if live is not None and asks_for_stream(request):
            return live.answer(visit, show)
        return await run_in_threadpool(show, visit)

    return endpoint


def sent(operation: ApiOperation, act: Callable[[Visit, Fields, str], Response]) -> Endpoint:
    """A route that takes a form of ours.

    Args:
        operation: What it stands for.
        act: Does it, with the form's fields and the id of the operation that it starts; it may block.
    """

    async def endpoint(request: Request) -> Response:
        visit = await enter(request, operation)
        fields = await read_fields(request)
        started = visit.desk.sessions.operation_of(visit.session, fields.text("form_token", most=1_000))
        return await run_in_threadpool(act, visit, fields, started)

    return endpoint
