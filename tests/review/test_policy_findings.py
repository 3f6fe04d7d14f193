"""What the policy pack's rules find in a planned stack, with what is deployed as it is and with a property changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from infra.operations.policy_findings import findings
from infra.policy_pack.rules import RULES
from infra.review.model import PolicyFinding
from infra.settings import ROOT
from infra.spec import load_estate
from tests.proof.recorded.exports import recorded

_SPECS = load_estate(ROOT / "stacks" / "platform.yaml", ROOT / "tenant_stacks" / "specs")
_LOGS = "aws:cloudwatch/logGroup:LogGroup"


def _export() -> Mapping[str, Any]:
    """Acme's stack as it was deployed; what was left out of it, the inputs, are there as they came out."""
    export = copy.deepcopy(dict(recorded()["acme"]))
    for resource in export["deployment"]["resources"]:
        resource["inputs"] = dict(resource.get("outputs") or {})
    return export


_EXPORT = _export()


def _found(change: Callable[[dict[str, Any]], None], *, deployed: bool = True) -> tuple[PolicyFinding, ...]:
    """The findings in a preview of acme's stack in which every resource was given to `change`."""
    lines: list[str] = []
    for resource in copy.deepcopy(_EXPORT["deployment"]["resources"]):
        change(resource)
        new = {key: value for key, value in resource.items() if key not in ("dependencies", "propertyDependencies")}
        step = {"op": "same", "urn": resource["urn"], "type": resource["type"], "new": new}
        lines.append(json.dumps({"resourcePreEvent": {"metadata": step}}))
    return findings(
        "acme",
        _SPECS,
        events="\n".join(lines).encode(),
        deployed=_EXPORT["deployment"]["resources"] if deployed else (),
    )


def _as_it_is(resource: dict[str, Any]) -> None:
    del resource


def _short_logs(resource: dict[str, Any]) -> None:
    if resource["type"] == _LOGS:
        resource["inputs"]["retentionInDays"] = 7


def test_what_is_deployed_has_no_finding() -> None:
    """The control: our own stack as it is."""
    assert [each for each in _found(_as_it_is) if each.new] == []


def test_a_change_brings_a_finding() -> None:
    """Logs that are kept for a week are found, as new, with rule, level, resource and remedy."""
    found = [each for each in _found(_short_logs) if each.new]
    assert {(each.rule, each.type) for each in found} == {("log-retention", _LOGS)}
    assert {each.stack for each in found} == {"acme"}
    assert all(each.rule and each.level and each.remedy for each in found)


def test_rules_of_whole_stacks_are_not_asked_about_a_new_one() -> None:
    """A preview does not tell what a new resource depends on; rules of single resources are asked all the same."""
    of_stacks = {rule.id for rule in RULES if rule.stack is not None}
    found = {each.rule for each in _found(_short_logs, deployed=False)}
    assert of_stacks
    assert "log-retention" in found
    assert not found & of_stacks
