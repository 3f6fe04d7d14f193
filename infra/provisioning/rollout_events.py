"""Tells of a rollout as events of the service: each entry of its file once, also when a process dies in between."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, desc, select
from sqlalchemy import Engine as Store

from infra.fleet import Await, Ended, Finished, Plan, Record, Started, decide
from infra.fleet.model import Entry
from infra.store import events
from infra.store.database import transaction
from infra.store.events import Happening
from infra.store.tables import events as stored


class _Told(msgspec.Struct):
    """How far a rollout has been told: so many entries, and in which state."""

    entries: int = 0
    state: str = ""


def tell(store: Store, rollout: str, plan: Plan, record: Record, now: datetime) -> None:
    """Tell what has not been told yet; to be called by whoever goes on with the rollout.

    An entry about a tenant is an event of that tenant, named ``rollout.started`` or ``rollout.ended``; the rollout's
    state, when it changes, is one of no tenant: ``rollout.going_on``, ``rollout.waiting``, ``rollout.complete`` and so
    on. All have the rollout's id as their operation.

    Args:
        store: The service's database.
        rollout: Its id.
        plan: Its plan.
        record: What happened so far.
        now: The time, in UTC.
    """
    state = _state(plan, record)
    with transaction(store) as connection:
        told = _told(connection, rollout)
        for number, entry in enumerate(record.entries[told.entries :], told.entries + 1):
            tenant, happening = _happening(plan, entry, number, told.state)
            events.append(connection, tenant, rollout, [happening], now)
        if state != told.state:
            data = {"rollout": rollout, "to": plan.to, "entry": len(record.entries), "state": state}
            events.append(
                connection, "", rollout, [Happening(name=f"rollout.{state.replace(' ', '_')}", data=data)], now
            )


def _told(connection: Connection, rollout: str) -> _Told:
    last = connection.execute(
        select(stored.c.data).where(stored.c.operation == rollout).order_by(desc(stored.c.sequence)).limit(1)
    ).scalar()
    if last is None:
        return _Told()
    data = msgspec.json.decode(last, type=dict[str, object])
    return msgspec.convert({"entries": data["entry"], "state": data["state"]}, _Told)


def _state(plan: Plan, record: Record) -> str:
    decision = decide(plan, record)
    if isinstance(decision, Finished):
        return decision.verdict
    return "waiting" if isinstance(decision, Await) else "going on"


def _happening(plan: Plan, entry: Entry, number: int, state: str) -> tuple[str, Happening]:
    data: dict[str, object] = {"to": plan.to, "entry": number, "state": state}
    if isinstance(entry, Started | Ended):
        data |= {"action": entry.action.kind, "wave": plan.waves[entry.action.wave].name}
        if isinstance(entry, Ended):
            data["outcome"] = entry.outcome
        return entry.action.tenant, Happening(name=f"rollout.{entry.entry}", data=data)
    if entry.entry == "answered":
        data |= {"wave": plan.waves[entry.wave].name, "granted": entry.granted, "by": entry.by}
    else:
        data |= {"by": entry.by, "reason": entry.reason}
    return "", Happening(name=f"rollout.{entry.entry}", data=data)
