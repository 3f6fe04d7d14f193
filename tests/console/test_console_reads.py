"""What the console reads, in both databases: words in specs, both ways through a list, and the states of a life."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_estate import Estate

from infra.console import reads
from infra.lifecycle.states import OperationKind, State
from infra.store.database import open_store, reading, sqlite_url
from tests.own_postgresql import OwnPostgresql

pytestmark = pytest.mark.xdist_group("postgresql")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_lists_and_lives(tmp_path: Path, postgresql: OwnPostgresql, kind: str) -> None:
    url = sqlite_url(tmp_path / "store.sqlite") if kind == "sqlite" else postgresql.new_database("console_reads")
    store = open_store(url)
    specs = tmp_path / "specs"
    specs.mkdir()
    estate = Estate(store, specs)
    estate.active("acme", "Acme Diagnostics")
    estate.active("globex", 'Globex "100 %" Research')
    estate.run(estate.request("initech"), "apply")
    updating = estate.run(estate.start("globex", OperationKind.UPDATE), "apply", 0.5)
    with reading(store) as connection:

        def found(only: str | None = None, **chosen: str) -> list[str]:
            return [each.id for each in reads.tenant_slice(connection, only, **chosen).rows]  # pyright: ignore[reportArgumentType]

        assert found() == ["acme", "globex", "initech"]
        assert found(words="DIAGNOSTICS") == ["acme", "initech"]
        assert found(words='"100 %"') == found(words="LOBE") == ["globex"]
        assert found(words="_") == found(words="tier") == []
        assert found(only="acme", words="globex") == []
        assert found(after="acme") == ["globex", "initech"]
        assert found(before="initech") == ["acme", "globex"]
        assert reads.tenant_counts(connection, None) == {State.ACTIVE: 1, State.UPDATING: 1, State.PROVISIONING: 1}
        assert reads.tenant_counts(connection, "acme") == {State.ACTIVE: 1}
        assert reads.running_on(connection, ["acme", "globex"])["globex"].operation.id == updating
        first = reads.operation_slice(connection, None, limit=3)
        rest = reads.operation_slice(connection, None, after=first.rows[-1].operation.id, limit=3)
        ids = [each.operation.id for each in (*first.rows, *rest.rows)]
        assert ids == sorted(ids, reverse=True)
        assert len(ids) == 4
        assert (first.earlier, first.later, rest.earlier, rest.later) == (False, True, True, False)
        back = reads.operation_slice(connection, None, before=rest.rows[0].operation.id, limit=3)
        assert back.rows == first.rows
        assert [each.operation.kind for each in reads.operation_slice(connection, None, open_only=True).rows] == [
            OperationKind.UPDATE,
            OperationKind.ONBOARD,
        ]
        assert reads.operation_slice(connection, "acme", tenant="globex").rows == ()
        visited = reads.visited(connection, "globex")
        assert set(visited) >= {State.REQUESTED, State.ACTIVE, State.UPDATING}
        assert State.SUSPENDED not in visited
        newest = reads.newest_events(connection, tenant="globex", limit=1)
        assert newest[0].name == "tenant.change_started"
        assert reads.newest_events(connection, operation=updating, limit=1)[0].sequence == reads.last_event(connection)
    store.dispose()
