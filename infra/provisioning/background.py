"""What the API has found out while a caller waits, each in a process of its own that is ended when it takes too long.

The processes are forked from one warm process, as those of steps are; nothing of them runs in the process that answers
requests.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.jobs.model import JobFailure, StepFailed
from infra.jobs.processes.pool import StepPool
from infra.lifecycle.failures import FailureClass
from infra.spec import SpecErrors, SpecProblem

_WORK = "infra.provisioning.background_work"
PRELOAD = (_WORK,)
_CHECK_SECONDS = 60.0
_REPORT_SECONDS = 300.0


class Background:
    """The processes.

    Args:
        environment: Their whole environment.
        at_once: How many run at a time; who comes then is told to come later.
    """

    def __init__(self, environment: Mapping[str, str], *, at_once: int = 2) -> None:
        self._held = os.open(os.devnull, os.O_RDONLY)
        self._pool = StepPool(environment, PRELOAD, self._held)
        self._free = threading.BoundedSemaphore(at_once)

    def warm(self) -> None:
        """Start to import what they need, while the caller does something else."""
        self._pool.warm()

    def close(self) -> None:
        """End them, and wait for them."""
        self._pool.close()
        os.close(self._held)

    def preview(self, tenant: str, content: bytes | None, timeout: float) -> Mapping[str, Any]:
        """The plan and the proof of a tenant's spec; see `infra.operations.proposal`.

        Args:
            tenant: Whose spec it is.
            content: The proposed file; None: the file as it is.
            timeout: In seconds.

        Raises:
            SpecErrors: All that is wrong with the specs as they would be.
            StepFailed: There is none; says why, and of which class that is.
        """
        with self._turn():
            return self._run("preview", timeout, tenant, content=None if content is None else content.decode())

    def check(self, tenant: str, content: bytes) -> None:
        """Check a spec beside all others.

        Raises:
            SpecErrors: All that is wrong.
            StepFailed: It cannot be told.
        """
        self._run("check", _CHECK_SECONDS, tenant, content=content.decode())

    def capacity(self) -> Mapping[str, Any]:
        """The account's quotas, and how many more tenants fit; raises `StepFailed`."""
        return self._run("capacity", _REPORT_SECONDS)

    def fleet(self) -> Mapping[str, Any]:
        """The fleet's versions and rollouts; raises `StepFailed`."""
        return self._run("fleet", _REPORT_SECONDS)

    def rollout(self, wish: Mapping[str, Any], by: str, reference: str) -> Mapping[str, Any]:
        """The plan of a rollout, as ``plan``; with a reference it is begun, and its id is there as ``rollout``.

        Args:
            wish: As `infra.operations.rollout_plans.RolloutWish`.
            by: Who asks.
            reference: Of the request that begins it; empty: nothing is begun.

        Raises:
            StepFailed: There is no plan, or another rollout is not over.
        """
        with self._turn():
            return self._run("rollout", _REPORT_SECONDS, wish=dict(wish), by=by, reference=reference)

    def certificate_key(self) -> Mapping[str, Any]:
        """The public key that verifies certificates, as ``pem``; raises `StepFailed`."""
        return self._run("certificate_key", _CHECK_SECONDS)

    def export_link(self, url: str, seconds: int) -> str:
        """A link by which whoever has it fetches a file of an export; raises `StepFailed`.

        Args:
            url: The file, as `infra.provisioning.exports.file_url` has it.
            seconds: How long the link holds.
        """
        return self._run("export_link", _CHECK_SECONDS, url=url, seconds=seconds)["link"]

    def version_of(self, tenant: str) -> str | None:
        """The version of the blueprint that a tenant runs; None where it is not known; raises `StepFailed`."""
        return self._run("version", _CHECK_SECONDS, tenant)["version"]

    @contextmanager
    def _turn(self) -> Generator[None]:
        if not self._free.acquire(blocking=False):
            raise StepFailed(FailureClass.TRANSIENT, "as many previews run as may", "ask again in some seconds")
        try:
            yield
        finally:
            self._free.release()

    def _run(self, what: str, timeout: float, tenant: str = "", **arguments: object) -> Mapping[str, Any]:
        call = {
            "operation": "",
            "tenant": tenant,
            "step": what,
            "attempt": 1,
            "arguments": arguments,
            "results": {},
        }
        answer = self._pool.run(f"{_WORK}:{what}", call, timeout, _ignore)
        if isinstance(answer, JobFailure):
            raise StepFailed(answer.failure_class, answer.message, answer.remedy)
        found: dict[str, Any] = answer["result"]
        if "problems" in found:
            raise SpecErrors(map(_problem, found["problems"]))
        return found


def _problem(found: Mapping[str, Any]) -> SpecProblem:
    return SpecProblem(
        file=Path(found["file"]), path=tuple(found["path"]), message=found["message"], remedy=found["remedy"]
    )


def _ignore(_done: int, _total: int) -> None:
    """Nobody watches how far an answer is."""
