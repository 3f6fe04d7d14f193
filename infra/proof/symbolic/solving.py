"""The one file that calls the SAT solver: MiniSat through python-sat."""

from __future__ import annotations

from typing import Protocol, cast

from pysat.solvers import Solver

from infra.proof.symbolic.formula import Clauses

#: As python-sat names it.
_SOLVER = "minisat22"


class _Solver(Protocol):
    """What of python-sat's untyped `Solver` is used."""

    def solve(self) -> bool | None: ...

    def get_model(self) -> list[int]: ...

    def delete(self) -> None: ...


def model_of(clauses: Clauses) -> frozenset[int] | None:
    """The variables that hold in some assignment that fulfils all clauses; None if there is none."""
    if [] in clauses.clauses:
        return None
    solver = cast("_Solver", Solver(name=_SOLVER, bootstrap_with=clauses.clauses))
    try:
        return frozenset(literal for literal in solver.get_model() if literal > 0) if solver.solve() else None
    finally:
        solver.delete()
