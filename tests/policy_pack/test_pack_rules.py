"""Every rule lets a sound resource or stack pass, finds its broken twin, and is silent about what is unknown."""

from __future__ import annotations

import dataclasses
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
from tests.policy_pack import protection_cases, single_cases
from tests.policy_pack.cases import Case, StackCase
from tests.policy_pack.single_cases import FORBIDDEN
from tests.policy_pack.stack_cases import STACK_CASES
from tests.unit.constraints import broken_policies, broken_settings
from tests.unit.constraints.sound import Broken

CASES = (*single_cases.CASES, *protection_cases.CASES)
BY_ID = {rule.id: rule for rule in RULES}
ADOPTED = {rule.id for rule in constraints.RULES}


def _ids(case: Case | StackCase) -> str:
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


@pytest.mark.parametrize(("rule", "token"), FORBIDDEN)
def test_what_must_not_be_there_is_found(rule: str, token: str) -> None:
    """A resource of such a type is found, whatever is known of it; a resource of another type is not."""
    forbidden = StackResource(type=token, name="x", properties={})
    other = StackResource(type="aws:ec2/vpc:Vpc", name="x", properties={})
    assert [one.property for one in BY_ID[rule].examine(forbidden, Expectations())] == [""]
    assert list(BY_ID[rule].examine(other, Expectations())) == []


@pytest.mark.parametrize("case", STACK_CASES, ids=_ids)
def test_a_sound_stack_passes(case: StackCase) -> None:
    """Positive control: the stack that the twin is made from does not break the rule."""
    assert list(BY_ID[case.rule].examine_stack(case.sound, case.expected)) == []


@pytest.mark.parametrize("case", STACK_CASES, ids=_ids)
def test_the_broken_stack_is_found(case: StackCase) -> None:
    """The rule names the resource and the property, says what is wrong, and what to do."""
    rule = BY_ID[case.rule]
    found = list(rule.examine_stack(case.broken, case.expected))
    assert [(at.name, one.property) for at, one in found] == [(case.at, case.found)]
    assert all(one.message and (one.remedy or rule.remedy) for _, one in found)


@pytest.mark.parametrize("case", STACK_CASES, ids=_ids)
def test_nothing_is_said_about_a_stack_that_is_unknown(case: StackCase) -> None:
    """Where no value of the parts is known, nor where it comes from, a sound stack still does not break the rule."""
    stack = [
        dataclasses.replace(one, properties=dict.fromkeys(one.properties, UNKNOWN), leads_to={}) for one in case.sound
    ]
    assert [at.name for at, _ in BY_ID[case.rule].examine_stack(stack, case.expected)] == []


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
    tested = {case.rule for case in (*CASES, *STACK_CASES)} | {rule for rule, _ in FORBIDDEN}
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
