"""Truth tables: for each variable of a request its atoms, and how each check comes out for each of them.

The concrete evaluator's own tests fill the tables, so that prover and evaluator cannot read a statement differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from infra.evaluator import catalogue
from infra.evaluator.answer import Answer
from infra.evaluator.facts import Facts, Scalar
from infra.evaluator.grammar import Quantifier
from infra.evaluator.request import ContextValue
from infra.proof.atoms.comparisons import value_atoms
from infra.proof.symbolic.checks import Check

#: Its values are kept apart: they follow from those of another key.
VIA_SERVICE = "aws:viaawsservice"


@dataclass(frozen=True, slots=True)
class Domain:
    """The values of one variable that the checks tell apart.

    Args:
        choices: No value (None), one value, or a list of one.
        members: The values of which a list of several is made; empty for a variable that has no several values.
    """

    choices: tuple[ContextValue, ...]
    members: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How one check comes out, under one of the two ways to count what AWS's documentation leaves open.

    Args:
        choices: The places of the domain's choices for which it holds.
        members: The places of the members that fulfil it, for a check with a quantifier.
        quantifier: Whether all or any of several values must fulfil it; without one ``several`` says.
        several: Whether it holds of several values, whatever they are.
    """

    choices: frozenset[int]
    members: frozenset[int] = frozenset()
    quantifier: Quantifier | None = None
    several: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """How one check comes out.

    Args:
        possible: What is open counts as matching, as for an Allow.
        certain: What is open counts as not matching, as for a Deny.
    """

    possible: Outcomes
    certain: Outcomes


Table = tuple[Domain, Mapping[Check, Truth]]


def table_of(
    key: str,
    checks: Sequence[Check],
    facts_with: Callable[[ContextValue], Facts],
    value_of: Callable[[str], str | None],
) -> Table:
    """The table of a context key.

    Args:
        key: The key in lower case.
        checks: All checks of it.
        facts_with: A request whose key has a value.
        value_of: The values of policy variables.

    Raises:
        NotModelled: no bounded number of values tells the checks apart.
    """
    kind = catalogue.key_type(key)
    comparisons = [check.comparison for check in checks if check.comparison is not None]
    atoms = value_atoms(kind.value if kind is not None else None, comparisons, value_of)
    singles: list[ContextValue] = [None]
    if kind is None or not kind.multivalued:
        singles.extend(atoms)
    members: tuple[Scalar, ...] = atoms if kind is None or kind.multivalued else ()
    lists = [(member,) for member in members]
    singles.extend(lists)
    rows = [_row(checks, facts_with(value)) for value in singles]
    kept = list(range(len(singles))) if key == VIA_SERVICE else _distinct(rows)
    of_members = rows[len(singles) - len(lists) :]
    kept_members = _distinct(of_members)
    pair = _row(checks, facts_with((members[0], members[0]))) if members else ()
    domain = Domain(tuple(singles[place] for place in kept), tuple(members[place] for place in kept_members))
    found: dict[Check, Truth] = {}
    for column, check in enumerate(checks):
        choices = [rows[place][column] for place in kept]
        several = [of_members[place][column] for place in kept_members]
        alike = pair[column] if pair else False
        found[check] = Truth(
            *(_outcomes(choices, several, alike, check.quantifier, counts) for counts in (_possible, _certain))
        )
    return domain, found


def resource_table(
    arns: Sequence[str], checks: Sequence[Check], facts_with: Callable[[str], Facts], keep: Callable[[str], object]
) -> tuple[tuple[str, ...], Mapping[Check, Truth]]:
    """The ARNs that checks of the resource tell apart, and the outcomes.

    Args:
        arns: One ARN of every atom.
        checks: All checks of the resource.
        facts_with: A request on a resource.
        keep: What else tells two ARNs apart.
    """
    rows = [_row(checks, facts_with(arn)) for arn in arns]
    kept = _distinct([(*row, keep(arn)) for row, arn in zip(rows, arns, strict=True)])
    found = {
        check: Truth(
            *(_outcomes([rows[place][column] for place in kept], (), False, None, way) for way in (_possible, _certain))
        )
        for column, check in enumerate(checks)
    }
    return tuple(arns[place] for place in kept), found


def _row(checks: Sequence[Check], facts: Facts) -> tuple[Answer, ...]:
    return tuple(check.holds(facts) for check in checks)


def _possible(answer: Answer) -> bool:
    return answer is not False


def _certain(answer: Answer) -> bool:
    return answer is True


def _distinct(rows: Iterable[tuple[object, ...]]) -> list[int]:
    """The places of the first row of each kind; what is open is one kind, whatever the reading."""
    seen: dict[tuple[object, ...], int] = {}
    for place, row in enumerate(rows):
        seen.setdefault(tuple(one if isinstance(one, bool | str) else None for one in row), place)
    return list(seen.values())


def _outcomes(
    choices: Sequence[Answer],
    members: Sequence[Answer],
    alike: Answer,
    quantifier: Quantifier | None,
    counts: Callable[[Answer], bool],
) -> Outcomes:
    return Outcomes(
        choices=frozenset(place for place, answer in enumerate(choices) if counts(answer)),
        members=frozenset(place for place, answer in enumerate(members) if counts(answer)),
        quantifier=quantifier,
        several=counts(alike),
    )
