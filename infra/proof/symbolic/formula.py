"""Propositional formulas in negation normal form, and their clauses.

A literal is a number as in DIMACS: a variable from 1 up, negative where it is negated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts holds."""

    parts: tuple[Formula, ...]


Formula = bool | int | And | Or


def all_of(formulas: Iterable[Formula]) -> Formula:
    """The conjunction, simplified where parts are constants."""
    parts: list[Formula] = []
    for formula in formulas:
        if formula is False:
            return False
        if isinstance(formula, And):
            parts.extend(formula.parts)
        elif formula is not True:
            parts.append(formula)
    return True if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))


def any_of(formulas: Iterable[Formula]) -> Formula:
    """The disjunction, simplified where parts are constants."""
    parts: list[Formula] = []
    for formula in formulas:
        if formula is True:
            return True
        if isinstance(formula, Or):
            parts.extend(formula.parts)
        elif formula is not False:
            parts.append(formula)
    return False if not parts else parts[0] if len(parts) == 1 else Or(tuple(parts))


def negation(formula: Formula) -> Formula:
    """What holds where the formula does not."""
    match formula:
        case bool():
            return not formula
        case int():
            return -formula
        case And(parts):
            return any_of(map(negation, parts))
        case Or(parts):
            return all_of(map(negation, parts))


class Clauses:
    """Clauses over numbered variables."""

    __slots__ = ("_variables", "clauses")

    def __init__(self) -> None:
        self._variables = 0
        self.clauses: list[list[int]] = []

    def variable(self) -> int:
        """A new variable."""
        self._variables += 1
        return self._variables

    def one_of(self, count: int) -> tuple[int, ...]:
        """New variables of which exactly one holds.

        That at most one does is said along a ladder: Source: C. Sinz, "Towards an Optimal CNF Encoding of Boolean
        Cardinality Constraints".
        """
        chosen = tuple(self.variable() for _ in range(count))
        self.clauses.append(list(chosen))
        before = 0
        for one in chosen[:-1]:
            taken = self.variable()
            self.clauses.append([-one, taken])
            if before:
                self.clauses.extend(([-before, taken], [-before, -one]))
            before = taken
        if before:
            self.clauses.append([-before, -chosen[-1]])
        return chosen

    def require(self, formula: Formula) -> None:
        """Add clauses that hold only where the formula does."""
        match formula:
            case bool():
                if not formula:
                    self.clauses.append([])
            case int():
                self.clauses.append([formula])
            case And(parts):
                for part in parts:
                    self.require(part)
            case Or(parts):
                self.clauses.append([self._literal(part) for part in parts])

    def _literal(self, formula: Formula) -> int:
        """A literal that implies a formula that is no constant; that is enough, as no formula is negated."""
        if isinstance(formula, int):
            return formula
        defined = self.variable()
        if isinstance(formula, And):
            self.clauses.extend([-defined, self._literal(part)] for part in formula.parts)
        else:
            self.clauses.append([-defined, *(self._literal(part) for part in formula.parts)])
        return defined
