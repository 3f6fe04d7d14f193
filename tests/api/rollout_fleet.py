"""A fleet of six tenants in a file: rollouts are planned as the service plans, and carried out by its runner."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from infra.api.rollouts import RolloutDesk
from infra.fleet import Actions, FleetNotReady, Policy, plan_rollout
from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.operations.fleet_rollouts import RolloutRefused, Rollouts
from infra.provisioning.rollout_runner import RolloutRunner
from tests.fleet.fleets import OLD, tenant
from tests.fleet.rollout_world import NAMES, FileWorld


@dataclass
class RolloutFleet:
    """The fleet.

    Args:
        home: Where rollouts and what tenants run are kept.
        now: The time, in UTC.
        conditions: How tenants are that are not healthy.
    """

    home: Path
    now: Callable[[], datetime]
    conditions: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def rollouts(self) -> Rollouts:
        return Rollouts(self.home)

    @property
    def desk(self) -> RolloutDesk:
        return RolloutDesk(rollouts=self.rollouts, planner=self.plan)

    @property
    def versions(self) -> dict[str, str]:
        return FileWorld(self.home).versions

    def plan(self, wish: Mapping[str, Any], by: str, reference: str) -> Mapping[str, Any]:
        """As `infra.provisioning.background.Background.rollout`, without the process."""
        wished = {name: wish.get(name) for name in ("canaries", "shares", "tolerated", "approval")}
        policy = Policy.model_validate({name: value for name, value in wished.items() if value is not None})
        fleet = [tenant(name, condition=self.conditions.get(name, "healthy")) for name in NAMES]
        try:
            plan = plan_rollout(fleet, wish["to"], policy)
            if not reference:
                return {"plan": plan.model_dump(mode="json")}
            return {"rollout": self.rollouts.begin_for_service(plan, by, reference, self.now())}
        except (FleetNotReady, RolloutRefused) as refusal:
            raise StepFailed(FailureClass.CONFLICT, refusal.message, refusal.remedy) from refusal

    def run(self, store: Engine) -> None:
        """What the service's process for rollouts does at one look."""

        @contextmanager
        def actions() -> Generator[Actions]:
            yield FileWorld(self.home)

        RolloutRunner(self.rollouts, store, actions, at_once=2, now=self.now).run_due()

    def run_by(self, version: str) -> set[str]:
        """The tenants that run a version."""
        return {name for name, found in self.versions.items() if found == version}


__all__ = ["NAMES", "OLD", "RolloutFleet"]
