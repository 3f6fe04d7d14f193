"""Says whether the process lives (``/healthz``) and whether it can do its work now (``/readyz``).

Source: Kubernetes documentation, "Liveness, Readiness, and Startup Probes": a failed liveness probe restarts the
process, so that it must not depend on anything outside.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import anyio
from fastapi import APIRouter
from pydantic import BaseModel

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import FieldError, ProblemError

Check = Callable[[], Awaitable[None]]
"""Returns when the thing works, raises when it does not."""

_RETRY_SECONDS = 5
_log = logging.getLogger(__name__)


class Health(BaseModel, frozen=True):
    """The answer of a healthy service.

    Attributes:
        status: Always ``ok``.
        checks: The names of what was looked at.
    """

    status: Literal["ok"] = "ok"
    checks: list[str] = []


def health_router(checks: Mapping[str, Check], timeout_seconds: float = 2.0) -> APIRouter:
    """The routes ``/healthz`` and ``/readyz``.

    Args:
        checks: What the service needs, by name.
        timeout_seconds: A check that takes longer has failed.
    """
    router = APIRouter(tags=["service"])

    @router.get("/healthz")
    async def healthz() -> Health:  # pyright: ignore[reportUnusedFunction] - FastAPI keeps it
        """The process answers."""
        return Health()

    @router.get("/readyz")
    async def readyz() -> Health:  # pyright: ignore[reportUnusedFunction] - FastAPI keeps it
        """All that the service needs answers; else 503 with what does not."""
        failed: list[str] = []

        async def run(name: str, check: Check) -> None:
            try:
                with anyio.fail_after(timeout_seconds):
                    await check()
            except Exception:  # noqa: BLE001 - whatever a check raises means that it failed
                _log.warning("readiness check %s failed", name, exc_info=True)
                failed.append(name)

        async with anyio.create_task_group() as group:
            for name, check in checks.items():
                group.start_soon(run, name, check)
        if failed:
            raise _not_ready(sorted(failed))
        return Health(checks=sorted(checks))

    return router


def _not_ready(failed: list[str]) -> ProblemError:
    errors = [FieldError(location="service", field=name, message="does not answer", code="failed") for name in failed]
    detail = f"Not ready: {', '.join(failed)}."
    return ProblemError(Kind.UNAVAILABLE, detail, errors=errors, retry_after=_RETRY_SECONDS)
