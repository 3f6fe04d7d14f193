"""Takes one operation through its steps: the workflow that DBOS keeps and resumes.

What decides the way through it (results, failures, pauses, cancellation) is recorded with each attempt, so that a
worker with newer code replays an older operation in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from dbos import DBOS
from sqlalchemy.exc import DBAPIError

from infra.jobs.model import ErrorClass, Failure, OperationStatus, Step
from infra.jobs.processes.pool import StepPool
from infra.jobs.retries import pause_before_retry
from infra.jobs.tickets import Tickets

Plans = Mapping[str, Sequence[Step]]
_T = TypeVar("_T")


class Runner:
    """Runs operations.

    Args:
        tickets: Get to know how far each operation is.
        plans: The steps of each kind of operation, in their order.
        pool: Runs the steps.
        fence: Ends this worker; called when the database cannot be reached, for then another worker may take over.
    """

    def __init__(self, tickets: Tickets, plans: Plans, pool: StepPool, fence: Callable[[], None]) -> None:
        self._tickets = tickets
        self._plans = plans
        self._pool = pool
        self._fence = fence

    def run(self, operation: str, steps: list[str]) -> str:
        """The workflow: it is called again with the same arguments after a crash, and skips what is recorded.

        Args:
            operation: The operation's id.
            steps: The names of its steps, as they were when it got its turn.

        Returns:
            The final status.
        """
        results: dict[str, Any] = {}
        for index, name in enumerate(steps):
            attempt = 1
            while True:
                outcome = DBOS.run_step({"name": name}, self._attempt, operation, steps, index, attempt, results)
                if "result" in outcome:
                    results[name] = outcome["result"]
                    break
                if outcome.get("pause") is None:
                    return DBOS.run_step({"name": "finish"}, self._finish, operation, outcome)
                DBOS.sleep(outcome["pause"])
                attempt += 1
        return DBOS.run_step({"name": "finish"}, self._finish, operation, {"status": OperationStatus.SUCCEEDED.value})

    def steps(self, kind: str) -> list[str]:
        """The names of the steps of a kind of operation; of an unknown kind: one that fails."""
        return [step.name for step in self._plans.get(kind, [])] or ["unknown"]

    def _attempt(
        self, operation: str, steps: list[str], index: int, attempt: int, results: Mapping[str, Any]
    ) -> dict[str, Any]:
        """One attempt: what it returns is recorded and decides how the operation goes on."""
        name = steps[index]

        def report(done: int = 0, total: int = 0) -> None:
            self._reach(
                lambda: self._tickets.report(
                    operation, step=name, steps_done=index, steps=len(steps), done=done, total=total
                )
            )

        record = self._reach(lambda: self._tickets.get(operation))
        if record.cancel_requested:
            return {"status": OperationStatus.CANCELED.value}
        request = record.request
        step = next((step for step in self._plans.get(request.kind, []) if step.name == name), None)
        if step is None:
            return _failed(
                Failure(
                    ErrorClass.INTERNAL,
                    f"this worker knows no step {name} of {request.kind}",
                    "run workers of the version that the operation began with, or ask for it anew",
                )
            )
        report()
        call = {
            "operation": operation,
            "tenant": request.tenant,
            "step": name,
            "attempt": attempt,
            "arguments": request.arguments,
            "results": results,
        }
        outcome = self._pool.run(step.target, call, step.timeout, report)
        if isinstance(outcome, Failure):
            return _failed(outcome, pause_before_retry(step, outcome, attempt))
        return outcome

    def _finish(self, operation: str, outcome: Mapping[str, Any]) -> str:
        failure = Failure(**outcome["failure"]) if "failure" in outcome else None
        self._reach(lambda: self._tickets.finish(operation, OperationStatus(outcome["status"]), failure))
        return outcome["status"]

    def _reach(self, query: Callable[[], _T]) -> _T:
        try:
            return query()
        except DBAPIError:
            self._fence()
            raise


def _failed(failure: Failure, pause: float | None = None) -> dict[str, Any]:
    return {"status": OperationStatus.FAILED.value, "failure": asdict(failure), "pause": pause}
