"""The variables of a request as Boolean variables: one for each atom, of which exactly one holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.evaluator.facts import Scalar
from infra.evaluator.grammar import Quantifier
from infra.evaluator.request import ContextValue
from infra.proof.symbolic.formula import Clauses, Formula, all_of, any_of, negation
from infra.proof.symbolic.tables import Domain, Outcomes


@dataclass(frozen=True, slots=True)
class _Encoded:
    """The literals of one variable: one for each choice, one for several values, and one for each member of these."""

    choices: tuple[int, ...]
    several: int | None
    members: tuple[int, ...]


class Encoding:
    """Formulas over the atoms of variables, and what a model of them says.

    Only variables that a formula mentions are encoded.

    Args:
        domains: The variables' values, by their names.
    """

    __slots__ = ("_domains", "_encoded", "clauses")

    def __init__(self, domains: Mapping[str, Domain]) -> None:
        self.clauses = Clauses()
        self._domains = domains
        self._encoded: dict[str, _Encoded] = {}

    def holds(self, variable: str, outcomes: Outcomes) -> Formula:
        """That a variable has a value for which a check comes out so."""
        encoded = self._of(variable)
        inside = {encoded.choices[place] for place in outcomes.choices}
        every = set(encoded.choices)
        if encoded.several is not None:
            several = self._of_several(encoded, outcomes)
            if not isinstance(several, bool):
                return any_of([*sorted(inside), all_of([encoded.several, several])])
            every.add(encoded.several)
            inside |= {encoded.several} if several else set()
        if len(inside) <= len(every) // 2:
            return any_of(sorted(inside))
        return negation(any_of(sorted(every - inside)))

    def mentions(self, variable: str) -> bool:
        """Whether some formula so far is about a variable."""
        return variable in self._encoded

    def values(self, model: frozenset[int]) -> Mapping[str, ContextValue]:
        """The values of the variables that a model chooses; the names of variables are those of the domains."""
        return {variable: self._value(variable, encoded, model) for variable, encoded in self._encoded.items()}

    def _of(self, variable: str) -> _Encoded:
        found = self._encoded.get(variable)
        if found is None:
            found = self._encoded[variable] = self._encode(self._domains[variable])
        return found

    def _encode(self, domain: Domain) -> _Encoded:
        several = bool(domain.members)
        chosen = self.clauses.one_of(len(domain.choices) + several)
        members = tuple(self.clauses.variable() for _ in domain.members)
        if not several:
            return _Encoded(chosen, None, ())
        self.clauses.require(any_of([-chosen[-1], *members]))
        return _Encoded(chosen[:-1], chosen[-1], members)

    def _of_several(self, encoded: _Encoded, outcomes: Outcomes) -> Formula:
        """What must hold of the members if there are several."""
        if outcomes.quantifier is None:
            return outcomes.several
        inside = [encoded.members[place] for place in sorted(outcomes.members)]
        if len(inside) == len(encoded.members):
            return True
        if outcomes.quantifier is Quantifier.ANY:
            return any_of(inside)
        return negation(any_of(sorted({*encoded.members} - {*inside})))

    def _value(self, variable: str, encoded: _Encoded, model: frozenset[int]) -> ContextValue:
        domain = self._domains[variable]
        if encoded.several is not None and encoded.several in model:
            return _several(
                [value for value, literal in zip(domain.members, encoded.members, strict=True) if literal in model]
            )
        return next(value for value, literal in zip(domain.choices, encoded.choices, strict=True) if literal in model)


def _several(values: Sequence[Scalar]) -> tuple[Scalar, ...]:
    """At least two values: two values of a request may be of one atom."""
    return (values[0], values[0]) if len(values) == 1 else tuple(values)
