"""Lists of patterns of one element, compiled: whether a text matches one of them, whatever variables they have."""

from __future__ import annotations

from collections.abc import Sequence

from infra.evaluator.facts import Facts
from infra.evaluator.glob import Pattern, Template, any_matcher, matcher


class Patterns:
    """Patterns of which one must match.

    Args:
        texts: The patterns as written.
        variables: Whether ``${...}`` is a variable in them.
        wildcards: Whether ``*`` and ``?`` stand for other characters.
        ignore_case: Whether case is ignored.
    """

    __slots__ = ("_fixed", "_ignore_case", "_templates")

    def __init__(
        self, texts: Sequence[str], *, variables: bool, wildcards: bool = True, ignore_case: bool = False
    ) -> None:
        self._ignore_case = ignore_case
        templates = [Template.parse(text, variables=variables, wildcards=wildcards) for text in texts]
        self._templates = tuple(template for template in templates if template.variables)
        fixed = (template.resolve(lambda _: None) for template in templates if not template.variables)
        self._fixed = any_matcher(self._pattern(pattern) for pattern in fixed if pattern is not None)

    def _pattern(self, pattern: Pattern) -> Pattern:
        if not self._ignore_case:
            return pattern
        return tuple(token.lower() if isinstance(token, str) else token for token in pattern)

    def matches(self, text: str, facts: Facts) -> bool:
        """Whether one of them matches the whole text; nothing equals a variable without a value.

        Source: IAM User Guide, "IAM policy elements: Variables and tags", Policy variables with no value: operators
        like StringEquals do not match it, inverted operators like StringNotEquals do.
        """
        if self._ignore_case:
            text = text.lower()
        return self._fixed(text) or (bool(self._templates) and self._resolved(text, facts))

    def _resolved(self, text: str, facts: Facts) -> bool:
        for template in self._templates:
            pattern = template.resolve(facts.text)
            if pattern is not None and matcher(self._pattern(pattern))(text):
                return True
        return False
