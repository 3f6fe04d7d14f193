"""Carries a rollout out on this machine: by the engine, with the checks of health, and as long as nobody halts it."""

from __future__ import annotations

from collections.abc import Callable

from infra.fleet import Actions, Answered, Await, Entry, Finished, Journal, Wave, carry_out
from infra.operations.fleet_health import health
from infra.operations.fleet_rollouts import Rollouts
from infra.operations.rollout_actions import EngineActions
from infra.operations.run import OnEvent
from infra.operations.versions import Versions
from infra.operations.workspace import Workspace


def _nobody(number: int, wave: Wave) -> Answered | None:
    """Nobody approves now."""
    del number, wave
    return None


def engine_actions(workspace: Workspace, versions: Versions, on_event: OnEvent | None = None) -> Actions:
    """What does what a rollout decides.

    Args:
        workspace: The specs, the cloud and the engine.
        versions: Run the versions' code.
        on_event: Is told of the engine's progress.
    """
    return EngineActions(workspace, versions, health, on_event=on_event)


def go_on(
    rollouts: Rollouts,
    rollout: str,
    journal: Journal,
    actions: Actions,
    *,
    at_once: int,
    approve: Callable[[int, Wave], Answered | None] = _nobody,
    told: Callable[[Entry], None] = lambda _: None,
) -> Finished | Await:
    """Go on with a rollout until it is over, or somebody must approve.

    Args:
        rollouts: Know whether somebody halts it.
        rollout: Its id.
        journal: The rollout, held.
        actions: Do what it decides.
        at_once: How many tenants are upgraded together.
        approve: As for `carry_out`.
        told: Likewise.
    """
    return carry_out(
        journal, actions, at_once=at_once, approve=approve, halted=lambda: rollouts.halted(rollout), told=told
    )
