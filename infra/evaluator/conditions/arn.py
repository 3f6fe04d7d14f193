"""Comparisons of ARNs, part by part. Source: IAM User Guide, "Condition operators", ARN condition operators.

``ArnEquals`` and ``ArnLike`` behave identically: each of the six parts is compared on its own and may have wildcards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from infra.evaluator.answer import Answer, Open, any_of
from infra.evaluator.conditions.comparing import Compare
from infra.evaluator.facts import Facts
from infra.evaluator.glob import Pattern, Template, Wildcard, matcher

_PARTS = 6
#: So many values of requests a condition remembers.
_KNOWN_VALUES = 1024
_WHOLE = Open("a pattern of fewer than six parts matches the ARN as a whole")


def like(values: Sequence[str], variables: bool) -> Compare:
    """``ArnLike`` and ``ArnEquals``."""
    templates = tuple(Template.parse(value, variables=variables) for value in values)
    fixed = tuple(
        _matcher(pattern)
        for pattern in (template.resolve(lambda _: None) for template in templates if not template.variables)
        if pattern is not None
    )
    variable = tuple(template for template in templates if template.variables)
    known: dict[str, Answer] = {}

    def compared(value: str, facts: Facts) -> Answer:
        answer = known.get(value)
        if answer is None:
            if len(known) >= _KNOWN_VALUES:
                known.clear()
            answer = known[value] = any_of(matches(value) for matches in fixed)
        if answer is True or not variable:
            return answer
        resolved = (template.resolve(facts.text) for template in variable)
        return any_of([answer, *(_matcher(pattern)(value) for pattern in resolved if pattern is not None)])

    return compared


@lru_cache(maxsize=4096)
def _matcher(pattern: Pattern) -> Callable[[str], Answer]:
    parts = tuple(map(matcher, _split(pattern)))
    if len(parts) < _PARTS:
        whole = matcher(pattern)
        return lambda value: _WHOLE if whole(value) else False

    def matches(value: str) -> bool:
        texts = value.split(":", _PARTS - 1)
        return len(texts) == _PARTS and all(fits(text) for fits, text in zip(parts, texts, strict=True))

    return matches


def _split(pattern: Pattern) -> list[Pattern]:
    """The parts of a pattern, split at the first five colons that it writes itself."""
    parts: list[list[str | Wildcard]] = [[]]
    for token in pattern:
        pieces = token.split(":", _PARTS - len(parts)) if isinstance(token, str) else [token]
        parts[-1].append(pieces[0])
        parts.extend([piece] for piece in pieces[1:])
    return [tuple(part) for part in parts]
