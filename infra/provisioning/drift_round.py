"""Scheduled detection of drift: what is new is told as an event, once; what is to be restored becomes an operation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Engine as Store

from infra.gitops import FolderSpecs, etag
from infra.lifecycle.states import OperationKind, State
from infra.operations.drift import detect_drift
from infra.operations.drift_model import Drift
from infra.operations.workspace import Workspace
from infra.provisioning import requests
from infra.settings import Settings
from infra.store import events, operations, tenants
from infra.store.changes import Asked
from infra.store.database import reading, transaction
from infra.store.events import Happening
from infra.store.ids import new_id

CALLER = "drift detection"
_PRIORITY = 100
#: What the event of a drift is called by its state.
_EVENTS = {"drifted": "tenant.drifted", "none": "tenant.drift_over", "unknown": "tenant.drift_unknown"}


def drift_round(settings: Settings, store: Store) -> list[Drift]:
    """Look at the cloud of every tenant that is at rest. It may be killed at any time.

    Args:
        settings: Of the checkout.
        store: The service's database.

    Raises:
        UserError: The engine or the cloud cannot be had.
    """
    resting = _at_rest(store)

    def repair(tenant: str) -> str:
        _ask_to_restore(settings, store, tenant)
        return ""

    with Workspace(settings) as workspace:
        deployed = {*workspace.deployed_tenants()}
        found = detect_drift(workspace, [tenant for tenant in resting if tenant in deployed], repair=repair)
    _tell(store, [each for each in found if each.new])
    return found


def _at_rest(store: Store) -> list[str]:
    found: list[str] = []
    last = ""
    with reading(store) as connection:
        while page := tenants.page(connection, states=[State.ACTIVE, State.SUSPENDED], after=last):
            found += [each.id for each in page if operations.running(connection, each.id) is None]
            last = page[-1].id
    return found


def _ask_to_restore(settings: Settings, store: Store, tenant: str) -> None:
    """An update to the very spec that the tenant has: what differs in the cloud is put back by it, and verified."""
    content = FolderSpecs(settings.specs).read(tenant).content
    text = content.decode()
    arguments = {"content": text, "former": text, "expected": etag(content)}
    asked = Asked(operation=new_id(), caller=CALLER, priority=_PRIORITY, now=datetime.now(UTC))
    with transaction(store) as connection:
        suspended = tenants.get(connection, tenant).condition.state is State.SUSPENDED
        requests.change(connection, asked, tenant, OperationKind.UPDATE, arguments, stays_suspended=suspended)


def _tell(store: Store, found: Sequence[Drift]) -> None:
    for drift in found:
        happening = Happening(name=_EVENTS[drift.state], data=msgspec.to_builtins(drift))
        with transaction(store) as connection:
            events.append(connection, drift.tenant, "", [happening], datetime.now(UTC))
