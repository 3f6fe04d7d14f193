"""Every rule lets a sound resource pass, finds its broken twin, and is silent about what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pulumi_aws
import pytest
from pulumi import _types  # pyright: ignore[reportPrivateUsage]  # the SDK's own reading of its argument classes

from components.plan_check import input_class
from infra.constraints import RULES, UNKNOWN, PlannedResource, violations
from infra.constraints.policies import as_list
from tests.unit.constraints import broken_policies, broken_settings
from tests.unit.constraints.broken_policies import SOUND_POLICIES
from tests.unit.constraints.sound import SOUND, Broken, sound

BROKEN = (*broken_policies.BROKEN, *broken_settings.BROKEN)


@pytest.mark.parametrize("token", SOUND)
def test_a_sound_resource_breaks_no_rule(token: str) -> None:
    """Positive control: the resource that the twins below are made from passes every rule."""
    assert [str(violation) for violation in violations(sound(token))] == []


@pytest.mark.parametrize(("token", "key", "document"), SOUND_POLICIES)
def test_a_sound_policy_breaks_no_rule(token: str, key: str, document: str) -> None:
    """Positive control: policies that look like broken ones pass."""
    resource = PlannedResource(type=token, name="x", properties={**SOUND[token], key: document})
    assert [str(violation) for violation in violations(resource)] == []


@pytest.mark.parametrize("broken", BROKEN, ids=[f"{one.rule}-{one.at}-{n}" for n, one in enumerate(BROKEN)])
def test_the_broken_twin_is_found(broken: Broken) -> None:
    """The rule names the property, says what is wrong, and what to do."""
    found = [one for one in violations(broken.resource()) if one.rule.id == broken.rule]
    assert (broken.found or broken.at) in {one.property for one in found}
    assert all(one.message and one.remedy for one in found)


def test_every_rule_has_a_broken_twin() -> None:
    """No rule is there that no test has seen fail, and ids are unique."""
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {broken.rule for broken in BROKEN}


def test_every_rule_says_where_aws_says_so() -> None:
    """Each rule has a title, a page of AWS's documentation, and types of AWS."""
    for rule in RULES:
        assert rule.title.endswith(".")
        assert rule.source
        assert all(token.startswith("aws:") for token in rule.types)


@pytest.mark.parametrize("token", SOUND)
def test_nothing_is_said_about_what_is_unknown(token: str) -> None:
    """A resource of which nothing is known, and one of which any single value is not, breaks no rule."""
    resources = [dict.fromkeys(SOUND[token], UNKNOWN), *_with_one_unknown(SOUND[token])]
    for properties in resources:
        resource = PlannedResource(type=token, name="x", properties=properties)
        assert [str(one) for one in violations(resource)] == [], properties


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


def test_resources_of_others_are_not_judged() -> None:
    """Components and other providers' resources are none of AWS's business."""
    for token in ("bulkhead:component:TenantKey", "pulumi:providers:aws", "random:index/randomId:RandomId"):
        assert not list(violations(PlannedResource(type=token, name="x", properties={"tags": {"aws:x": "y"}})))


@pytest.mark.parametrize("token", SOUND)
def test_the_properties_are_those_of_the_provider(token: str) -> None:
    """A rule that read a misspelt property would never fire: every property here is one of pulumi-aws."""
    module, _, name = token.removeprefix("aws:").partition("/")
    arguments = input_class(getattr(getattr(pulumi_aws, module), name.partition(":")[2]))
    twins = [broken.resource().properties for broken in BROKEN if broken.type == token]
    for properties in (SOUND[token], *twins):
        assert list(_misspelt(arguments, properties)) == []


def _misspelt(arguments: type, properties: Mapping[str, Any]) -> Iterator[str]:
    """The properties that the argument class, or a nested one, does not have."""
    types = {engine: _argument_class(kind) for engine, kind in _types.input_type_types(arguments).items()}
    for key, value in properties.items():
        if key not in types:
            yield key
        nested = types.get(key)
        for entry in as_list(value):
            if nested is not None and isinstance(entry, Mapping):
                yield from _misspelt(nested, cast("Mapping[str, Any]", entry))


def _argument_class(annotation: Any) -> type | None:
    """The argument class inside an annotation, such as that of a list's entries."""
    if isinstance(annotation, type) and _types.is_input_type(annotation):
        return annotation
    return next(filter(None, map(_argument_class, getattr(annotation, "__args__", ()))), None)
