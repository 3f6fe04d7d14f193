"""What can be configured, as JSON Schemas for the engine, and what a configuration makes of a rule for a stack."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pulumi_policy import PolicyConfigSchema

from infra.errors import UserError
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime, level_under
from infra.policy_pack.rule import Rule
from infra.policy_pack.specifications import specified, stack_of

_REGIMES = {"type": "array", "items": {"type": "string", "enum": list(Regime)}, "uniqueItems": True}
_LEVEL = {"type": "string", "enum": list(Level)}

#: The configuration of the policy ``compliance``, which goes for all rules.
OF_THE_PACK = PolicyConfigSchema(
    properties={
        "regimes": {**_REGIMES, "description": "The stack's compliance regimes, in place of the specification's."},
        "regions": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[a-z]{2}(-[a-z]+)+-[0-9]+$"},
            "description": "The Regions where the stack's data may be, in place of the specification's data_residency.",
        },
        "sharedVpcs": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The ids of VPCs that several tenants share.",
        },
        "owner": {"type": "string", "description": "The id of the tenant whose stack it is."},
    }
)


def of_rule(rule: Rule) -> PolicyConfigSchema:
    """The configuration of a rule: its level under each regime, and what it has of its own."""
    levels: dict[str, Any] = {
        "type": "object",
        "properties": dict.fromkeys(["default", *map(str, Regime)], _LEVEL),
        "additionalProperties": False,
        "description": "What the rule weighs without a regime (default) and under each.",
    }
    return PolicyConfigSchema(properties={"levels": levels, **{key: dict(of) for key, of in rule.schema.items()}})


class Configured:
    """The configuration of the pack, and what it makes of the rules for a stack."""

    def __init__(self) -> None:
        self._pack: Mapping[str, Any] = {}

    def take(self, pack: Mapping[str, Any]) -> None:
        """Take the configuration that goes for all rules."""
        self._pack = pack

    def expectations(self, urn: str) -> Expectations:
        """What is expected of the stack of a URN: what is configured, else what its specification says.

        Raises:
            UserError: the specification cannot be read.
        """
        expected = specified(stack_of(urn))
        if "regimes" in self._pack:
            expected = dataclasses.replace(expected, regimes=frozenset(map(Regime, self._pack["regimes"])))
        if "regions" in self._pack:
            expected = dataclasses.replace(expected, regions=frozenset(self._pack["regions"]))
        shared = frozenset(self._pack.get("sharedVpcs", expected.shared_vpcs))
        return dataclasses.replace(expected, owner=self._pack.get("owner", expected.owner), shared_vpcs=shared)

    def of_rule(self, rule: Rule, given: Mapping[str, Any], urn: str) -> tuple[Level, Expectations]:
        """How much a rule weighs for a stack, and what it measures by.

        Args:
            rule: The rule.
            given: The rule's own configuration.
            urn: The URN of a resource of the stack.
        """
        try:
            expected = self.expectations(urn)
        except UserError:  # the policy `compliance` says so once for the stack
            expected = Expectations()
        levels: Mapping[str, str] = given.get("levels", {})
        under = {**rule.levels, **{regime: Level(levels[regime]) for regime in Regime if regime in levels}}
        default = Level(levels.get("default", rule.level))
        own = {key: value for key, value in given.items() if key in rule.schema}
        return level_under(expected.regimes, under, default), dataclasses.replace(expected, settings=own)
