"""The actions of a statement.

Source: IAM User Guide, "IAM JSON policy elements: Action". IAM asks of an action that it begins with a prefix, and not
that the service or the action exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.evaluator import catalogue
from infra.evaluator.grammar.elements import entries
from infra.evaluator.grammar.profiles import Profile
from infra.evaluator.grammar.refusal import Refusal, Subject

_PAGE = "IAM User Guide, IAM JSON policy elements: Action"
_VENDOR = re.compile(r"\*|[A-Za-z0-9.-]+")


def of_actions(statement: Mapping[str, Any], path: str, profile: Profile) -> Iterator[Refusal]:
    """Everything for which AWS refuses the entries of Action and NotAction."""
    for element in ("Action", "NotAction"):
        if element in statement:
            for place, action in entries(statement[element], f"{path}.{element}"):
                problem = _problem(action, profile)
                if problem is not None:
                    yield Refusal(place, problem, _PAGE, Subject.ACTION)


def _problem(action: object, profile: Profile) -> str | None:
    if not isinstance(action, str):
        return profile.dialect.refuse(Subject.SYNTAX, f"{action!r} is no text")
    if action == "*":
        return None if profile.bare_star else profile.dialect.refuse(Subject.ACTION, "'*' names no service")
    vendor, colon, name = action.partition(":")
    if not colon or not vendor or not name:
        return f"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. {action!r} is no action"
    if ":" in name:
        return f"Actions/Condition can contain only one colon. {action!r} is no action"
    if not _VENDOR.fullmatch(vendor):
        return f"Vendor {vendor} is not valid. {action!r} is no action"
    problem = _out_of_scope(action, vendor.lower(), name, profile)
    return None if problem is None else profile.dialect.refuse(Subject.ACTION, problem)


def _out_of_scope(action: str, vendor: str, name: str, profile: Profile) -> str | None:
    """What a policy that speaks of one service only cannot name."""
    if profile.services is not None and vendor not in profile.services:
        return f"{action!r} is no action of {', '.join(sorted(profile.services))}"
    if vendor == "*" and not profile.bare_star:
        return f"{action!r} names no service"
    if name == "*" and not profile.service_star:
        return f"{action!r} names actions that are not the resource's own"
    if profile.known_actions and not any(catalogue.matching_actions(action)):
        return f"there is no action {action!r}"
    return None
