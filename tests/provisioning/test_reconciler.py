"""GitOps mode and direct mode over a real repository and a real store: what is asked for, once, and what is shown."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import Engine as Store

from infra.gitops import FolderSpecs, GitSpecs, StackMark
from infra.jobs import tickets
from infra.lifecycle import progress
from infra.lifecycle.failures import Failure, FailureClass
from infra.lifecycle.states import OperationKind
from infra.operations.fleet_memory import FleetMemory, Remembered
from infra.operations.workspace import Workspace
from infra.provisioning.gitops import GitOps, spec_place
from infra.provisioning.reconciler import Reconciler, Reconciliation, last_reconciliation, operation_id, reconcile_round
from infra.provisioning.specs import as_data
from infra.settings import ROOT, Settings
from infra.store import changes, operations, tenants
from infra.store.database import open_store, reading, sqlite_url, transaction
from tests.gitops.repositories import SERVICE, SPECS, git, people_commit

_NOW = datetime(2026, 5, 1, tzinfo=UTC)
_ACME = (ROOT / SPECS / "acme.yaml").read_bytes()
_EDITED = _ACME.replace(b"Acme Diagnostics", b"Acme Limited")
_SUSPENDED = (b"state: active", b"state: suspended")


class Service:
    """A repository, a store and the folder of the specs that programs read."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.specs, self.people, self.bare = root / "specs", root / "people", root / "specs.git"
        self.specs.mkdir()
        shutil.copy(ROOT / "stacks" / "platform.yaml", root)
        self.settings = Settings(home=self.home, specs=self.specs, platform_spec=root / "platform.yaml")
        self.store: Store = open_store(sqlite_url(root / "service.sqlite"))
        self.place = GitSpecs(self.bare, SERVICE)
        git(root, "init", "--quiet", "--bare", "--initial-branch", "main", str(self.bare))
        git(root, "clone", "--quiet", str(self.bare), str(self.people))
        git(self.people, "switch", "--quiet", "--create", "main")
        people_commit(self.people, {"README.md": b"read me\n"})

    def merge(self, content: bytes | None = _ACME, tenant: str = "acme") -> str:
        """Merge a spec, or its removal; the commit."""
        if content is None:
            git(self.people, "rm", "--quiet", f"{SPECS}/{tenant}.yaml")
            git(self.people, "commit", "--quiet", "--message", "remove it")
            git(self.people, "push", "--quiet", "origin", "main")
            return git(self.people, "rev-parse", "HEAD")
        return people_commit(self.people, {f"{SPECS}/{tenant}.yaml": content})

    def reconcile(self, *, direct: bool = False) -> Reconciliation:
        """One round."""
        with Workspace(self.settings) as workspace:
            return Reconciler(workspace, self.store, None if direct else self.place, lambda: _NOW).run()

    def held(self, *, direct: bool = False) -> dict[str, str]:
        """What one round shows; it asks for nothing."""
        found = self.reconcile(direct=direct)
        assert not found.started
        return {each.tenant: each.kind for each in found.held}

    def finish(self, operation: str) -> None:
        """What a worker does when all steps of an operation work."""
        with transaction(self.store) as connection:
            found = operations.get(connection, operation).operation
            arguments = tickets.get(connection, operation).request.arguments
            for step in found.steps:
                self._step(connection, operation, step.name)
            data = arguments["spec"] if "spec" in arguments else as_data(found.tenant, arguments["content"].encode())
            version = tenants.get(connection, found.tenant).version
            tenants.replace_spec(connection, found.tenant, json.dumps(data), version=version, now=_NOW)
        content = self.place.read(found.tenant).content
        (self.specs / f"{found.tenant}.yaml").write_bytes(content)

    def fail(self, operation: str) -> None:
        """What a worker does when the first step refuses."""
        failure = Failure(
            operation=OperationKind.UPDATE,
            step="validate",
            failure_class=FailureClass.USER,
            message="it is wrong",
            remedy="mend it",
        )
        with transaction(self.store) as connection:
            changes.move(connection, operation, lambda one, at: progress.begin_step(one, at, "validate"), _NOW)
            changes.move(connection, operation, lambda one, at: progress.fail(one, at, failure), _NOW)

    def kinds(self) -> list[str]:
        """The kinds of all operations; commits of one second are in no order."""
        with reading(self.store) as connection:
            return [str(each.operation.kind) for each in operations.page(connection)]

    def _step(self, connection: Connection, operation: str, step: str) -> None:
        changes.move(connection, operation, lambda one, at: progress.begin_step(one, at, step), _NOW)
        changes.move(connection, operation, lambda one, at: progress.end_step(one, at, step), _NOW)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.store.dispose()


