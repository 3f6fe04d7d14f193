"""Changes to sound documents: those that AWS takes, and those that it refuses, with the place and the reason."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from infra.evaluator.kinds import PolicyKind as Kind
from tests.evaluator.grammar_documents import ACCOUNT, ROLE, SOUND


@dataclass(frozen=True, kw_only=True)
class Twin:
    """A change to the sound document of a kind.

    `says` is part of the message of the only refusal; it is empty for a change that AWS takes.
    """

    kind: Kind
    service: str | None = None
    change: dict[str, Any] = field(default_factory=dict[str, Any])
    at: str = ""
    says: str = ""

    def __str__(self) -> str:
        return f"{self.kind}-{self.service or ''}-{json.dumps(self.change, default=str)[:60]}"


#: An empty list, of no particular type.
_NONE: list[Any] = []


def _condition(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


IAM_ARN = f"arn:aws:iam::{ACCOUNT}"
STS_ARN = f"arn:aws:sts::{ACCOUNT}"

TAKEN = (
    *(Twin(kind=kind, service=service) for kind, service in SOUND),
    # actions
    *(
        Twin(kind=Kind.IDENTITY, change={"Action": action})
        for action in ("*", "*:*", "S3:getobject", ["s3:Get?bject", "no-such-service:Anything"], "s3:NoSuchAction")
    ),
    Twin(kind=Kind.IDENTITY, change={"Action": ..., "NotAction": "iam:*"}),
    Twin(kind=Kind.TRUST, change={"Action": "sts:*"}),
    Twin(kind=Kind.RESOURCE, service="s3", change={"Action": ["*", "s3:Get*", "S3:PUTOBJECT"]}),
    Twin(kind=Kind.SCP, change={"Action": ..., "NotAction": "iam:*", "Resource": ROLE, **_condition("Bool", "a:b", 1)}),
    Twin(kind=Kind.RESOURCE, service="kms", change={"Action": ..., "Resource": ...}),
    # resources
    *(
        Twin(kind=Kind.IDENTITY, change={"Resource": resource})
        for resource in (
            "*",
            ["arn:aws:s3:::b", "arn:aws-cn:s3:::b", "arn:*:s3:::b"],
            "arn:aws:s3:::${aws:PrincipalTag/tenant}/*",
            f"arn:aws:s3:eu-central-1:{ACCOUNT}:accesspoint/a",
            "arn:aws:dynamodb:*",
            f"{IAM_ARN}:role/*",
            f"{IAM_ARN}:r*",
            f"{IAM_ARN}:*",
            f"{IAM_ARN}:root",
            "arn:aws:kms:*:*:key/*",
        )
    ),
    Twin(kind=Kind.IDENTITY, change={"Resource": ..., "NotResource": "arn:aws:s3:::b"}),
    Twin(kind=Kind.RCP, change={"Resource": ..., "NotResource": "arn:aws:s3:::b"}),
    # principals
    *(
        Twin(kind=Kind.RESOURCE, change={"Principal": principal})
        for principal in (
            "*",
            {"AWS": "*"},
            {"AWS": [ACCOUNT, f"{IAM_ARN}:root", ROLE, f"{IAM_ARN}:user/path/u", "AROAABCDEFGHIJKLMNOPQ"]},
            {"AWS": [f"{STS_ARN}:assumed-role/r/session", f"{STS_ARN}:federated-user/u"]},
            {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},
            {"Service": ["logs.eu-central-1.amazonaws.com", "ec2.amazonaws.com.cn"], "AWS": ACCOUNT},
            {"Federated": [f"{IAM_ARN}:oidc-provider/token.actions.githubusercontent.com", "www.amazon.com"]},
            {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
        )
    ),
    Twin(kind=Kind.RESOURCE, change={"Principal": ..., "NotPrincipal": {"AWS": ROLE}, "Effect": "Deny"}),
    # conditions
    *(
        Twin(kind=Kind.IDENTITY, change=_condition(operator, key, value))
        for operator, key, value in (
            ("StringEquals", "aws:NoSuchKey", "x"),
            ("StringEquals", "no-such-service:Key", ["x", "y"]),
            ("bool", "aws:SecureTransport", False),
            ("NumericLessThanEquals", "s3:max-keys", 10),
            ("NumericLessThan", "s3:max-keys", 1.5),
            ("ForAllValues:StringLikeIfExists", "aws:TagKeys", []),
            ("Null", "aws:TokenIssueTime", "true"),
            ("DateGreaterThan", "aws:CurrentTime", ["2026-11-22T07:00:00Z", "2026-11", "1795330000"]),
            ("DateLessThan", "aws:CurrentTime", "${aws:TokenIssueTime}"),
            ("StringEquals", "kms:EncryptionContext:tenant", "acme"),
        )
    ),
    Twin(kind=Kind.RESOURCE, service="s3", change=_condition("StringEquals", "aws:NoSuchKey", "x")),
    Twin(kind=Kind.RESOURCE, service="s3", change=_condition("StringEquals", "s3:ExistingObjectTag/a", "x")),
    Twin(kind=Kind.RESOURCE, service="s3", change=_condition("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "::1"])),
    # Sids
    Twin(kind=Kind.RESOURCE, service="kms", change={"Sid": "Sids of keys may have spaces"}),
    Twin(kind=Kind.IDENTITY, change={"Sid": "ReadOwn1"}),
)

_SYNTAX = "Syntax errors in policy"
_ORGANIZATIONS = "does not meet the requirements of the specified policy type"
_VENDOR = "must be prefaced by a vendor"

REFUSED = (
    # elements
    Twin(kind=Kind.IDENTITY, change={"Actions": "s3:*"}, at="Statement[0].Actions", says=_SYNTAX),
    Twin(kind=Kind.RESOURCE, service="s3", change={"Foo": 1}, at="Statement[0].Foo", says="Unknown field Foo"),
    Twin(kind=Kind.IDENTITY, change={"Effect": "allow"}, at="Statement[0].Effect", says=_SYNTAX),
    Twin(kind=Kind.IDENTITY, change={"Effect": ["Allow"]}, at="Statement[0].Effect", says=_SYNTAX),
    Twin(kind=Kind.IDENTITY, change={"Effect": ...}, at="Statement[0].Effect", says="Missing required field Effect"),
    Twin(kind=Kind.IDENTITY, change={"Sid": "read it"}, at="Statement[0].Sid", says="must be alpha-numeric"),
    Twin(kind=Kind.TRUST, change={"Sid": "read-it"}, at="Statement[0].Sid", says="must be alpha-numeric"),
    Twin(kind=Kind.IDENTITY, change={"Sid": 1}, at="Statement[0].Sid", says=_SYNTAX),
    # actions
    Twin(kind=Kind.IDENTITY, change={"Action": ...}, at="Statement[0].Action", says="must contain actions"),
    Twin(kind=Kind.IDENTITY, change={"Action": []}, at="Statement[0].Action", says="must contain actions"),
    Twin(kind=Kind.IDENTITY, change={"NotAction": "s3:*"}, at="Statement[0].NotAction", says="either Action or"),
    *(
        Twin(kind=Kind.IDENTITY, change={"Action": [action]}, at="Statement[0].Action[0]", says=says)
        for action, says in (
            ("GetObject", _VENDOR),
            (":GetObject", _VENDOR),
            ("s3:", _VENDOR),
            ("s3:Get:Object", "only one colon"),
            ("s3*:GetObject", "Vendor s3* is not valid"),
            ("s 3:GetObject", "Vendor s 3 is not valid"),
            (1, _SYNTAX),
            ({"s3": "GetObject"}, _SYNTAX),
        )
    ),
    *(
        Twin(kind=Kind.TRUST, change={"Action": action}, at="Statement[0].Action", says="STS AssumeRole actions")
        for action in ("*", "*:*", "s3:GetObject")
    ),
    *(
        Twin(
            kind=Kind.RESOURCE, service="s3", change={"Action": action}, at="Statement[0].Action", says="invalid action"
        )
        for action in ("s3:HeadObject", "kms:Decrypt", "s3:NoSuch*")
    ),
    *(
        Twin(
            kind=Kind.RESOURCE, service="sns", change={"Action": action}, at="Statement[0].Action", says="service scope"
        )
        for action in ("*", "sns:*", "SNS:*", "s3:GetObject")
    ),
    Twin(
        kind=Kind.RESOURCE,
        service="sqs",
        change={"Action": "sns:Publish"},
        at="Statement[0].Action",
        says="service scope",
    ),
    # resources
    Twin(kind=Kind.IDENTITY, change={"Resource": ...}, at="Statement[0].Resource", says="must contain resources"),
    Twin(kind=Kind.IDENTITY, change={"Resource": []}, at="Statement[0].Resource", says="must contain resources"),
    Twin(kind=Kind.IDENTITY, change={"NotResource": "*"}, at="Statement[0].NotResource", says="either Resource or"),
    Twin(kind=Kind.TRUST, change={"Resource": "*"}, at="Statement[0].Resource", says="Has prohibited field Resource"),
    Twin(
        kind=Kind.RESOURCE, service="s3", change={"Resource": ...}, at="Statement[0].Resource", says="Missing required"
    ),
    Twin(kind=Kind.ENDPOINT, change={"Resource": ...}, at="Statement[0].Resource", says="needs Resource"),
    *(
        Twin(kind=Kind.IDENTITY, change={"Resource": resource}, at="Statement[0].Resource", says=says)
        for resource, says in (
            ("my-bucket/*", "must be in ARN format"),
            ("b:aws:s3:::x", "must be in ARN format"),
            ("arn", "must be in ARN format"),
            ("arn:foo:s3:::b", 'Partition "foo" is not valid'),
            ("arn:aws*:s3:::b", 'Partition "aws*" is not valid'),
            ("arn:aws", "vendor must be fully qualified"),
            ("arn:aws:*:::b", "vendor must be fully qualified"),
            ("arn:aws:s?:::b", "vendor must be fully qualified"),
            ("arn:aws:${aws:x}:::b", "vendor must be fully qualified"),
            ("arn:aws:s3::b", "legacy parsing"),
            ("arn:aws:s3:eu-central-1::b", "can not contain region information"),
            (f"arn:aws:iam:eu-central-1:{ACCOUNT}:role/r", "cannot contain region information"),
            (f"{IAM_ARN}:roles/r", "IAM resource path must either be"),
            (1, _SYNTAX),
        )
    ),
    *(
        Twin(kind=Kind.RESOURCE, service="s3", change={"Resource": resource}, at="Statement[0].Resource", says=says)
        for resource, says in (("b/*", "Policy has invalid resource"), ("arn:aws", "Policy has invalid resource"))
    ),
    # principals
    *(
        Twin(kind=kind, change={"Principal": "*"}, at="Statement[0].Principal", says="should not specify a principal")
        for kind in (Kind.IDENTITY, Kind.BOUNDARY, Kind.SESSION)
    ),
    Twin(kind=Kind.IDENTITY, change={"NotPrincipal": "*"}, at="Statement[0].NotPrincipal", says="prohibited field"),
    Twin(
        kind=Kind.TRUST, change={"Principal": ...}, at="Statement[0].Principal", says="Missing required field Principal"
    ),
    Twin(
        kind=Kind.TRUST,
        change={"Principal": ..., "NotPrincipal": {"AWS": ROLE}},
        at="Statement[0].NotPrincipal",
        says="Has prohibited field NotPrincipal",
    ),
    Twin(kind=Kind.RESOURCE, change={"Principal": ...}, at="Statement[0].Principal", says="needs Principal"),
    Twin(kind=Kind.RESOURCE, change={"NotPrincipal": "*"}, at="Statement[0].NotPrincipal", says="either Principal or"),
    *(
        Twin(kind=Kind.RESOURCE, change={"Principal": principal}, at=at, says=says)
        for principal, at, says in (
            ({"AWS": f"{IAM_ARN}:role/*"}, "Statement[0].Principal.AWS", "wildcard"),
            ({"AWS": [ROLE, f"{IAM_ARN}:*"]}, "Statement[0].Principal.AWS[1]", "wildcard"),
            ({"AWS": f"{STS_ARN}:assumed-role/r/*"}, "Statement[0].Principal.AWS", "wildcard"),
            ({"AWS": f"{IAM_ARN}:group/admins"}, "Statement[0].Principal.AWS", "Invalid principal in policy"),
            ({"AWS": "12345"}, "Statement[0].Principal.AWS", "Invalid principal in policy"),
            ({"AWS": int(ACCOUNT)}, "Statement[0].Principal.AWS", "no text"),
            ({"AWS": _NONE}, "Statement[0].Principal.AWS", "names nobody"),
            ({"Service": "sagemaker"}, "Statement[0].Principal.Service", "no service principal"),
            ({"Service": "*"}, "Statement[0].Principal.Service", "no service principal"),
            ({"Federated": f"{IAM_ARN}:oidc-provider/*"}, "Statement[0].Principal.Federated", "no identity provider"),
            ({"CanonicalUser": "x"}, "Statement[0].Principal.CanonicalUser", "no canonical user id"),
            ({"Role": ROLE}, "Statement[0].Principal.Role", "no kind of principal"),
            ({}, "Statement[0].Principal", "names nobody"),
            (ROLE, "Statement[0].Principal", "neither"),
            ([ROLE], "Statement[0].Principal", "neither"),
            (None, "Statement[0].Principal", "neither"),
        )
    ),
    Twin(
        kind=Kind.RESOURCE,
        service="kms",
        change={"Principal": {"AWS": f"{IAM_ARN}:role/a*"}},
        at="Statement[0].Principal.AWS",
        says="one or more invalid principals",
    ),
    # control policies
    Twin(kind=Kind.SCP, change={"Principal": "*"}, at="Statement[0].Principal", says=_ORGANIZATIONS),
    Twin(kind=Kind.SCP, change={"NotPrincipal": "*"}, at="Statement[0].NotPrincipal", says=_ORGANIZATIONS),
    Twin(kind=Kind.SCP, change={"Resource": ...}, at="Statement[0].Resource", says=_ORGANIZATIONS),
    Twin(kind=Kind.RCP, change={"Effect": "Allow"}, at="Statement[0].Effect", says=_ORGANIZATIONS),
    Twin(kind=Kind.RCP, change={"Action": "*"}, at="Statement[0].Action", says=_ORGANIZATIONS),
    Twin(kind=Kind.RCP, change={"Action": ..., "NotAction": "s3:*"}, at="Statement[0].NotAction", says=_ORGANIZATIONS),
    Twin(kind=Kind.RCP, change={"Principal": {"AWS": ROLE}}, at="Statement[0].Principal", says=_ORGANIZATIONS),
    Twin(
        kind=Kind.RCP,
        change={"Principal": ..., "NotPrincipal": {"AWS": ROLE}},
        at="Statement[0].NotPrincipal",
        says=_ORGANIZATIONS,
    ),
    # conditions
    *(
        Twin(kind=Kind.IDENTITY, change=_condition(operator, key, value), at=f"Statement[0].Condition.{at}", says=says)
        for operator, key, value, at, says in (
            ("StringIs", "aws:x", "x", "StringIs", "no condition operator"),
            ("NullIfExists", "aws:x", "true", "NullIfExists", "no condition operator"),
            ("ForSomeValues:StringLike", "aws:x", "x", "ForSomeValues:StringLike", "no condition operator"),
            ("StringEquals", "tenant", "x", "StringEquals.tenant", _VENDOR),
            ("StringEquals", "aws:", "x", "StringEquals.aws:", _VENDOR),
            ("StringEquals", "aws:x", None, "StringEquals.aws:x", "neither text, number"),
            (
                "StringEquals",
                "aws:x",
                ["a", dict[str, Any]()],
                "StringEquals.aws:x[1]",
                "neither text, number",
            ),
            ("DateLessThan", "aws:CurrentTime", "tomorrow", "DateLessThan.aws:CurrentTime", "legacy parsing"),
            ("DateLessThan", "aws:CurrentTime", "2026-13-01", "DateLessThan.aws:CurrentTime", "legacy parsing"),
        )
    ),
    Twin(kind=Kind.IDENTITY, change={"Condition": "x"}, at="Statement[0].Condition", says="no map of operators"),
    Twin(
        kind=Kind.IDENTITY,
        change={"Condition": {"Bool": True}},
        at="Statement[0].Condition.Bool",
        says="no map of condition keys",
    ),
    Twin(
        kind=Kind.RESOURCE,
        service="s3",
        change=_condition("StringEquals", "s3:NoSuchKey", "x"),
        at="Statement[0].Condition.StringEquals.s3:NoSuchKey",
        says="Policy has an invalid condition key",
    ),
    Twin(
        kind=Kind.RESOURCE,
        service="s3",
        change=_condition("NotIpAddress", "aws:SourceIp", "10.0.0"),
        at="Statement[0].Condition.NotIpAddress.aws:SourceIp",
        says="Invalid IP address in Conditions",
    ),
)
