"""Patterns that name a tenant: what covers a tenant must not cover another whose id extends its.

``acme-*`` covers ``acme-eu-data`` where ids may have hyphens, and ``acme*`` covers ``acme2`` everywhere. The ids of
this platform have lower-case letters and digits only, so that any other character ends an id.

Source: IAM User Guide, "IAM JSON policy elements: Resource", section on wildcards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.constraints.policies import as_list, documents, strings
from infra.policy_documents import DOCUMENTS
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource, tags_of
from infra.policy_pack.rule import Finding, Rule


def unterminated(pattern: str, owner: str, further_characters: str = "") -> bool:
    """Whether a pattern that names a tenant also covers one whose id begins or ends with the tenant's.

    Args:
        pattern: A pattern with ``*`` and ``?``, as IAM reads it.
        owner: The tenant's id.
        further_characters: What an id may have besides lower-case letters and digits, for example ``-``.
    """
    inside = f"[a-z0-9{re.escape(further_characters)}]"
    name = re.escape(owner)
    runs_on = rf"(?<!{inside}){name}{inside}*[*?]"
    runs_up = rf"[*?]{inside}*{name}(?!{inside})"
    return re.search(f"{runs_on}|{runs_up}", pattern) is not None


def _patterns(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts of a statement that may have wildcards, each with the element that it is in."""
    for element in ("Resource", "NotResource", "Principal"):
        value: Any = statement.get(element)
        if isinstance(value, Mapping):
            value = [entry for entries in cast("Mapping[str, Any]", value).values() for entry in as_list(entries)]
        yield from ((element, entry) for entry in strings(value))
    block: Any = statement.get("Condition")
    for operator, keys in cast("Mapping[str, Any]", block if isinstance(block, Mapping) else {}).items():
        if "Like" in operator and isinstance(keys, Mapping):
            for key, values in cast("Mapping[str, Any]", keys).items():
                yield from (
                    (f"Condition.{operator}.{key}", entry) for entry in as_list(values) if isinstance(entry, str)
                )


def _terminated(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    owner = expected.owner or (tags_of(resource) or {}).get("tenant")
    if not isinstance(owner, str) or not owner:
        return
    further = str(expected.settings.get("furtherIdCharacters", ""))
    for document in documents(resource):
        for path, statement in document.statements():
            if statement.get("Effect") != "Allow":
                continue
            for element, pattern in _patterns(statement):
                if unterminated(pattern, owner, further):
                    message = f"{pattern!r} is meant for {owner}, and covers a tenant whose id extends {owner!r}"
                    yield Finding(property=f"{path}.{element}", message=message)


_SCHEMA: dict[str, dict[str, Any]] = {
    "furtherIdCharacters": {
        "type": "string",
        "maxLength": 100,
        "description": "The characters that ids of tenants may have besides lower-case letters and digits.",
    }
}

RULES = (
    Rule(
        id="name-terminator",
        title="A pattern that names a tenant ends the tenant's id before its wildcard.",
        source="IAM User Guide, IAM JSON policy elements: Resource",
        remedy="put a character after the id that no id has, for example - or /, before the wildcard",
        types=frozenset(DOCUMENTS),
        resource=_terminated,
        schema=_SCHEMA,
    ),
)
