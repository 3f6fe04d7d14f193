"""A tenant that was onboarded by hand is taken up as it is, once, and told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from infra.lifecycle.states import OperationKind, State
from infra.store import changes, events, tenants
from infra.store.changes import Asked
from infra.store.database import reading, transaction
from infra.store.tenants import TenantExists

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(("suspended", "state"), [(False, State.ACTIVE), (True, State.SUSPENDED)])
def test_it_is_as_its_spec_says(store: Engine, suspended: bool, state: State) -> None:
    with transaction(store) as connection:
        changes.adopt(connection, "acme", '{"id":"acme"}', suspended=suspended, now=NOW)
    with reading(store) as connection:
        assert tenants.get(connection, "acme").condition.state is state
        (event,) = events.after(connection, 0, tenant="acme")
    assert event.name == ("tenant.adopted_suspended" if suspended else "tenant.adopted")
    assert event.operation == ""


def test_operations_can_start_on_it(store: Engine) -> None:
    with transaction(store) as connection:
        changes.adopt(connection, "acme", "{}", suspended=False, now=NOW)
        asked = Asked(operation="o1", caller="ada", priority=5, now=NOW)
        started = changes.start(connection, "acme", OperationKind.UPDATE, asked)
    assert started.before is State.ACTIVE


def test_one_that_is_known_is_left_alone(store: Engine) -> None:
    asked = Asked(operation="o1", caller="ada", priority=5, now=NOW)
    with transaction(store) as connection:
        changes.request_tenant(connection, "acme", "{}", asked)
    with pytest.raises(TenantExists), transaction(store) as connection:
        changes.adopt(connection, "acme", "{}", suspended=False, now=NOW)
    with reading(store) as connection:
        assert tenants.get(connection, "acme").condition.state is State.REQUESTED
        assert [each.name for each in events.after(connection, 0)] == [
            "tenant.onboarding_requested",
            "operation.pending",
        ]
