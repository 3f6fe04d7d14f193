"""Whether any request of a principal on a family of resources is allowed: over all actions, resources and contexts."""

from infra.proof.symbolic.actions import actions_on
from infra.proof.symbolic.answers import Sat, SymbolicAnswer, Unknown, Unsat
from infra.proof.symbolic.deciding import decide
from infra.proof.symbolic.question import Family, Question

__all__ = ["Family", "Question", "Sat", "SymbolicAnswer", "Unknown", "Unsat", "actions_on", "decide"]
