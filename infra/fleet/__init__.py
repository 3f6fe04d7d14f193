"""One version for all: which tenant runs which, whether that is allowed, and rollouts in waves as data."""

from infra.fleet.deciding import Await, Decision, Finished, Run, append, begin, decide
from infra.fleet.journal import Journal, JournalHeld, is_held, read_journal
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
from infra.fleet.running import Actions, Done, carry_out
from infra.fleet.skew import Release, Skew, TenantAge, skew
from infra.fleet.versions import blueprint_version
from infra.spec.fleet import RolloutPolicy as Policy
from infra.spec.fleet import SkewWindow as Window

__all__ = [
    "Action",
    "Actions",
    "Answered",
    "Await",
    "Decision",
    "Done",
    "Ended",
    "Entry",
    "Finished",
    "FleetNotReady",
    "FleetTenant",
    "Halted",
    "Journal",
    "JournalHeld",
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
    "carry_out",
    "decide",
    "is_held",
    "plan_rollout",
    "read_journal",
    "skew",
    "standings",
]
