"""Which tags the maker of a role's session can give it: those that the conditions of the trust leave open.

Whatever is not pinned to literal values by a condition that is understood counts as chosen freely. Source: IAM User
Guide, "Pass session tags in AWS STS", "AWS global condition context keys" (aws:RequestTag, aws:TagKeys).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod

from infra.evaluator.document import Condition, Policy, PrincipalName, Statement
from infra.evaluator.glob import Template, Wildcard, glob
from infra.evaluator.grammar import Quantifier, parse_operator
from infra.evaluator.kinds import Effect
from infra.proof.world.listing import allowing, lists_any

#: Tags by name, in order.
Tags = tuple[tuple[str, str], ...]
ValueOf = Callable[[str], str | None]

TAG_SESSION = "sts:tagsession"
ASSUME = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
_REQUEST_TAG = "aws:requesttag/"
_TAG_KEYS = "aws:tagkeys"
_EVERYBODY = PrincipalName("AWS", "*")
#: So many combinations of pinned values are states of their own; with more, the tags count as chosen freely.
_MOST_COMBINATIONS = 16


@dataclass(slots=True)
class Session:
    """What the maker of a session can choose.

    Args:
        pinned: The values that a tag can have; None among them where it can be left out.
        keys: For each condition on the names of tags, globs of which each name must match one.
    """

    pinned: dict[str, frozenset[str | None]] = field(default_factory=dict[str, frozenset[str | None]])
    keys: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    @property
    def choosable(self) -> tuple[str, ...]:
        """Globs of the names of tags whose values are chosen freely; a pinned tag can be among them."""
        return min(self.keys, key=len, default=("*",))

    def choices(self) -> Iterator[Mapping[str, str | None]]:
        """Every combination of the pinned tags' values, None where one is left out; none of them if there are many."""
        if prod(len(values) for values in self.pinned.values()) > _MOST_COMBINATIONS:
            yield {}
            return
        names = sorted(self.pinned)
        for values in product(*(sorted(self.pinned[name], key=_order) for name in names)):
            yield dict(zip(names, values, strict=True))

    def pin(self, name: str, values: frozenset[str | None]) -> None:
        """Require that a tag has one of some values, beside what is required already."""
        self.pinned[name] = self.pinned[name] & values if name in self.pinned else values


def sessions(
    trust: Policy, value_of: ValueOf = lambda _: None, named: Callable[[Statement], bool] | None = None
) -> tuple[Session, ...]:
    """What the makers of a role's sessions can choose; empty if sessions bring no tags.

    Args:
        trust: The role's trust policy.
        value_of: The values of context keys that the maker cannot choose.
        named: Whether a statement names the maker for certain; those that name everybody do in any case.
    """
    hits = named or _names_everybody
    denies = [one for one in trust.statements if one.effect is Effect.DENY and hits(one) and _alone(one)]
    found: list[Session] = []
    for tagging in allowing((trust,), TAG_SESSION):
        for assuming in allowing((trust,), *ASSUME):
            session = Session()
            for condition in (*tagging.conditions, *assuming.conditions):
                _require(session, condition, value_of, trust)
            for deny in denies:
                _forbid(session, deny.conditions[0], value_of, trust)
            possible = all(session.pinned.values())
            if possible and session not in found:
                found.append(session)
    return tuple(found)


def _order(value: str | None) -> tuple[bool, str]:
    return value is not None, value or ""


def _names_everybody(statement: Statement) -> bool:
    return statement.principals is not None and _EVERYBODY in statement.principals


def _alone(statement: Statement) -> bool:
    """Whether it is about making sessions with tags, with one condition."""
    return len(statement.conditions) == 1 and lists_any(statement, (TAG_SESSION,))


def _require(session: Session, condition: Condition, value_of: ValueOf, policy: Policy) -> None:
    operator = parse_operator(condition.operator)
    if operator is None:
        return
    name = condition.key.removeprefix(_REQUEST_TAG)
    if condition.key == _TAG_KEYS:
        if operator.quantifier is Quantifier.ALL and operator.name in ("StringEquals", "StringLike"):
            values = _literals(condition.values, operator.name, value_of, policy, wild=True)
            if values is not None:
                session.keys.append(tuple(values))
    elif name != condition.key and operator.name == "Null":
        if set(condition.values) == {"true"}:
            session.pin(name, frozenset({None}))
    elif name != condition.key and operator.name in ("StringEquals", "StringLike"):
        values = _literals(condition.values, operator.name, value_of, policy, wild=False)
        optional = operator.if_exists or operator.quantifier is Quantifier.ALL
        if values is not None:
            session.pin(name, frozenset({*values, *((None,) if optional else ())}))


def _forbid(session: Session, condition: Condition, value_of: ValueOf, policy: Policy) -> None:
    """Read a Deny with one condition: what it leaves is what its opposite requires."""
    operator = parse_operator(condition.operator)
    if operator is None or operator.name not in ("StringNotEquals", "StringNotLike"):
        return
    name = condition.key.removeprefix(_REQUEST_TAG)
    plain = operator.name.replace("Not", "")
    if condition.key == _TAG_KEYS and operator.quantifier is Quantifier.ANY and not operator.if_exists:
        values = _literals(condition.values, plain, value_of, policy, wild=True)
        if values is not None:
            session.keys.append(tuple(values))
    elif name != condition.key and operator.quantifier is None:
        values = _literals(condition.values, plain, value_of, policy, wild=False)
        if values is not None:
            session.pin(name, frozenset(values))


def _literals(
    texts: Iterable[str], operator: str, value_of: ValueOf, policy: Policy, *, wild: bool
) -> list[str] | None:
    """The texts with variables resolved; None where one has no value, or is no literal."""
    found: list[str] = []
    for text in texts:
        template = Template.parse(text, variables=policy.has_variables, wildcards=operator == "StringLike")
        if template.variables and wild:
            return None
        pattern = template.resolve(value_of)
        if pattern is None or (not wild and any(isinstance(token, Wildcard) for token in pattern)):
            return None
        found.append("".join(token.value if isinstance(token, Wildcard) else token for token in pattern))
    return found


def matches_any(name: str, globs: Iterable[str]) -> bool:
    """Whether the name of a tag matches any of some globs; case is ignored, as it is in the names of context keys."""
    return any(glob(one.lower())(name.lower()) for one in globs)
