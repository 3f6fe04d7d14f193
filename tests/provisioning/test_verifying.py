"""A tenant is called active after proof and smoke tests only; what lets it reach others closes its access at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.operations import fleet_health, fleet_memory
from infra.operations.isolation_gate import Judgement
from infra.operations.smoke import Tried
from infra.provisioning.context import Work
from infra.provisioning.steps import verify as verifying
from infra.provisioning.steps.verify import verify
from infra.settings import ROOT, Settings
from infra.spec import TenantSpec
from infra.spec.platform import Verification
from infra.store import changes
from infra.store.changes import Asked
from infra.store.database import transaction
from tests.provisioning.step_calls import call_of

_OWN = Tried(what="put with its key", owner="acme", good=True)
_DENIED = Tried(what="list the bucket", owner="globex", good=True, answer="AccessDenied")


class Verified:
    """A step ``verify`` without a cloud: what the proof and the smoke tests say is given.

    Args:
        folder: An empty folder.
        monkeypatch: Puts the given answers in their place.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        shutil.copytree(ROOT / "tenant_stacks" / "specs", folder / "specs")
        self.work = Work(
            Settings(home=folder / "home", specs=folder / "specs", platform_spec=ROOT / "stacks" / "platform.yaml")
        )
        self.work.workspace.__dict__["cloud"] = SimpleNamespace(sandbox=object())
        self.judged = Judgement()
        self.tried = [_OWN, _DENIED]
        self.closed: list[str] = []
        self.neighbours: list[str | None] = []
        monkeypatch.setattr(verifying, "judge_deployed", self._judge)
        monkeypatch.setattr(verifying, "try_tenant", self._try)
        monkeypatch.setattr(fleet_health, "judge_deployed", self._judge)
        monkeypatch.setattr(fleet_health, "try_tenant", self._try)
        monkeypatch.setattr(verifying.access, "agree", self._agree)
        monkeypatch.setattr(type(self.work.workspace), "deployed_tenants", self._deployed)

    def run(self) -> dict[str, Any]:
        return verify(self.work, call_of("verify", "acme", {}))

    def fail(self) -> StepFailed:
        with pytest.raises(StepFailed) as caught:
            self.run()
        return caught.value

    def _judge(self, workspace: object, tenant: str) -> Judgement:
        del workspace
        assert tenant == "acme"
        return self.judged

    def _try(self, workspace: object, tenant: TenantSpec, neighbour: TenantSpec | None) -> Iterator[Tried]:
        del workspace, tenant
        self.neighbours.append(neighbour.id if neighbour else None)
        yield from self.tried

    def _agree(self, cloud: object, platform: object, tenant: TenantSpec) -> bool:
        del cloud, platform
        self.closed.append(f"{tenant.id} {tenant.lifecycle.state}")
        return True

    @staticmethod
    def _deployed(workspace: object) -> list[str]:
        del workspace
        return ["acme", "globex"]


@pytest.fixture
def verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verified:
    return Verified(tmp_path, monkeypatch)


def test_what_is_proven_and_works_passes_and_is_remembered(verified: Verified) -> None:
    assert verified.run()["tried"] == ["put with its key of acme", "list the bucket of globex"]
    assert (verified.closed, verified.neighbours) == ([], ["globex"])
    seen = fleet_memory.memory(verified.work.workspace).read("acme")
    assert seen.proof is not None
    assert seen.health is not None
    assert (seen.proof.verdict, seen.health.verdict) == ("Proved", "passed")


def test_a_leak_closes_access_before_it_is_told(verified: Verified) -> None:
    verified.judged = Judgement(leak="acme may read what is globex's")
    failure = verified.fail()
    assert failure.failure_class is FailureClass.INTERNAL
    assert "acme may read what is globex's" in failure.message
    assert verified.closed == ["acme suspended"]
    assert verified.neighbours == []


def test_what_nobody_can_tell_does_not_pass(verified: Verified) -> None:
    verified.judged = Judgement(unknown="a policy is not known")
    assert verified.fail().failure_class is FailureClass.INTERNAL


def test_a_neighbour_that_lets_it_in_closes_access(verified: Verified) -> None:
    verified.tried = [_OWN, Tried(what="use the key", owner="globex", good=False, answer="it was allowed")]
    failure = verified.fail()
    assert (failure.failure_class, verified.closed) == (FailureClass.INTERNAL, ["acme suspended"])
    assert "use the key of globex: it was allowed" in failure.message


def test_what_does_not_work_yet_is_tried_again_with_access_as_it_is(verified: Verified) -> None:
    verified.tried = [Tried(what="put with its key", owner="acme", good=False, transient=True, answer="AccessDenied")]
    assert verified.fail().failure_class is FailureClass.TRANSIENT
    assert verified.closed == []
    seen = fleet_memory.memory(verified.work.workspace).read("acme").health
    assert seen is not None
    assert seen.verdict == "failed"


def test_a_neighbour_that_is_being_made_is_not_tried(verified: Verified) -> None:
    """It may lack what would be tried: no answer of it shows anything."""
    asked = Asked(operation="o", caller="anna", priority=5, now=datetime(2026, 1, 1, tzinfo=UTC))
    with transaction(verified.work.store) as connection:
        changes.request_tenant(connection, "globex", "{}", asked)
    verified.run()
    assert verified.neighbours == [None]


def test_on_aws_without_workers_the_proof_stands_alone_and_the_result_says_what_to_set(verified: Verified) -> None:
    verified.work.workspace.__dict__["cloud"] = cast("Any", SimpleNamespace(sandbox=None))
    result = verified.run()
    assert result["tried"] == []
    assert "no smoke tests" in result["notes"][0]
    assert "verification.worker_role_arn" in result["notes"][0]
    healthy = fleet_health.health(verified.work.workspace, "acme")
    assert (healthy.outcome, healthy.detail) == ("passed", result["notes"][0])


def test_on_aws_with_workers_it_is_tried(verified: Verified) -> None:
    """The positive control of the above: the setting is all that makes the difference."""
    workspace = verified.work.workspace
    workspace.__dict__["cloud"] = cast("Any", SimpleNamespace(sandbox=None))
    (worker,) = workspace.platform.provisioning.trusted_principals
    verification = Verification(worker_role_arn=worker)
    workspace.__dict__["platform"] = workspace.platform.model_copy(update={"verification": verification})
    result = verified.run()
    assert (len(result["tried"]), result["notes"]) == (2, [])
    assert fleet_health.health(workspace, "acme").outcome == "passed"
