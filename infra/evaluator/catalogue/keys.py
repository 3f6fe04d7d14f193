"""Condition keys and their types: those of services, of identity providers, and the global ones.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services", Condition keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from infra.evaluator.catalogue import data
from infra.evaluator.catalogue.global_keys import GLOBAL_KEYS

_PLACEHOLDER = re.compile(r"\$\{\w+\}|<\w+>")
#: The address of an OpenID Connect provider, without its scheme.
_OIDC_PROVIDER = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/.*)?", re.DOTALL)
#: The claims of every OpenID Connect provider; the tables have those that single providers add.
#: Source: IAM User Guide, "Keys for AWS OIDC federation".
_OIDC_CLAIMS: Mapping[str, str] = {
    "amr": "ArrayOfString",
    "aud": "String",
    "email": "String",
    "oaud": "String",
    "sub": "String",
}


class ValueType(StrEnum):
    """What kind of value a key has; it says which operators compare it."""

    STRING = "String"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOL = "Bool"
    BINARY = "Binary"
    IP_ADDRESS = "IPAddress"
    ARN = "ARN"


@dataclass(frozen=True, slots=True)
class KeyType:
    """The type of a condition key.

    Attributes:
        value: The kind of its values.
        multivalued: Whether a request can have several, so that a policy must say ``ForAnyValue`` or ``ForAllValues``.
    """

    value: ValueType
    multivalued: bool = False

    @classmethod
    def parse(cls, written: str) -> KeyType:
        """The type that AWS's tables write as ``String`` or ``ArrayOfString``."""
        name = written.removeprefix("ArrayOf")
        return cls(ValueType(name), multivalued=name != written)


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key.

    Attributes:
        name: As AWS writes it, for example ``aws:PrincipalTag/${TagKey}``: the last part stands for any text there.
        type: The type of its values.
    """

    name: str
    type: KeyType


@lru_cache(maxsize=4096)
def condition_key(key: str) -> ConditionKey | None:
    """The key of that name in any case, for example ``aws:principaltag/tenant``; None where AWS has none.

    A key of an OpenID Connect provider begins with the provider's address, for example ``gitlab.example.org:sub``.
    """
    lowered = key.lower()
    keys = _keys_of(_prefix(lowered))
    if lowered in keys.exact:
        return keys.exact[lowered]
    return next((found for pattern, found in keys.patterns if pattern.fullmatch(lowered)), None)


def key_type(key: str) -> KeyType | None:
    """The type of the key of that name in any case; None where AWS has none."""
    found = condition_key(key)
    return None if found is None else found.type


def condition_keys(prefix: str) -> tuple[ConditionKey, ...]:
    """All keys with a prefix: a service's own, an identity provider's, or with ``aws`` the global ones."""
    return _keys_of(prefix.lower()).all


@dataclass(frozen=True, slots=True)
class _Keys:
    all: tuple[ConditionKey, ...]
    exact: Mapping[str, ConditionKey]
    patterns: tuple[tuple[re.Pattern[str], ConditionKey], ...]


def _prefix(lowered: str) -> str:
    """The part before the first colon; claims may contain further colons."""
    return lowered.partition(":")[0]


@lru_cache(maxsize=512)
def _keys_of(prefix: str) -> _Keys:
    keys = _global() if prefix == "aws" else _of_tables(prefix)
    patterns = tuple((_pattern(key.name), key) for key in keys if _PLACEHOLDER.search(key.name))
    return _Keys(all=keys, exact={key.name.lower(): key for key in keys}, patterns=patterns)


def _global() -> tuple[ConditionKey, ...]:
    return tuple(ConditionKey(name, KeyType.parse(written)) for name, written in GLOBAL_KEYS.items())


def _of_tables(prefix: str) -> tuple[ConditionKey, ...]:
    rows = [row for service in _services(prefix) for row in data.rows("conditionKeys", service)]
    written = {row["key"]: row["type"] for row in rows if _stands_for(_prefix(row["key"].lower()), prefix)}
    if _OIDC_PROVIDER.fullmatch(prefix):
        written = {**{f"{prefix}:{claim}": kind for claim, kind in _OIDC_CLAIMS.items()}, **written}
    return tuple(ConditionKey(name, KeyType.parse(written[name])) for name in sorted(written))


def _services(prefix: str) -> tuple[str, ...]:
    """The services that have keys with a prefix."""
    others = {
        service
        for written, services in data.identity_provider_prefixes().items()
        if _stands_for(written.lower(), prefix)
        for service in services
    }
    return (prefix, *sorted(others - {prefix}))


def _stands_for(written: str, prefix: str) -> bool:
    return _pattern(written).fullmatch(prefix) is not None


@lru_cache(maxsize=1024)
def _pattern(name: str) -> re.Pattern[str]:
    """A key's name as a regular expression over lower-case text, its placeholders standing for any text."""
    return re.compile(".+?".join(re.escape(part) for part in _PLACEHOLDER.split(name.lower())), re.DOTALL)
