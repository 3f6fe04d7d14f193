"""Who can become whom: the closure of actors under every step by which a caller becomes somebody else, or more."""

from infra.proof.reach.closure import Reached, closure

__all__ = ["Reached", "closure"]
