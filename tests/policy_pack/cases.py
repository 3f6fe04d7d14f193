"""A case of a rule: a sound resource or stack, its broken twin, and the property that the rule must name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource

ACME = Expectations(owner="acme", regions=frozenset({"eu-central-1"}))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A resource that passes and its twin that does not.

    Attributes:
        rule: The rule.
        type: The type token.
        sound: Properties that pass.
        broken: What is changed in them; ``...`` removes a property.
        found: The property that must be named.
        expected: What the stack is measured by.
        provider: The provider's inputs.
    """

    rule: str
    type: str
    sound: Mapping[str, Any]
    broken: Mapping[str, Any]
    found: str
    expected: Expectations = ACME
    provider: Mapping[str, Any] = field(default_factory=lambda: {"region": "eu-central-1"})

    def resource(self, *, broken: bool) -> StackResource:
        """The resource or its twin."""
        changed = {**self.sound, **self.broken} if broken else self.sound
        properties = {key: value for key, value in changed.items() if value is not ...}
        region = self.broken.get("provider.region") if broken else None
        provider = {**self.provider, "region": region} if region else self.provider
        properties.pop("provider.region", None)
        return StackResource(type=self.type, name="x", urn=f"urn:{self.type}", properties=properties, provider=provider)


@dataclass(frozen=True, kw_only=True)
class StackCase:
    """A stack that passes and its twin that does not.

    Attributes:
        rule: The rule.
        sound: Resources that pass.
        broken: Those of the twin.
        at: The name of the resource that must be found.
        found: The property that must be named.
        expected: What the stack is measured by.
    """

    rule: str
    sound: Sequence[StackResource]
    broken: Sequence[StackResource]
    at: str
    found: str
    expected: Expectations = ACME


def resource(
    token: str,
    name: str,
    properties: Mapping[str, Any],
    *,
    leads_to: Mapping[str, tuple[str, ...]] | None = None,
    depends_on: tuple[str, ...] = (),
    parent: str = "",
    region: str = "eu-central-1",
) -> StackResource:
    """A resource of a stack; its URN is its name."""
    return StackResource(
        type=token,
        name=name,
        urn=name,
        properties=properties,
        provider={"region": region},
        leads_to=leads_to or {},
        depends_on=depends_on,
        parent=parent,
    )
