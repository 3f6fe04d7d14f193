"""State, operation and events of a tenant: written together, one operation at a time, in an order without holes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from infra.lifecycle.failures import Failure, FailureClass, TransitionRefused
from infra.lifecycle.operations import OperationState
from infra.lifecycle.progress import Change, Condition, advance, begin_step, cancel, end_step, fail
from infra.lifecycle.states import OperationKind, State
from infra.store import changes, deliveries, events, operations, tables, tenants
from infra.store.changes import Asked
from infra.store.database import open_store, reading, transaction

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FAILURE = Failure(
    operation=OperationKind.ONBOARD,
    step="preflight",
    failure_class=FailureClass.QUOTA,
    message="no endpoint is left",
    remedy="ask for more",
)


def asked(operation: str) -> Asked:
    return Asked(operation=operation, caller="ada", priority=5, now=NOW)


def request(store: Engine, tenant: str = "acme", operation: str = "o1") -> None:
    with transaction(store) as connection:
        changes.request_tenant(connection, tenant, '{"id":"acme"}', asked(operation))


def step(store: Engine, operation: str, name: str) -> None:
    """Begin and end a step, each in a transaction of its own."""
    for how in (begin_step, end_step):
        with transaction(store) as connection:
            changes.move(connection, operation, lambda found, condition, how=how: how(found, condition, name), NOW)


def onboard(store: Engine, tenant: str = "acme", operation: str = "o1") -> None:
    request(store, tenant, operation)
    for name in ("validate", "preflight", "apply", "verify"):
        step(store, operation, name)


def told(store: Engine, operation: str | None = None, tenant: str | None = None) -> list[tuple[int, str]]:
    with reading(store) as connection:
        found = events.after(connection, 0, operation=operation, tenant=tenant, limit=10_000)
        return [(each.sequence, each.name) for each in found]


def test_an_onboarding_is_kept_and_told(store: Engine) -> None:
    """From the request to active: each write has its event, and the numbers have no holes."""
    onboard(store)
    with reading(store) as connection:
        tenant = tenants.get(connection, "acme")
        record = operations.get(connection, "o1")
        stream = events.after(connection, 0, operation="o1")
    assert tenant.condition == Condition(state=State.ACTIVE)
    assert (record.operation.state, record.operation.percent, record.ended_at) == (OperationState.SUCCEEDED, 100, NOW)
    assert (record.caller, record.priority) == ("ada", 5)
    assert [each.sequence for each in stream] == list(range(1, len(stream) + 1))
    assert [each.name for each in stream if each.name.startswith("tenant.")] == [
        "tenant.onboarding_requested",
        "tenant.spec_accepted",
        "tenant.preflight_passed",
        "tenant.provisioning_started",
        "tenant.provisioned",
        "tenant.verified",
    ]
    assert msgspec.json.decode(stream[-1].data) == {"failure": None, "kind": "onboard", "percent": 100, "step": None}


def test_a_stream_resumes_where_it_was(store: Engine) -> None:
    """After any event come exactly those that follow, of that operation only."""
    onboard(store)
    onboard(store, "globex", "o2")
    everything = told(store, operation="o2")
    seen = everything[3][0]
    with reading(store) as connection:
        rest = [(each.sequence, each.name) for each in events.after(connection, seen, operation="o2")]
        assert [each.sequence for each in events.after(connection, seen, limit=2)] == [seen + 1, seen + 2]
    assert everything[:4] + rest == everything
    assert set(everything) <= set(told(store))
    assert everything == told(store, tenant="globex")


def test_a_failure_is_kept_with_its_class_and_remedy(store: Engine) -> None:
    """On the tenant, on the operation, and in what is told."""
    request(store)
    step(store, "o1", "validate")
    with transaction(store) as connection:
        changes.move(connection, "o1", lambda operation, condition: fail(operation, condition, FAILURE), NOW)
    with reading(store) as connection:
        assert tenants.get(connection, "acme").condition == Condition(state=State.FAILED, failure=FAILURE)
        assert operations.get(connection, "o1").operation.failure == FAILURE
        last = events.after(connection, 0)[-1]
    assert msgspec.json.decode(last.data)["failure"]["remedy"] == "ask for more"


def test_a_crash_between_state_and_event_leaves_neither(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before its event is written, the state is as before; the same move works afterwards."""
    request(store)
    before = told(store)

    def move() -> None:
        with transaction(store) as connection:
            changes.move(connection, "o1", lambda operation, found: begin_step(operation, found, "validate"), NOW)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(events, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            move()
    with reading(store) as connection:
        assert operations.get(connection, "o1").operation.state is OperationState.PENDING
    assert told(store) == before
    move()
    assert len(told(store)) == len(before) + 1


def test_what_changes_nothing_tells_nothing(store: Engine) -> None:
    """A step that is begun again after a crash writes no event and no version; progress does."""
    request(store)
    step(store, "o1", "validate")
    with transaction(store) as connection:
        changes.move(connection, "o1", lambda operation, found: begin_step(operation, found, "preflight"), NOW)
        before = operations.get(connection, "o1")
    count = len(told(store))
    with transaction(store) as connection:
        changes.move(connection, "o1", lambda operation, found: begin_step(operation, found, "preflight"), NOW)
        assert operations.get(connection, "o1") == before
    assert len(told(store)) == count
    with transaction(store) as connection:
        changes.move(
            connection,
            "o1",
            lambda operation, found: Change(operation=advance(operation, 0.5), condition=found),
            NOW,
        )
        assert operations.get(connection, "o1").operation.percent == 6
    assert len(told(store)) == count + 1


def test_one_operation_at_a_time(store: Engine) -> None:
    """A second one is refused while the first is not over, and taken when it is."""
    onboard(store)
    with transaction(store) as connection:
        changes.start(connection, "acme", OperationKind.UPDATE, asked("o2"))
    with transaction(store) as connection, pytest.raises(operations.OperationRunning, match="update"):
        changes.start(connection, "acme", OperationKind.SUSPEND, asked("o3"))
    with transaction(store) as connection:
        changes.move(connection, "o2", cancel, NOW)
        changes.start(connection, "acme", OperationKind.SUSPEND, asked("o3"))
        found = operations.running(connection, "acme")
        assert found is not None
        assert found.operation.id == "o3"
        assert [each.operation.id for each in operations.page(connection, tenant="acme", after="o1")] == ["o2", "o3"]
        assert [each.operation.id for each in operations.page(connection, open_only=True)] == ["o3"]


def test_the_database_itself_refuses_a_second_operation(store: Engine) -> None:
    """Whoever writes around the code: no two rows of one tenant that are not over."""
    request(store)

    def row(connection: Connection, name: str, ended_at: datetime | None) -> None:
        values = {"id": name, "tenant": "acme", "kind": "update", "before": "active", "stays_suspended": False}
        values |= {"state": "pending", "steps_done": 0, "step_begun": False, "fraction": 0.0, "caller": "ada"}
        values |= {"priority": 5, "version": 1, "created_at": NOW, "changed_at": NOW, "ended_at": ended_at}
        connection.execute(insert(tables.operations).values(values))

    with transaction(store) as connection:
        row(connection, "over", NOW)
    with pytest.raises(IntegrityError), transaction(store) as connection:
        row(connection, "second", None)


def at_once(count: int, what: Callable[[int], None]) -> list[Exception]:
    """Call it in that many threads at once, and return what they raised."""
    problems: list[Exception] = []
    together = threading.Barrier(count)

    def call(number: int) -> None:
        together.wait()
        try:
            what(number)
        except Exception as problem:  # noqa: BLE001
            problems.append(problem)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return problems


def test_the_same_tenant_requested_at_once_is_there_once(store: Engine) -> None:
    """One of eight gets it, the others are told that it exists; what is told has no holes."""
    problems = at_once(8, lambda number: request(store, "acme", f"o{number}"))
    assert [type(each) for each in problems] == [tenants.TenantExists] * 7
    assert [sequence for sequence, _ in told(store)] == [1, 2]


def test_operations_started_at_once_are_one(store: Engine) -> None:
    """One of six starts, five are told that another one runs."""
    onboard(store)

    def start(number: int) -> None:
        with transaction(store) as connection:
            changes.start(connection, "acme", OperationKind.UPDATE, asked(f"u{number}"))

    assert [type(each) for each in at_once(6, start)] == [operations.OperationRunning] * 5


def test_a_start_waits_for_one_that_is_not_committed(postgresql_url: str) -> None:
    """On PostgreSQL: the second waits for the row of the tenant, and is told what runs, not of a row there twice."""
    store = open_store(postgresql_url)
    onboard(store)
    problems: list[Exception] = []

    def second() -> None:
        try:
            with transaction(store) as connection:
                changes.start(connection, "acme", OperationKind.SUSPEND, asked("u2"))
        except Exception as problem:  # noqa: BLE001
            problems.append(problem)

    thread = threading.Thread(target=second)
    with transaction(store) as connection:
        changes.start(connection, "acme", OperationKind.UPDATE, asked("u1"))
        thread.start()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with reading(store) as observer:
            while not observer.exec_driver_sql(waiting).scalar_one():
                observer.rollback()
                time.sleep(0.01)
    thread.join()
    store.dispose()
    assert [type(each) for each in problems] == [operations.OperationRunning]


def test_a_reader_never_misses_an_event(store: Engine) -> None:
    """While eight write, who reads on from the last number that it saw has seen every event at the end."""
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        last = False
        while not last:
            last = done.is_set()
            with reading(store) as connection:
                found = events.after(connection, seen[-1] if seen else 0, limit=1000)
            seen.extend(each.sequence for each in found)

    reader = threading.Thread(target=read)
    reader.start()
    problems = at_once(8, lambda number: onboard(store, f"t{number}", f"o{number}"))
    done.set()
    reader.join()
    assert problems == []
    assert seen == [sequence for sequence, _ in told(store)]
    assert seen == list(range(1, len(seen) + 1))


def test_events_are_never_changed(store: Engine) -> None:
    """The table refuses it, whoever asks, and to delete what a receiver has not been told; adding is possible."""
    request(store)
    with transaction(store) as connection:
        deliveries.register(connection, "hook", NOW)
    for statement in ("UPDATE events SET name = 'x'", "DELETE FROM events"):
        with pytest.raises(DBAPIError, match="append-only"), transaction(store) as connection:
            connection.exec_driver_sql(statement)
    onboard(store, "globex", "o2")


def test_old_events_are_forgotten_when_all_have_been_told(store: Engine) -> None:
    """Of two receivers the one that knows less counts; numbers are not used again."""
    onboard(store)
    later = NOW + timedelta(days=40)
    with transaction(store) as connection:
        stream = events.after(connection, 0, limit=1000)
        for receiver, sequence in (("hook", 3), ("bus", 5)):
            deliveries.register(connection, receiver, NOW)
            deliveries.delivered(connection, receiver, sequence, NOW)
        assert events.forget(connection, NOW, 100) == 0
        assert events.forget(connection, later, 2) == 2
        assert events.forget(connection, later, 100) == 1
        assert events.after(connection, 0, limit=1000) == stream[3:]
    onboard(store, "globex", "o2")
    with reading(store) as connection:
        assert events.after(connection, len(stream))[0].sequence == len(stream) + 1


def test_a_spec_is_replaced_from_the_version_that_was_read(store: Engine) -> None:
    """The first of two writers wins, the second is told to read again."""
    onboard(store)
    with transaction(store) as connection:
        version = tenants.get(connection, "acme").version
        after = tenants.replace_spec(connection, "acme", '{"id":"acme","x":1}', version=version, now=NOW)
        assert (after.spec, after.version) == ('{"id":"acme","x":1}', version + 1)
        with pytest.raises(tenants.StaleVersion, match="read it again"):
            tenants.replace_spec(connection, "acme", "{}", version=version, now=NOW)


def test_pages_of_tenants(store: Engine) -> None:
    """Every tenant is on one page, in the order of ids; a state filters."""
    for number, name in enumerate(("delta", "acme", "globex", "beta")):
        request(store, name, f"o{number}")
    with transaction(store) as connection:
        changes.move(connection, "o1", cancel, NOW)
    with reading(store) as connection:
        first = [each.id for each in tenants.page(connection, limit=3)]
        assert first == ["acme", "beta", "delta"]
        assert [each.id for each in tenants.page(connection, after=first[-1], limit=3)] == ["globex"]
        assert [each.id for each in tenants.page(connection, states=[State.ERASED])] == ["acme"]


def test_the_unknown_is_named(store: Engine) -> None:
    """A tenant, an operation or a step that is not there is told by its name."""
    request(store)
    with transaction(store) as connection:
        with pytest.raises(tenants.UnknownTenant, match="nobody"):
            changes.start(connection, "nobody", OperationKind.ERASE, asked("o2"))
        with pytest.raises(operations.UnknownOperation, match="o9"):
            changes.move(connection, "o9", cancel, NOW)
        changes.move(connection, "o1", cancel, NOW)
        with pytest.raises(TransitionRefused, match="choose another tenant id"):
            changes.start(connection, "acme", OperationKind.UPDATE, asked("o2"))