@pytest.fixture
def onboarded(service: Service) -> Service:
    """Acme, merged and onboarded."""
    service.merge()
    service.finish(service.reconcile().started["acme"])
    assert service.held() == {}
    return service


def test_what_is_merged_is_onboarded_once(service: Service) -> None:
    """However often it looks, a merged spec becomes one operation; while that goes on the tenant waits."""
    assert service.reconcile().started == {}
    service.merge()
    started = service.reconcile().started
    assert [*started] == ["acme"]
    assert service.held() == {"acme": "busy"}
    service.finish(started["acme"])
    assert service.held() == {}
    assert service.kinds() == ["onboard"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (_EDITED, "update"),
        (_ACME.replace(*_SUSPENDED), "suspend"),
    ],
    ids=["update", "suspend"],
)
def test_a_merged_change_becomes_its_operation(onboarded: Service, content: bytes, kind: str) -> None:
    """With what the steps need: the new file, the former one, and the ETag of that."""
    assert content != _ACME
    onboarded.merge(content)
    operation = onboarded.reconcile().started["acme"]
    with reading(onboarded.store) as connection:
        asked = operations.get(connection, operation)
        arguments = tickets.get(connection, operation).request.arguments
    assert (str(asked.operation.kind), asked.caller) == (kind, "reconciler")
    assert (arguments["content"], arguments["former"]) == (content.decode(), _ACME.decode())
    assert arguments["expected"] == FolderSpecs(onboarded.specs).read("acme").etag


def test_a_comment_is_no_change(onboarded: Service) -> None:
    """What says the same asks for nothing, and is shown as nothing."""
    onboarded.merge(b"# A comment\n" + _ACME)
    assert onboarded.held() == {}


def test_what_failed_is_not_asked_for_again_until_it_changes(onboarded: Service) -> None:
    """A change that failed is shown with the reason; the next commit of it is asked for."""
    onboarded.merge(_EDITED)
    onboarded.fail(onboarded.reconcile().started["acme"])
    found = onboarded.reconcile()
    assert not found.started
    assert [(each.kind, "it is wrong" in each.note) for each in found.held] == [("failed", True)]
    onboarded.merge(_EDITED.replace(b"Limited", b"Unlimited"))
    assert [*onboarded.reconcile().started] == ["acme"]


def test_what_was_taken_back_and_merged_again_is_asked_for_again(onboarded: Service) -> None:
    """Each change is an operation of its own, also when it says what an earlier one said."""
    for content in (_EDITED, _ACME, _EDITED):
        onboarded.merge(content)
        onboarded.finish(onboarded.reconcile().started["acme"])
    assert sorted(onboarded.kinds()) == ["onboard", "update", "update", "update"]


def test_a_spec_that_vanished_is_shown_and_never_erased(onboarded: Service) -> None:
    """The tenant stays as it is; only the API erases."""
    onboarded.merge(None)
    assert onboarded.held() == {"acme": "vanished"}
    assert (onboarded.specs / "acme.yaml").read_bytes() == _ACME
    assert onboarded.kinds() == ["onboard"]


