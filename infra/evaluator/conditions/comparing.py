"""What every family of operators provides: a comparison of one value of a request with the values of a policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from infra.evaluator.answer import Comparison, Undefined
from infra.evaluator.facts import Facts

#: Whether a value of the request matches one of a policy's values.
Compare = Callable[[str, Facts], Comparison]
#: Makes a comparison from a policy's values, and whether ``${...}`` is a variable in them.
Family = Callable[[Sequence[str], bool], Compare]


def unreadable(type_of_value: str) -> Undefined:
    """The comparison with a value of the request that is not of the operator's type."""
    return Undefined(f"a value of the request is no {type_of_value}")
