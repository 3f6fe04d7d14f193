"""Goes on with the rollouts that were given to the service: those that just began, and those that a death cut off.

All that it knows is in the rollout's own file, which it holds while it works, so that neither a second process nor a
command line works on the same rollout. It may be killed at any moment; the next look goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Engine as Store

from infra.errors import UserError
from infra.fleet import Actions, Await, Finished, JournalHeld, decide
from infra.operations.fleet_rollouts import Rollouts, UnknownRollout
from infra.operations.rollout_run import engine_actions, go_on
from infra.operations.versions import Versions
from infra.operations.workspace import Workspace
from infra.provisioning.rollout_events import tell
from infra.provisioning.undisturbed import Undisturbed
from infra.settings import Settings

#: So long it waits before it tries again what it could not go on with.
PAUSE = timedelta(seconds=30)
_LOG = logging.getLogger(__name__)

#: Opens what does what rollouts decide.
OpenActions = Callable[[], AbstractContextManager[Actions]]


class RolloutRunner:
    """The runner of one home.

    Args:
        rollouts: The rollouts.
        store: The service's database.
        actions: Opens what does what rollouts decide.
        at_once: How many tenants are upgraded together.
        now: The time, in UTC.
    """

    def __init__(
        self, rollouts: Rollouts, store: Store, actions: OpenActions, *, at_once: int, now: Callable[[], datetime]
    ) -> None:
        self._rollouts = rollouts
        self._store = store
        self._actions = actions
        self._at_once = at_once
        self._now = now

    def run_due(self) -> None:
        """Go on with what can go on; returns when all of it is over, waits for somebody, or is held up."""
        for rollout in self._rollouts.handovers.open():
            try:
                self._run(rollout)
            except UnknownRollout:
                self._rollouts.forget_unbegun(rollout)
            except JournalHeld:
                _LOG.info("the rollout %s is held by another process", rollout)
            except UserError as problem:
                _LOG.warning("the rollout %s is held up: %s", rollout, problem)
                self._rollouts.handovers.hold_up(rollout, str(problem), self._now() + PAUSE)

    def _run(self, rollout: str) -> None:
        plan, record = self._rollouts.read(rollout)
        decision = decide(plan, record)
        handed = self._rollouts.handovers.read(rollout)
        held_up = handed is not None and handed.not_before is not None and self._now() < handed.not_before
        waits = isinstance(decision, Await) and self._rollouts.halted(rollout) is None
        if not isinstance(decision, Finished) and (held_up or waits):
            tell(self._store, rollout, plan, record, self._now())
            return
        if not isinstance(decision, Finished):
            decision = self._carry_out(rollout)
        tell(self._store, rollout, *self._rollouts.read(rollout), self._now())
        if isinstance(decision, Finished):
            self._rollouts.handovers.end(rollout)

    def _carry_out(self, rollout: str) -> Finished | Await:
        _, journal = self._rollouts.resume(rollout)
        with journal, self._actions() as actions:
            _LOG.info("going on with the rollout %s", rollout)

            def told(_entry: object) -> None:
                tell(self._store, rollout, journal.plan, journal.record, self._now())

            quiet = Undisturbed(actions, self._store)
            return go_on(self._rollouts, rollout, journal, quiet, at_once=self._at_once, told=told)


def by_the_engine(settings: Settings) -> OpenActions:
    """Opens what does it by the engine.

    Args:
        settings: Of the checkout.
    """

    @contextmanager
    def opened() -> Generator[Actions]:
        with Workspace(settings) as workspace, Versions(workspace) as versions:
            yield engine_actions(workspace, versions)

    return opened
