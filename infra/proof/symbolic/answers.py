"""The three answers to whether any request of a question is allowed."""

from __future__ import annotations

from dataclasses import dataclass

from infra.evaluator.decision import Verdict
from infra.evaluator.request import Request


@dataclass(frozen=True, slots=True)
class Sat:
    """Some request is allowed.

    Args:
        witness: Such a request.
        verdict: What the concrete evaluator says of it; it allows it.
    """

    witness: Request
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Unsat:
    """No request is allowed."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No request that is allowed was found, and one cannot be ruled out.

    Args:
        reasons: What is not modelled, each as a clause that names it.
    """

    reasons: tuple[str, ...]


SymbolicAnswer = Sat | Unsat | Unknown
