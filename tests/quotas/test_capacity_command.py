"""`bulkhead capacity` shows quotas, what fits and the plan: as tables, and as one JSON document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli.capacity import show
from infra.cli.main import app
from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel
from infra.operations import capacity as operation
from infra.policies.reading import CAPACITY_ACTIONS
from infra.quotas.basis import Basis
from infra.quotas.reading_limits import ACTIONS as LIMIT_ACTIONS
from infra.quotas.reading_use import READS
from infra.quotas.report import capacity
from tests.quotas.samples import basis

_RUNNER = CliRunner()


def _reckoned(*_: Any, **__: Any) -> Basis:
    return basis("acme", "globex", unread={"kms_keys": "AccessDenied (it needs kms:ListKeys)"})


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  used by its name
    monkeypatch.setattr(operation, "basis", _reckoned)


def _printed(*arguments: str) -> str:
    result = _RUNNER.invoke(app, ["capacity", *arguments], env={"COLUMNS": "200"}, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_help_has_examples() -> None:
    shown = " ".join(_printed("--help").split())
    assert "bulkhead capacity --tenants 50 --tier pool" in shown


def test_tables_tell_use_room_and_what_was_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    show(capacity(_reckoned(), tenants=30))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["vpcs_per_region", "-", "5", "2", "3", "0", "1", "default"] in lines
    assert ["silo", "3", "3", "vpcs_per_region", "582.68", "globex"] in lines
    none = "1 cell deployed, and none may be opened: the platform's spec lists no spare_cells"
    assert none.split() in lines
    assert ["not", "read:", "kms_keys:", "AccessDenied", "(it", "needs", "kms:ListKeys)"] in lines
    request = "aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-1B52E74A"
    assert [*request.split(), "--desired-value", "32", "--region", "eu-central-1"] in lines


def test_json_is_one_document_with_the_plan() -> None:
    said = json.loads(_printed("--tenants", "30", "--tier", "pool", "--json"))
    assert {each["tier"]: each["fit"] for each in said["tiers"]} == {"pool": 18, "silo": 3}
    assert said["not_read"] == {"kms_keys": "AccessDenied (it needs kms:ListKeys)"}
    (account,) = said["plan"]["accounts"]
    assert (account["tenants"], account["cells"], account["new"]) == (30, 1, False)
    assert [each["place"]["quota"] for each in account["raises"]] == ["gateway_endpoints_per_region"]
    assert json.loads(_printed("--json"))["plan"] is None


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_numbers_that_are_none_are_refused(count: str) -> None:
    assert _RUNNER.invoke(app, ["capacity", "--tenants", count]).exit_code == 2


def test_the_policy_that_it_needs_allows_what_is_read_and_no_more() -> None:
    document = json.loads(_printed("--print-policy"))
    (statement,) = document["Statement"]
    asked = {action for read in READS for action in read.actions} | {*LIMIT_ACTIONS}
    assert {*statement["Action"]} == asked == {*CAPACITY_ACTIONS}
    for name in CAPACITY_ACTIONS:
        known = catalogue.action(*name.split(":"))
        assert known is not None, name
        assert known.access_level in (AccessLevel.LIST, AccessLevel.READ), name
