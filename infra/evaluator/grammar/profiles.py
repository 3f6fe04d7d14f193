"""What each kind of policy must, may and cannot say.

Sources: IAM User Guide, "Grammar of the IAM JSON policy language" and the pages of the elements; AWS Organizations User
Guide, "SCP syntax" and "RCP syntax"; AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from infra.evaluator.grammar import dialects
from infra.evaluator.grammar.dialects import Dialect
from infra.evaluator.kinds import PolicyKind


class Need(Enum):
    """Whether an element is there."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    PROHIBITED = "prohibited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a kind of policy must, may and cannot say.

    Attributes:
        dialect: How its refusals are worded.
        source: The page of AWS's documentation that describes it, by title.
        principal: Whether its statements name principals.
        resource: Whether its statements name resources.
        action: Whether its statements name actions.
        latin: Whether its text must be of the characters up to ``ÿ``, as IAM and KMS ask.
        not_principal: Whether ``NotPrincipal`` may stand for ``Principal``.
        not_action: Whether ``NotAction`` may stand for ``Action``.
        version: The only version that it may have, and must; None where 2008-10-17 and none at all are taken too.
        only_everyone: Whether ``"*"`` is the only principal that it may name.
        only_denies: Whether its statements can only deny.
        plain_sids: Whether its Sids are letters and digits only.
        services: The prefixes of the services whose actions it may name; None for all.
        bare_star: Whether ``*`` may stand for every action.
        service_star: Whether ``service:*`` may stand for every action of the service.
        known_actions: Whether every action must exist.
        known_keys: Whether every condition key that is not global must exist.
        iam_arns: Whether IAM's own checks of ARNs are made.
        legacy_values: Whether IAM's own checks of values are made.
        addresses: Whether the addresses of conditions must be ones.
    """

    dialect: Dialect
    source: str
    principal: Need
    resource: Need
    action: Need = Need.REQUIRED
    latin: bool = False
    not_principal: bool = False
    not_action: bool = True
    version: str | None = None
    only_everyone: bool = False
    only_denies: bool = False
    plain_sids: bool = False
    services: frozenset[str] | None = None
    bare_star: bool = True
    service_star: bool = True
    known_actions: bool = False
    known_keys: bool = False
    iam_arns: bool = False
    legacy_values: bool = False
    addresses: bool = False


_GRAMMAR = "IAM User Guide, Grammar of the IAM JSON policy language"

_IDENTITY = Profile(
    dialect=dialects.IAM,
    source=_GRAMMAR,
    principal=Need.PROHIBITED,
    resource=Need.REQUIRED,
    latin=True,
    plain_sids=True,
    iam_arns=True,
    legacy_values=True,
)
_RESOURCE = Profile(
    dialect=dialects.OTHER,
    source=_GRAMMAR,
    principal=Need.REQUIRED,
    resource=Need.OPTIONAL,
    not_principal=True,
)
_OF_KINDS: Mapping[PolicyKind, Profile] = {
    PolicyKind.IDENTITY: _IDENTITY,
    PolicyKind.BOUNDARY: _IDENTITY,
    PolicyKind.SESSION: _IDENTITY,
    PolicyKind.TRUST: Profile(
        dialect=dialects.TRUST,
        source=_GRAMMAR,
        principal=Need.REQUIRED,
        resource=Need.PROHIBITED,
        latin=True,
        plain_sids=True,
        services=frozenset({"sts"}),
        bare_star=False,
        legacy_values=True,
    ),
    PolicyKind.ENDPOINT: replace(
        _RESOURCE,
        source="AWS PrivateLink Guide, Control access to VPC endpoints using endpoint policies",
        resource=Need.REQUIRED,
    ),
    PolicyKind.SCP: Profile(
        dialect=dialects.ORGANIZATIONS,
        source="AWS Organizations User Guide, SCP syntax",
        principal=Need.PROHIBITED,
        resource=Need.REQUIRED,
        version="2012-10-17",
    ),
    PolicyKind.RCP: Profile(
        dialect=dialects.ORGANIZATIONS,
        source="AWS Organizations User Guide, RCP syntax",
        principal=Need.REQUIRED,
        resource=Need.REQUIRED,
        not_action=False,
        version="2012-10-17",
        only_everyone=True,
        only_denies=True,
        bare_star=False,
    ),
}
_OF_SERVICES: Mapping[str, Profile] = {
    "s3": replace(
        _RESOURCE,
        dialect=dialects.S3,
        source="Amazon S3 User Guide, Policies and permissions in Amazon S3",
        resource=Need.REQUIRED,
        services=frozenset({"s3"}),
        known_actions=True,
        known_keys=True,
        addresses=True,
    ),
    "kms": replace(
        _RESOURCE,
        dialect=dialects.KMS,
        source="AWS KMS Developer Guide, Key policies in AWS KMS",
        action=Need.OPTIONAL,
        latin=True,
    ),
    "sns": replace(
        _RESOURCE,
        dialect=dialects.SCOPED,
        source="Amazon SNS Developer Guide, Amazon SNS API permissions: Actions and resources reference",
        services=frozenset({"sns"}),
        bare_star=False,
        service_star=False,
    ),
    "sqs": replace(
        _RESOURCE,
        dialect=dialects.SCOPED,
        source="Amazon SQS Developer Guide, Using custom policies with the Amazon SQS Access Policy Language",
        services=frozenset({"sqs"}),
    ),
}


def profile_of(kind: PolicyKind, service: str | None) -> Profile:
    """The profile of a kind of policy; of a resource's policy by the prefix of its service, where one is given."""
    if kind is PolicyKind.RESOURCE:
        return _OF_SERVICES.get((service or "").lower(), _RESOURCE)
    return _OF_KINDS[kind]