@pytest.mark.parametrize("direct", [True, False])
def test_an_edit_by_hand_is_shown_and_never_overwritten(onboarded: Service, *, direct: bool) -> None:
    """In both modes; a merged change waits until the file is put back."""
    file = onboarded.specs / "acme.yaml"
    assert onboarded.held(direct=direct) == {}
    file.write_bytes(_EDITED)
    assert onboarded.held(direct=direct) == {"acme": "edited"}
    onboarded.merge(_ACME.replace(b"Acme Diagnostics", b"Acme"))
    assert onboarded.held(direct=direct) == {"acme": "edited"}
    assert file.read_bytes() == _EDITED
    file.write_bytes(_ACME)
    assert (onboarded.held(direct=True) == {}) if direct else (onboarded.reconcile().started != {})


def test_a_run_by_hand_is_shown_and_holds_changes(onboarded: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that no run of ours left stops the next operation until somebody has looked."""
    mark = StackMark(written="2026-01-01", digest="1")
    FleetMemory(onboarded.home).change("acme", lambda _: Remembered(mark=mark))
    now = mark

    def stack_as_it_is(workspace: Workspace, tenant: str) -> StackMark:
        del workspace, tenant
        return now

    monkeypatch.setattr("infra.operations.fleet_memory.current_mark", stack_as_it_is)
    assert onboarded.held() == {}
    now = StackMark(written="2026-02-02", digest="2")
    assert onboarded.held() == {"acme": "by hand"}
    assert onboarded.held(direct=True) == {"acme": "by hand"}
    onboarded.merge(_EDITED)
    assert onboarded.held() == {"acme": "by hand"}
    now = mark
    assert [*onboarded.reconcile().started] == ["acme"]


def test_one_that_is_wrong_does_not_stop_the_others(service: Service) -> None:
    """A file that is no spec is shown with what is wrong, and the next tenant is onboarded."""
    service.merge(b"id: [", tenant="broken")
    service.merge()
    found = service.reconcile()
    assert [*found.started] == ["acme"]
    assert [(each.tenant, each.kind) for each in found.held] == [("broken", "invalid")]


def test_a_change_that_no_operation_makes_is_shown(onboarded: Service) -> None:
    """Suspending together with another change is two changes: nothing is asked for."""
    onboarded.merge(_EDITED.replace(*_SUSPENDED))
    assert onboarded.held() == {"acme": "invalid"}


def test_a_round_is_kept_for_those_who_show_it(onboarded: Service) -> None:
    """The console and the API show what the last round held."""
    settings = onboarded.settings
    assert last_reconciliation(settings.home) is None
    (onboarded.specs / "acme.yaml").write_bytes(_EDITED)
    found = reconcile_round(settings, onboarded.store, GitOps(repository=onboarded.bare))
    assert last_reconciliation(settings.home) == found
    assert [each.kind for each in found.held] == ["edited"]
    assert found.commit == git(onboarded.people, "rev-parse", "HEAD")


def test_an_operation_of_a_commit_has_one_id() -> None:
    """A UUID of version 7 that another commit, or the same of another tenant, does not have; ordered by time."""
    first = operation_id("acme", "a" * 40, _NOW)
    assert first == operation_id("acme", "a" * 40, _NOW)
    others = {operation_id("globex", "a" * 40, _NOW), operation_id("acme", "b" * 40, _NOW)}
    assert len({first, *others}) == 3
    assert (first[14], first[19] in "89ab") == ("7", True)
    assert operation_id("zeta", "f" * 40, _NOW) < operation_id("acme", "0" * 40, datetime(2026, 5, 2, tzinfo=UTC))


def test_the_mode_says_where_specs_are(service: Service) -> None:
    """Direct mode writes the folder that the programs read, GitOps mode the branch."""
    assert isinstance(spec_place(service.settings, None), FolderSpecs)
    service.merge()
    assert spec_place(service.settings, GitOps(repository=service.bare)).read("acme").content == _ACME
