"""The elements of a statement: which there are, which belong together, and their own values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.evaluator.grammar.actions import of_actions
from infra.evaluator.grammar.conditions import of_conditions
from infra.evaluator.grammar.elements import is_empty
from infra.evaluator.grammar.principals import of_principals
from infra.evaluator.grammar.profiles import Need, Profile
from infra.evaluator.grammar.refusal import Refusal, Subject
from infra.evaluator.grammar.resources import of_resources

_ELEMENTS = frozenset(
    {
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
    }
)  # fmt: skip
_PLAIN_SID = re.compile(r"[0-9A-Za-z]*")
_SID_PAGE = "IAM User Guide, IAM JSON policy elements: Sid"
_EFFECT_PAGE = "IAM User Guide, IAM JSON policy elements: Effect"


def of_statement(statement: Mapping[str, Any], path: str, profile: Profile) -> Iterator[Refusal]:
    """Everything for which AWS refuses a statement, but for what it shares with others."""
    for name in statement:
        if name not in _ELEMENTS:
            yield Refusal(f"{path}.{name}", profile.dialect.unknown_element(name), profile.source, Subject.SYNTAX)
    yield from _of_effect(statement, path, profile)
    yield from _of_pair(statement, path, profile, "Action", profile.action, negated=profile.not_action)
    yield from _of_pair(statement, path, profile, "Resource", profile.resource, negated=True)
    yield from _of_pair(statement, path, profile, "Principal", profile.principal, negated=profile.not_principal)
    yield from of_actions(statement, path, profile)
    yield from of_resources(statement, path, profile)
    yield from of_principals(statement, path, profile)
    if "Condition" in statement:
        yield from of_conditions(statement["Condition"], f"{path}.Condition", profile)


def of_sids(statements: Sequence[tuple[str, Mapping[str, Any]]], profile: Profile) -> Iterator[Refusal]:
    """Everything for which AWS refuses the Sids of a document's statements."""
    seen: set[str] = set()
    for path, statement in statements:
        if "Sid" not in statement:
            continue
        sid = statement["Sid"]
        place = f"{path}.Sid"
        if not isinstance(sid, str):
            message = profile.dialect.refuse(Subject.SYNTAX, f"Sid is {sid!r}, and must be a text")
            yield Refusal(place, message, _SID_PAGE, Subject.SID)
            continue
        if profile.plain_sids and not _PLAIN_SID.fullmatch(sid):
            message = f"Statement IDs (SID) must be alpha-numeric: Sid {sid!r} is not letters and digits only"
            yield Refusal(place, message, _SID_PAGE, Subject.SID)
        if sid and sid in seen:
            message = f"Statement IDs (SID) in a single policy must be unique: Sid {sid!r} is there twice"
            yield Refusal(place, message, _SID_PAGE, Subject.SID)
        seen.add(sid)


def _of_effect(statement: Mapping[str, Any], path: str, profile: Profile) -> Iterator[Refusal]:
    effect = statement.get("Effect")
    place = f"{path}.Effect"
    if "Effect" not in statement:
        yield Refusal(place, profile.dialect.missing("Effect"), _EFFECT_PAGE, Subject.ELEMENT)
    elif effect not in ("Allow", "Deny"):
        message = profile.dialect.refuse(Subject.ELEMENT, f"Effect is {effect!r}, and must be Allow or Deny")
        yield Refusal(place, message, _EFFECT_PAGE, Subject.ELEMENT)
    elif profile.only_denies and effect != "Deny":
        problem = f"Effect is {effect!r}, and a policy of one's own can only deny"
        message = profile.dialect.refuse(Subject.ELEMENT, problem)
        yield Refusal(place, message, profile.source, Subject.ELEMENT)


def _of_pair(
    statement: Mapping[str, Any], path: str, profile: Profile, name: str, need: Need, *, negated: bool
) -> Iterator[Refusal]:
    """Two elements of which a statement has one, such as Action and NotAction."""
    opposite = f"Not{name}"
    page = f"IAM User Guide, IAM JSON policy elements: {name}"
    here = [element for element in (name, opposite) if element in statement]
    if need is Need.PROHIBITED:
        for element in here:
            message = profile.dialect.prohibited(element)
            yield Refusal(f"{path}.{element}", message, profile.source, Subject.ELEMENT)
    elif len(here) > 1:
        message = profile.dialect.refuse(Subject.ELEMENT, f"a statement has either {name} or {opposite}")
        yield Refusal(f"{path}.{opposite}", message, page, Subject.ELEMENT)
    elif here == [opposite] and not negated:
        message = profile.dialect.prohibited(opposite)
        yield Refusal(f"{path}.{opposite}", message, profile.source, Subject.ELEMENT)
    elif need is Need.REQUIRED and (not here or is_empty(statement[here[0]])):
        yield Refusal(f"{path}.{name}", profile.dialect.missing(name), page, Subject.ELEMENT)
