"""KMS grants as a line of `bulkhead simulate` writes them: in the shape in which KMS's ListGrants shows them.

Source: AWS KMS API Reference, "GrantListEntry" and "GrantConstraints". Keys may also be in snake case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from infra.errors import UserError
from infra.evaluator.policies import Grant

_SHAPE = (
    'write {"GranteePrincipal": ARN, "Operations": ["Decrypt"], "KeyId": ARN, '
    '"Constraints": {"EncryptionContextSubset": {"tenant": "acme"}}}'
)


class _Constraints(msgspec.Struct, forbid_unknown_fields=True):
    encryptioncontextequals: dict[str, str] | None = None
    encryptioncontextsubset: dict[str, str] | None = None


class _Grant(msgspec.Struct, forbid_unknown_fields=True):
    granteeprincipal: str
    operations: list[str]
    keyid: str | None = None
    constraints: _Constraints | None = None
    grantid: str | None = None
    name: str | None = None
    issuingaccount: str | None = None
    retiringprincipal: str | None = None
    creationdate: str | int | float | None = None


class BadGrant(UserError):
    """A grant is written in no form that KMS shows."""


def read_grants(raw: bytes) -> tuple[Grant, ...]:
    """The grants of a line.

    Args:
        raw: A JSON list of grants.

    Raises:
        BadGrant: one is written in no form that KMS shows.
    """
    try:
        written = msgspec.json.decode(raw, type=list[dict[str, Any]])
        grants = [msgspec.convert(_plain_keys(one), _Grant) for one in written]
    except msgspec.MsgspecError as problem:
        raise BadGrant(f"they are no grants: {problem}", _SHAPE, "grants") from None
    return tuple(_grant(grant, f"grants[{number}]") for number, grant in enumerate(grants))


def _plain_keys(written: Mapping[str, Any]) -> dict[str, Any]:
    """The grant with its keys in one spelling; the keys of encryption contexts are data and stay."""
    plain = {_plain(key): value for key, value in written.items()}
    constraints = plain.get("constraints")
    if isinstance(constraints, dict):
        plain["constraints"] = {_plain(key): value for key, value in cast("dict[str, Any]", constraints).items()}
    return plain


def _plain(key: str) -> str:
    return key.replace("_", "").lower()


def _grant(written: _Grant, label: str) -> Grant:
    constraints = written.constraints or _Constraints()
    return Grant(
        grantee=written.granteeprincipal,
        operations=frozenset(written.operations),
        key=written.keyid,
        context_equals=constraints.encryptioncontextequals,
        context_subset=constraints.encryptioncontextsubset,
        label=label,
    )
