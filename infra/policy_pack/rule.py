"""What a rule of the pack is: a check of one resource or of a whole stack, its weight, and what it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.constraints.rule import Finding
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime
from infra.policy_pack.planned import StackResource

__all__ = ["Finding", "ResourceCheck", "Rule", "Schema", "StackCheck"]

ResourceCheck = Callable[[StackResource, Expectations], Iterator[Finding]]
#: Yields what is wrong with which of the resources.
StackCheck = Callable[[Sequence[StackResource], Expectations], Iterator[tuple[StackResource, Finding]]]
#: JSON Schema of each property that a rule's configuration may have.
Schema = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule, with exactly one of the two checks.

    Attributes:
        id: Stable, for example ``log-retention``; the name of the policy in Pulumi.
        title: The rule in one sentence.
        source: The page of the documentation that it rests on, by title.
        remedy: What to do about a finding that names no better remedy.
        types: The type tokens that it is about; empty for every type of AWS.
        resource: The check of a single resource; says nothing about what is unknown.
        stack: The check of all resources of a stack at the end of a preview or update.
        level: How much it weighs where no regime says otherwise.
        levels: How much it weighs under a regime, where that differs.
        standards: The controls that it stands for: ``S3.8`` of the AWS Foundational Security Best Practices.
        schema: What can be configured, besides levels and regimes.
    """

    id: str
    title: str
    source: str
    remedy: str
    types: frozenset[str] = frozenset()
    resource: ResourceCheck | None = None
    stack: StackCheck | None = None
    level: Level = Level.MANDATORY
    levels: Mapping[Regime, Level] = field(default_factory=dict[Regime, Level])
    standards: tuple[str, ...] = ()
    schema: Schema = field(default_factory=dict[str, Mapping[str, Any]])

    def __post_init__(self) -> None:
        if (self.resource is None) == (self.stack is None):
            raise TypeError(f"{self.id} needs a check of a resource or one of a stack, and not both")

    def applies_to(self, token: str) -> bool:
        """Whether the rule is about a type of resources."""
        return token in self.types or (not self.types and token.startswith("aws:"))

    def examine(self, resource: StackResource, expected: Expectations) -> Iterator[Finding]:
        """What is wrong with a resource by a rule of single resources."""
        if self.resource is not None and self.applies_to(resource.type):
            yield from self.resource(resource, expected)

    def examine_stack(
        self, stack: Sequence[StackResource], expected: Expectations
    ) -> Iterator[tuple[StackResource, Finding]]:
        """What is wrong with a stack by a rule of whole stacks."""
        if self.stack is not None:
            yield from self.stack(stack, expected)
