"""What the API leaves to the database holds on PostgreSQL as it does on SQLite: races, repetitions, the audit chain."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from infra.api.actions import Actions
from infra.api.asking import Accepted, Asking
from infra.api.auth.caller import Caller
from infra.api.auth.roles import Role
from infra.api.etags import IfMatch
from infra.api.specs import Specs, data_of
from infra.errors import UserError
from infra.gitops import FolderSpecs
from infra.lifecycle.progress import Condition, begin_step, end_step
from infra.lifecycle.states import State
from infra.settings import ROOT
from infra.store import audit_log, changes, operations, tenants
from infra.store.audit_log import Intact
from infra.store.changes import Asked
from infra.store.database import reading, transaction
from infra.store.ids import new_id

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADA = Caller(issuer="https://issuer.example", subject="ada", roles=frozenset({Role.PLATFORM_ADMIN}), tenant=None)


@pytest.fixture
def actions(store: Engine, tmp_path: Path) -> Actions:
    shutil.copytree(ROOT / "tenant_stacks" / "specs", tmp_path / "specs")
    specs = Specs(place=FolderSpecs(tmp_path / "specs"), platform_file=ROOT / "stacks" / "platform.yaml")
    return Actions(store=store, specs=specs)


def _acme() -> dict[str, Any]:
    return dict(data_of("acme", (ROOT / "tenant_stacks" / "specs" / "acme.yaml").read_bytes()))


def _asking(operation: str | None = None) -> Asking:
    return Asking(caller=ADA, operation=operation or new_id(), now=NOW)


def _at_once(count: int, act: Callable[[], Accepted]) -> tuple[list[Accepted], list[UserError]]:
    accepted: list[Accepted] = []
    refused: list[UserError] = []
    together = threading.Barrier(count)

    def run() -> None:
        together.wait()
        try:
            accepted.append(act())
        except UserError as error:
            refused.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return accepted, refused


def _intact(store: Engine, entries: int) -> None:
    with reading(store) as connection:
        found = audit_log.verify(connection)
    assert isinstance(found, Intact), found
    assert found.entries == entries


def test_one_of_many_makes_the_tenant(store: Engine, actions: Actions) -> None:
    """Six ask for it under ids of their own: one is accepted, five learn that it exists, one entry is in the log."""
    accepted, refused = _at_once(6, lambda: actions.onboard(_asking(), _acme()))
    assert (len(accepted), len(refused)) == (1, 5)
    with reading(store) as connection:
        assert len(operations.page(connection)) == 1
    _intact(store, 1)


def test_one_of_many_changes_it(store: Engine, actions: Actions) -> None:
    """Six change it at once: one operation is started, five learn that one runs; each that was made is in the chain."""
    operation = actions.onboard(_asking(), _acme()).operation
    assert operation is not None
    _finish(store, operation.operation.id)
    patch = {"display_name": "New"}
    accepted, refused = _at_once(6, lambda: actions.patch(_asking(), "acme", patch, IfMatch(None)))
    assert (len(accepted), len(refused)) == (1, 5)
    _intact(store, 2)


def test_an_attempt_after_a_crash(store: Engine, actions: Actions) -> None:
    """The same request under the reference of the attempt before it finds what that one made, and adds nothing."""
    reference = new_id()
    first = actions.onboard(_asking(reference), _acme())
    again = actions.onboard(_asking(reference), _acme())
    assert again.operation == first.operation
    assert (first.recorded, again.recorded) == (True, False)
    _intact(store, 1)


def test_an_erased_tenants_id(store: Engine, actions: Actions) -> None:
    """It is not used again, whoever asks."""
    with transaction(store) as connection:
        asked = Asked(operation=new_id(), caller="ada", priority=1, now=NOW)
        changes.request_tenant(connection, "acme", "{}", asked)
        row = tenants.get(connection, "acme")
        tenants.write_condition(connection, row, Condition(state=State.ERASED), NOW)
    with pytest.raises(tenants.TenantExists, match="erased"):
        actions.onboard(_asking(), _acme())


def _finish(store: Engine, operation: str) -> None:
    with reading(store) as connection:
        steps = [each.name for each in operations.get(connection, operation).operation.steps]
    for step in steps:
        for how in (begin_step, end_step):
            with transaction(store) as connection:
                changes.move(
                    connection, operation, lambda one, condition, how=how, step=step: how(one, condition, step), NOW
                )
