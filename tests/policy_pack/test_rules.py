"""Every rule lets a sound resource or stack pass, finds its broken twin, and is silent about what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest

from infra import constraints
from infra.constraints import UNKNOWN
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Rule
from infra.policy_pack.rules import RULES
from infra.policy_pack.rules.adopted import STANDARDS
from tests.policy_pack.cases import Case
from tests.policy_pack.single_cases import CASES
from tests.unit.constraints import broken_policies, broken_settings
from tests.unit.constraints.sound import Broken

BY_ID = {rule.id: rule for rule in RULES}
ADOPTED = {rule.id for rule in constraints.RULES}


def _ids(case: Case) -> str:
    return f"{case.rule}-{case.found}"


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_a_sound_resource_passes(case: Case) -> None:
    """Positive control: the resource that the twin is made from breaks no rule of single resources."""
    resource = case.resource(broken=False)
    assert list(BY_ID[case.rule].examine(resource, case.expected)) == []


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_the_broken_twin_is_found(case: Case) -> None:
    """The rule names the property, says what is wrong, and what to do."""
    rule = BY_ID[case.rule]
    found = list(rule.examine(case.resource(broken=True), case.expected))
    assert [one.property for one in found] == [case.found]
    assert all(one.message and (one.remedy or rule.remedy) for one in found)


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_nothing_is_said_about_what_is_unknown(case: Case) -> None:
    """A resource of which any single value is not known breaks no rule."""
    for properties in (dict.fromkeys(case.sound, UNKNOWN), *_with_one_unknown(case.sound)):
        resource = StackResource(type=case.type, name="x", properties=properties, provider=case.provider)
        assert list(BY_ID[case.rule].examine(resource, case.expected)) == [], properties


@pytest.mark.parametrize(
    "broken", [*broken_policies.BROKEN, *broken_settings.BROKEN], ids=lambda one: f"{one.rule}-{one.at}"
)
def test_constraints_are_found_by_the_pack_too(broken: Broken) -> None:
    """The broken twins of `infra.constraints` are found for other people's programs."""
    planned = broken.resource()
    resource = StackResource(type=planned.type, name=planned.name, properties=planned.properties)
    expected = Expectations(shared_vpcs=planned.shared_vpcs)
    found = {one.property for one in BY_ID[broken.rule].examine(resource, expected)}
    assert (broken.found or broken.at) in found


def test_every_rule_has_a_broken_twin() -> None:
    """No rule is there that no test has seen fail."""
    tested = {case.rule for case in CASES}
    assert set(BY_ID) == ADOPTED | tested
    assert len(BY_ID) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_what_to_do_and_where_that_is_written(rule: Rule) -> None:
    """Each rule has a title, a remedy and the page of a documentation."""
    assert rule.title.endswith(".")
    assert rule.remedy
    assert rule.source


def test_standards_are_of_rules_that_there_are() -> None:
    """No control is claimed for a constraint that is gone."""
    assert set(STANDARDS) <= ADOPTED


def _with_one_unknown(value: Any) -> Iterator[Any]:
    """Copies of a value of which one part is unknown, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield {**value, key: UNKNOWN}
            yield from ({**value, key: changed} for changed in _with_one_unknown(inner))
    elif isinstance(value, list):
        entries = cast("list[Any]", value)
        for index, inner in enumerate(entries):
            yield [*entries[:index], UNKNOWN, *entries[index + 1 :]]
            yield from ([*entries[:index], changed, *entries[index + 1 :]] for changed in _with_one_unknown(inner))
