"""What callers do with rollouts of the fleet: each action checks the caller's right, and the service's runner does it.

The methods block: on the files of rollouts, and where one is planned on a process that looks at the whole fleet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from infra.api.asking import Asking
from infra.api.auth.roles import ApiOperation
from infra.api.auth.scope import scope_of
from infra.fleet import Plan
from infra.operations.fleet_rollouts import Rollouts
from infra.operations.rollout_view import RolloutView


class RolloutPlanner(Protocol):
    """Plans a rollout, and begins it; see `infra.provisioning.background.Background.rollout`."""

    def __call__(self, wish: Mapping[str, Any], by: str, reference: str) -> Mapping[str, Any]:
        """The plan; with a reference the id of the rollout that was begun."""
        ...


@dataclass(frozen=True, kw_only=True)
class RolloutDesk:
    """The rollouts of one service.

    Attributes:
        rollouts: The rollouts.
        planner: Plans one, and begins it.
    """

    rollouts: Rollouts
    planner: RolloutPlanner

    def newest(self, most: int) -> list[RolloutView]:
        """The last rollouts, the newest first."""
        return [self.rollouts.view(each) for each in reversed(self.rollouts.ids()[-most:])]

    def plan(self, asking: Asking, wish: Mapping[str, Any]) -> Plan:
        """What a rollout would do; nothing is begun.

        Args:
            asking: Who asks.
            wish: As `infra.operations.rollout_plans.RolloutWish`.

        Raises:
            StepFailed: There is no such version, the fleet is not ready, or a value is wrong.
            ProblemError: 403.
        """
        scope_of(asking.caller, ApiOperation.FLEET_UPGRADE)
        return Plan.model_validate(self.planner(wish, asking.name, "")["plan"])

    def start(self, asking: Asking, wish: Mapping[str, Any]) -> RolloutView:
        """Begin a rollout; the same request again is answered with the same one.

        Raises:
            StepFailed: As for `plan`, or another rollout is not over.
            ProblemError: 403.
        """
        scope_of(asking.caller, ApiOperation.FLEET_UPGRADE)
        begun = self.rollouts.begun_by(asking.operation)
        if begun is None:
            begun = str(self.planner(wish, asking.name, asking.operation)["rollout"])
        return self.rollouts.view(begun)

    def approve(self, asking: Asking, rollout: str, wave: str, *, granted: bool) -> RolloutView:
        """Answer for the wave that waits; the service goes on with the rollout then, whoever began it.

        Raises:
            UnknownRollout: There is none of that id.
            RolloutRefused: That wave waits for no answer.
            ProblemError: 403.
        """
        scope_of(asking.caller, ApiOperation.FLEET_APPROVE)
        self.rollouts.answer(rollout, wave, asking.name, granted=granted)
        return self._given(asking, rollout)

    def halt(self, asking: Asking, rollout: str, reason: str) -> RolloutView:
        """Halt a rollout: the wave that is going on goes back.

        Raises:
            UnknownRollout: There is none of that id.
            RolloutRefused: It is over.
            ProblemError: 403.
        """
        scope_of(asking.caller, ApiOperation.FLEET_HALT)
        self.rollouts.halt(asking.name, reason, rollout)
        return self._given(asking, rollout)

    def resume(self, asking: Asking, rollout: str) -> RolloutView:
        """Have the service go on with a rollout that nobody goes on with, at once.

        Raises:
            UnknownRollout: There is none of that id.
            RolloutRefused: It is over.
            ProblemError: 403.
        """
        scope_of(asking.caller, ApiOperation.FLEET_RESUME)
        self.rollouts.give_to_service(rollout, asking.name, asking.now)
        return self.rollouts.view(rollout)

    def _given(self, asking: Asking, rollout: str) -> RolloutView:
        """The service goes on with it; what is over by now needs nobody."""
        self.rollouts.give_unless_over(rollout, asking.name, asking.now)
        return self.rollouts.view(rollout)
