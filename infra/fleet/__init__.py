"""One version for all: which tenant runs which, whether that is allowed, and rollouts in waves as data."""

from infra.fleet.deciding import Await, Decision, Finished, Run, append, begin, decide
from infra.fleet.journal import Journal
from infra.fleet.model import (
    Action,
    Answered,
    Ended,
    Entry,
    FleetTenant,
    Halted,
    LeftOut,
    Plan,
    Planned,
    Record,
    SetAside,
    Started,
    Wave,
)
from infra.fleet.planning import FleetNotReady, plan_rollout
from infra.fleet.progress import Standing, standings
from infra.fleet.skew import Release, Skew, TenantAge, skew
from infra.fleet.versions import blueprint_version
from infra.spec.fleet import RolloutPolicy as Policy
from infra.spec.fleet import SkewWindow as Window

__all__ = [
    "Action",
    "Answered",
    "Await",
    "Decision",
    "Ended",
    "Entry",
    "Finished",
    "FleetNotReady",
    "FleetTenant",
    "Halted",
    "Journal",
    "LeftOut",
    "Plan",
    "Planned",
    "Policy",
    "Record",
    "Release",
    "Run",
    "SetAside",
    "Skew",
    "Standing",
    "Started",
    "TenantAge",
    "Wave",
    "Window",
    "append",
    "begin",
    "blueprint_version",
    "decide",
    "plan_rollout",
    "skew",
    "standings",
]
