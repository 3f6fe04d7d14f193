"""Likely values of the keys that policy variables name and the caller chooses: those with which a pattern would match.

With a value in its place the question is decided exactly; so a guess can find a request, and can rule out none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product

from infra.evaluator.glob import Template, Variable, Wildcard
from infra.evaluator.request import ContextValue
from infra.proof.symbolic.checks import RESOURCE, Check
from infra.proof.symbolic.model import Model

#: So many combinations of values are tried, of so many keys.
_MOST_GUESSES = 32
_MOST_KEYS = 3
#: A pattern with more of them, or longer, is not looked at: reading it backwards would take too long.
_MOST_OPEN_TOKENS = 4
_MOST_LENGTH = 2048


def guesses(model: Model) -> Iterator[Mapping[str, ContextValue]]:
    """Combinations of values for all keys that are chosen by the caller and named by policy variables."""
    keys = model.free_keys()
    if not 0 < len(keys) <= _MOST_KEYS:
        return
    values = [tuple(dict.fromkeys(_values(model, key))) for key in keys]
    for combination in islice(product(*values), _MOST_GUESSES):
        yield dict(zip(keys, combination, strict=True))


def _values(model: Model, key: str) -> Iterator[ContextValue]:
    for check in model.opaque:
        if key in check.named_keys():
            yield from _values_for(model, check, key)
    if key in model.domains:
        yield from model.domains[key].choices
    yield from (None, "x")


def _values_for(model: Model, check: Check, key: str) -> Iterator[str]:
    if check.variable == RESOURCE:
        texts = ["".join("x" if isinstance(one, Wildcard) else one for one in model.question.family.pattern)]
    else:
        value = model.question.facts(model.question.actions[0], "*", {}).text(check.variable)
        texts = [] if value is None else [value]
    for template in check.templates:
        expression = _expression(template, key)
        for text in texts if expression is not None else ():
            found = re.fullmatch(expression or "", text, re.DOTALL)
            if found is not None:
                yield found[1]


def _expression(template: Template, key: str) -> str | None:
    """A regular expression whose first group is the value of a key; None for a pattern without it or too long."""
    open_tokens = [token for token in template.tokens if not isinstance(token, str)]
    length = sum(len(token) for token in template.tokens if isinstance(token, str))
    if len(open_tokens) > _MOST_OPEN_TOKENS or length > _MOST_LENGTH:
        return None
    pieces: list[str] = []
    captured = False
    for token in template.tokens:
        if isinstance(token, str):
            pieces.append(re.escape(token))
        elif isinstance(token, Variable) and token.name == key:
            pieces.append(r"\1" if captured else "(.*?)")
            captured = True
        else:
            pieces.append(".*?" if token is not Wildcard.ONE else ".")
    return "".join(pieces) if captured else None
