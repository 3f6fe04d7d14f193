"""The parts of a statement that depend on one variable of a request each: its resource, or one condition key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from infra.evaluator.conditions import compile_condition
from infra.evaluator.document import Condition, Policy, Statement
from infra.evaluator.facts import Test
from infra.evaluator.glob import Template, Wildcard
from infra.evaluator.grammar import Quantifier, parse_operator
from infra.evaluator.policies import Grant
from infra.evaluator.resources import compile_resources
from infra.proof.atoms.comparisons import Comparison
from infra.proof.atoms.errors import NotModelled
from infra.proof.atoms.shapes import Shape, widely, within_segments

#: The variable that is the ARN of the resource; no context key has this name.
RESOURCE = ""
#: The time that matching within segments takes grows with the wildcards times the square of the ARN's length.
_MOST_WILDCARDS = 64
_ENCRYPTION_CONTEXT = "kms:encryptioncontext:"


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One element of a statement that looks at one variable of the request.

    Args:
        variable: The context key in lower case, or `RESOURCE`.
        holds: The concrete evaluator's own test.
        templates: What it compares with, where policy variables can be in it.
        comparison: For a condition that compares values, with what.
        quantifier: For a condition, how it looks at several values.
    """

    variable: str
    holds: Test
    templates: tuple[Template, ...]
    comparison: Comparison | None = None
    quantifier: Quantifier | None = None

    def named_keys(self) -> frozenset[str]:
        """The context keys that its policy variables take their values from."""
        return frozenset(variable.name for template in self.templates for variable in template.variables)


def checks_of(policy: Policy, statement: Statement) -> Iterator[Check]:
    """The checks of a statement's Resource or NotResource and of its conditions."""
    variables = policy.has_variables
    listed = statement.resources if statement.resources is not None else statement.not_resources
    if listed is not None:
        holds = compile_resources(listed, variables=variables, negate=statement.resources is None)
        yield Check(RESOURCE, holds, tuple(Template.parse(text, variables=variables) for text in listed))
    for condition in statement.conditions:
        yield check_of(condition, variables=variables)


def check_of(condition: Condition, *, variables: bool) -> Check:
    """The check of one condition."""
    operator = parse_operator(condition.operator)
    if operator is None:
        raise ValueError(f"there is no condition operator {condition.operator!r}")
    comparison = Comparison(operator.name, condition.values, variables) if operator.name != "Null" else None
    return Check(
        variable=condition.key,
        holds=compile_condition(condition, variables=variables),
        templates=comparison.templates() if comparison is not None else (),
        comparison=comparison,
        quantifier=operator.quantifier,
    )


def checks_of_grant(grant: Grant, encryption_keys: Iterable[str]) -> Iterator[Check]:
    """The constraints of a grant on the encryption context.

    Args:
        grant: The grant.
        encryption_keys: All keys of encryption contexts that policies and grants name, in lower case.
    """
    pairs = {**(grant.context_subset or {}), **(grant.context_equals or {})}
    for name, value in pairs.items():
        key = encryption_key(name)
        yield check_of(Condition("StringEquals", key, (value,)), variables=False)
    if grant.context_equals is not None:
        for key in sorted({*encryption_keys} - {encryption_key(name) for name in grant.context_equals}):
            yield check_of(Condition("Null", key, ("true",)), variables=False)


def encryption_key(name: str) -> str:
    """The context key of one pair of an encryption context, in lower case."""
    return f"{_ENCRYPTION_CONTEXT}{name.lower()}"


def resource_shapes(check: Check, value_of: Callable[[str], str | None]) -> Iterator[Shape]:
    """What tells resources apart for a check of them, in both readings of wildcards.

    Raises:
        NotModelled: a pattern has so many wildcards that matching it in the second reading would take too long.
    """
    for template in check.templates:
        if sum(isinstance(token, Wildcard) for token in template.tokens) > _MOST_WILDCARDS:
            raise NotModelled(f"the pattern of a resource with more than {_MOST_WILDCARDS} wildcards")
        pattern = template.resolve(value_of)
        if pattern is not None:
            yield widely(pattern)
            yield within_segments(pattern)
