"""KMS grants, and the policies that an organisation puts on its accounts.

Sources: AWS KMS Developer Guide, "Grants in AWS KMS"; AWS Organizations User Guide, "Service control policies",
"Resource control policies".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Grant
from infra.proof.facts.index import Index
from infra.proof.facts.model import Control, KeyGrant, Unknown
from infra.proof.facts.records import Record
from infra.proof.facts.resource_policies import document_in
from infra.proof.facts.targets import KEYS, arn_of

_GRANT = "aws:kms/grant:Grant"
_POLICY = "aws:organizations/policy:Policy"
_ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
_KINDS = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}
#: The types that are read here.
PARTS = frozenset({_GRANT, _POLICY, _ATTACHMENT})


def grants(index: Index, unknown: list[Unknown]) -> Iterator[KeyGrant]:
    """Every grant that a record makes.

    Args:
        index: What there is.
        unknown: Gets what is not known.
    """
    for record in index.of(_GRANT):
        key = _key(record, index)
        missing = [name for name in ("granteePrincipal", "operations") if record.partly_unknown(name)]
        if key is None:
            missing.append("keyId")
        if missing or key is None:
            why = "it is not known whom the grant lets use which key"
            unknown.append(Unknown(record.source, missing[0], why))
            continue
        constraint = record.mapping("constraints")
        grant = Grant(
            grantee=record.text("granteePrincipal") or "*",
            operations=frozenset(record.texts("operations")),
            key=key,
            context_equals=_pairs(constraint, "encryptionContextEquals"),
            context_subset=_pairs(constraint, "encryptionContextSubset"),
            label=record.source.urn,
        )
        yield KeyGrant(grant, record.text("retiringPrincipal"), record.source)


def controls(index: Index) -> Iterator[Control]:
    """Every service and resource control policy where it is attached.

    These only deny, so one that is not known is left out: that is the worst case.

    Args:
        index: What there is.
    """
    for record in index.of(_ATTACHMENT):
        policy, target = index.follow(record, "policyId", (_POLICY,)), record.text("targetId")
        kind = _KINDS.get(policy.text("type") or "SERVICE_CONTROL_POLICY") if policy else None
        document = document_in(policy, "content", kind) if policy and kind else None
        if target is not None and document is not None and document.text is not None:
            yield Control(target, document, record.source)


def _key(record: Record, index: Index) -> str | None:
    found = index.follow(record, "keyId", KEYS)
    if found is not None:
        return arn_of(found, index)
    name = record.text("keyId")
    if name is None or name.startswith("arn:"):
        return name
    account, region = index.account(record), index.region(record)
    return f"arn:aws:kms:{region}:{account}:key/{name}" if account and region else None


def _pairs(constraint: Mapping[str, object], key: str) -> Mapping[str, str] | None:
    """A constraint's pairs; without a constraint that is not known the grant allows more, which is the worst case."""
    value = constraint.get(key)
    if not isinstance(value, dict) or not value:
        return None
    pairs = {name: each for name, each in cast("dict[str, object]", value).items() if isinstance(each, str)}
    return pairs if len(pairs) == len(cast("dict[str, object]", value)) else None
