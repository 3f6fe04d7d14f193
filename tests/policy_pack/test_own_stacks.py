"""The stacks of this repository break no rule of single resources, as they are registered and as they are deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.policy_pack.planned import StackResource
from infra.policy_pack.rules import RULES
from infra.policy_pack.specifications import PLATFORM_PROJECT, TENANTS_PROJECT, Stack, specified, stack_of
from infra.settings import ROOT
from tests.unit.constraints.test_stacks_are_sound import STACKS

_EXPORT = ROOT / "tests" / "proof" / "facts" / "acme_export.json"


def _findings(resources: list[StackResource], stack: Stack) -> list[str]:
    expected = specified(stack)
    return [
        f"{rule.id} {resource.name} {finding.property}: {finding.message}"
        for resource in resources
        for rule in RULES
        for finding in rule.examine(resource, expected)
    ]


@pytest.mark.parametrize("name", STACKS)
def test_what_is_registered_breaks_no_rule(name: str) -> None:
    """The platform and both tenants of the demo, under the regimes of their specifications."""
    recorded = STACKS[name]().resources
    (provider,) = [one.inputs for one in recorded if one.type == "pulumi:providers:aws"]
    resources = [
        StackResource(type=one.type, name=one.name, properties=one.inputs, provider=provider) for one in recorded
    ]
    project = PLATFORM_PROJECT if name == "platform" else TENANTS_PROJECT
    assert len(resources) > 50
    assert _findings(resources, Stack(project, name)) == []


def _as_given(resource: dict[str, Any]) -> dict[str, Any]:
    """The outputs without what AWS answers for what nobody gave."""
    return {key: value for key, value in resource["outputs"].items() if value not in ([], "", None)}


def test_what_is_deployed_breaks_no_rule() -> None:
    """Acme's export; with a setting changed it does."""
    listed: list[dict[str, Any]] = json.loads(_EXPORT.read_bytes())["deployment"]["resources"]
    (provider,) = [one["outputs"] for one in listed if one["type"] == "pulumi:providers:aws"]

    def resources(**changes: Any) -> list[StackResource]:
        return [
            StackResource(
                type=one["type"],
                name=one["urn"].rpartition("::")[2],
                urn=one["urn"],
                properties={**_as_given(one), **changes.get(one["type"].rpartition(":")[2], {})},
                provider=provider,
            )
            for one in listed
        ]

    stack = stack_of(listed[0]["urn"])
    assert _findings(resources(), stack) == []
    broken = _findings(resources(Bucket={"region": "us-east-1"}, Key={"enableKeyRotation": False}), stack)
    assert sorted({finding.partition(" ")[0] for finding in broken}) == ["kms-rotation", "residency"]


def test_the_projects_are_called_so() -> None:
    """The names by which a stack's specification is found are those of the projects."""
    for folder, name in ((ROOT, PLATFORM_PROJECT), (ROOT / "tenant_stacks", TENANTS_PROJECT)):
        assert f"name: {name}\n" in Path(folder / "Pulumi.yaml").read_text(encoding="utf-8")
