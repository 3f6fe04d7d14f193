"""A rollout as people see it: where it is, each wave with its tenants, and what went wrong."""

from __future__ import annotations

import msgspec

from infra.fleet import Await, Finished, Plan, Record, decide, standings
from infra.operations.rollout_handover import Handed


class WaveView(msgspec.Struct, frozen=True, kw_only=True):
    """A wave of a rollout.

    Args:
        name: ``canaries``, ``5 %``, ..., ``all``.
        tenants: Each tenant's id with how it stands: ``waiting``, ``going on``, ``upgraded``, ``set aside``, ``rolled
            back`` or ``stuck``.
        awaits_approval: Whether somebody must approve it now.
        approval: Whether somebody must approve it before its first upgrade.
        tolerated: How many of its tenants may fail before it is halted.
    """

    name: str
    tenants: dict[str, str]
    awaits_approval: bool = False
    approval: bool = False
    tolerated: int = 0


class RolloutView(msgspec.Struct, frozen=True, kw_only=True):
    """A rollout.

    Args:
        id: Its id; its beginning, in UTC, is part of it.
        to: The version.
        verdict: ``going on``, ``waiting`` for an approval, ``stopped`` (nobody goes on with it: it is to be resumed),
            ``complete``, ``incomplete`` (some tenants are set aside) or ``halted``.
        why: What halted it.
        waves: Its waves.
        left_out: The tenants in no wave, with the reason.
        troubles: Of each tenant the last thing that went wrong.
        by: Who gave it to the service; empty: nobody did, it was begun on the command line.
        held_up: Why the service cannot go on with it now; it tries again by itself.
    """

    id: str
    to: str
    verdict: str
    why: str
    waves: tuple[WaveView, ...]
    left_out: dict[str, str]
    troubles: dict[str, str]
    by: str = ""
    held_up: str = ""


def view_of(rollout: str, plan: Plan, record: Record, *, held: bool, handed: Handed | None) -> RolloutView:
    """A rollout by its plan and its record.

    Args:
        rollout: Its id.
        plan: Its plan.
        record: What happened.
        held: Whether a process goes on with it now.
        handed: Whether it was given to the service.
    """
    decision, standing = decide(plan, record), standings(plan, record)
    waves = tuple(
        WaveView(
            name=wave.name,
            tenants={one.tenant: standing[one.tenant] for one in wave.tenants},
            awaits_approval=isinstance(decision, Await) and decision.wave == number,
            approval=wave.approval,
            tolerated=wave.tolerated,
        )
        for number, wave in enumerate(plan.waves)
    )
    held_up = handed.held_up if handed and not held else ""
    if isinstance(decision, Finished):
        verdict, held_up = str(decision.verdict), ""
    elif isinstance(decision, Await):
        verdict = "waiting"
    else:
        verdict = "going on" if held or (handed and not held_up) else "stopped"
    return RolloutView(
        id=rollout,
        to=plan.to,
        verdict=verdict,
        why=decision.why if isinstance(decision, Finished) else "",
        waves=waves,
        left_out={one.tenant: f"{one.kind}: {one.why}" for one in plan.left_out},
        troubles={
            entry.action.tenant: f"{entry.action.kind}: {entry.detail or entry.outcome}"
            for entry in record.entries
            if entry.entry == "ended" and entry.outcome != "passed"
        },
        by=handed.by if handed else "",
        held_up=held_up,
    )
