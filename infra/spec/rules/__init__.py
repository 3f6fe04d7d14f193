"""The rules between the specs, one a file: each yields what is wrong with a draft of the estate."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem

Rule = Callable[[Draft], Iterator[SpecProblem]]

RULES: tuple[Rule, ...] = ()


def problems_between(draft: Draft) -> Iterator[SpecProblem]:
    """Everything that a rule finds in `draft`."""
    for rule in RULES:
        yield from rule(draft)
