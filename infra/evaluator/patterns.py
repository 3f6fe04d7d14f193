"""Lists of patterns of one element, compiled: whether a text matches one of them, whatever variables they have."""

from __future__ import annotations

from collections.abc import Sequence

from infra.evaluator.facts import Facts
from infra.evaluator.glob import Matcher, Pattern, Template, Wildcard, matcher


class Patterns:
    """Patterns of which one must match.

    Args:
        texts: The patterns as written.
        variables: Whether ``${...}`` is a variable in them.
        wildcards: Whether ``*`` and ``?`` stand for other characters.
        ignore_case: Whether case is ignored.
    """

    __slots__ = ("_fixed", "_ignore_case", "_literals", "_templates")

    def __init__(
        self, texts: Sequence[str], *, variables: bool, wildcards: bool = True, ignore_case: bool = False
    ) -> None:
        self._ignore_case = ignore_case
        literals: set[str] = set()
        fixed: list[Matcher] = []
        self._templates: list[Template] = []
        for text in texts:
            template = Template.parse(text, variables=variables, wildcards=wildcards)
            pattern = template.resolve(lambda _: None)
            if template.variables or pattern is None:
                self._templates.append(template)
            elif any(isinstance(token, Wildcard) for token in pattern):
                fixed.append(matcher(_lowered(pattern) if ignore_case else pattern))
            else:
                literal = "".join(token for token in pattern if isinstance(token, str))
                literals.add(literal.lower() if ignore_case else literal)
        self._literals = frozenset(literals)
        self._fixed = tuple(fixed)

    def matches(self, text: str, facts: Facts) -> bool:
        """Whether one of them matches the whole text; nothing equals a variable without a value.

        Source: IAM User Guide, "IAM policy elements: Variables and tags", Policy variables with no value: operators
        like StringEquals do not match it, inverted operators like StringNotEquals do.
        """
        if self._ignore_case:
            text = text.lower()
        if text in self._literals:
            return True
        for fits in self._fixed:
            if fits(text):
                return True
        return self._resolved(text, facts) if self._templates else False

    def _resolved(self, text: str, facts: Facts) -> bool:
        for template in self._templates:
            pattern = template.resolve(facts.text)
            if pattern is not None and matcher(_lowered(pattern) if self._ignore_case else pattern)(text):
                return True
        return False


def _lowered(pattern: Pattern) -> Pattern:
    return tuple(token.lower() if isinstance(token, str) else token for token in pattern)
