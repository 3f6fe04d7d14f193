"""KMS grants, as the evaluator takes them.

Sources: AWS KMS Developer Guide, "Grants in AWS KMS"; AWS KMS API Reference, "CreateGrant", "RetireGrant".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from moto.kms.models import Grant as MotoGrant
from moto.kms.models import Key

from infra.evaluator.policies import Grant
from infra.sandbox.enforcement.deployed.arns import Arn
from infra.sandbox.enforcement.deployed.resource_policies import key_of


def grants_of(resource: str) -> tuple[Grant, ...]:
    """The grants of the key that an ARN names; none for other resources."""
    arn = Arn.of(resource)
    if arn is None or arn.service != "kms":
        return ()
    key = cast("Key | None", key_of(arn, arn.account))
    return () if key is None else tuple(each for grant in key.grants.values() for each in _grants(key, grant))


def _grants(key: Key, grant: MotoGrant) -> Iterator[Grant]:
    constraints = grant.constraints or {}
    equals, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    yield Grant(
        grantee=grant.grantee_principal,
        operations=frozenset(grant.operations or ()),
        key=key.arn,
        context_equals=dict(equals) if equals else None,
        context_subset=dict(subset) if subset else None,
        label=f"grant {grant.name or grant.id[:12]}",
    )
    # Whoever may retire a grant needs no other permission for it; the context that it constrains plays no part.
    if grant.retiring_principal:
        yield Grant(
            grantee=grant.retiring_principal,
            operations=frozenset({"RetireGrant"}),
            key=key.arn,
            label=f"retiring principal of grant {grant.name or grant.id[:12]}",
        )
