"""Comparisons of ARNs, part by part. Source: IAM User Guide, "Condition operators", ARN condition operators.

``ArnEquals`` and ``ArnLike`` behave identically: each of the six parts is compared on its own and may have wildcards.
"""

from __future__ import annotations

from collections.abc import Sequence

from infra.evaluator.answer import Comparison, Open
from infra.evaluator.conditions.comparing import Compare
from infra.evaluator.facts import Facts
from infra.evaluator.glob import Pattern, Template, Wildcard, matcher

_PARTS = 6
_WHOLE = Open("a pattern of fewer than six parts matches the ARN as a whole")


def like(values: Sequence[str], variables: bool) -> Compare:
    """``ArnLike`` and ``ArnEquals``."""
    templates = tuple(Template.parse(value, variables=variables) for value in values)

    def compared(value: str, facts: Facts) -> Comparison:
        answer: Comparison = False
        for template in templates:
            found = _compare(template, value, facts)
            if found is True:
                return True
            if found is not False and not isinstance(answer, Open):
                answer = found
        return answer

    return compared


def _compare(template: Template, value: str, facts: Facts) -> Comparison:
    pattern = template.resolve(facts.text)
    if pattern is None:
        return False
    patterns, texts = _split(pattern), value.split(":", _PARTS - 1)
    if len(patterns) < _PARTS:
        return _WHOLE if matcher(pattern)(value) else False
    return len(texts) == _PARTS and all(matcher(part)(text) for part, text in zip(patterns, texts, strict=True))


def _split(pattern: Pattern) -> list[Pattern]:
    """The parts of a pattern, split at the first five colons that it writes itself."""
    parts: list[list[str | Wildcard]] = [[]]
    for token in pattern:
        pieces = token.split(":", _PARTS - len(parts)) if isinstance(token, str) else [token]
        parts[-1].append(pieces[0])
        parts.extend([piece] for piece in pieces[1:])
    return [tuple(part) for part in parts]
