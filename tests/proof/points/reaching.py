"""Points 21 to 25: organisations, services between, endpoints, chains of roles and escalation, each with its twin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.proof.report import Claim
from tests.proof.points.cases import Case
from tests.proof.points.small import (
    ACCOUNT,
    REGION,
    Small,
    Statement,
    allow,
    both,
    bucket_arn,
    deny,
    document,
    role_arn,
    trusting,
)

_OBJECTS = f"{bucket_arn('globex-data')}/*"
_WORKER = role_arn("acme-worker")
_READ = allow("s3:GetObject", on=_OBJECTS)
_ENDPOINT = "vpce-00000000000000001"
#: The policy of an endpoint for what is acme's.
_OWN_ONLY = document({**allow("s3:*", on=both("acme-data")), "Principal": "*"})
_TENANT = "aws:PrincipalTag/tenant"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _organisations()
    yield from _between()
    yield from _endpoints()
    yield from _chains()
    yield from _passing()
    yield from _editing()


def _reading(*statements: Statement, **more: Any) -> Small:
    small = Small().settled()
    small.acme.worker(*statements, **more)
    return small


def _organisations() -> Iterator[Case]:
    def letting(operator: str) -> Small:
        small = Small().settled(globex_data=False)
        members = {operator: {"aws:PrincipalOrgID": "o-globex"}, "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
        small.globex.data({**_READ, "Principal": "*", "Condition": members})
        return small

    yield Case(
        21,
        "only members of an organisation have its id",
        letting("StringEqualsIfExists"),
        letting("StringEquals"),
        claim=Claim.OUTSIDE,
    )
    other = {"StringNotEquals": {"aws:SourceVpce": _ENDPOINT}}
    yield Case(
        21,
        "requests that come through no endpoint do not name one",
        behind(_OWN_ONLY, _READ, deny("s3:*", when={**other, "Null": {"aws:SourceVpce": "false"}})),
        behind(_OWN_ONLY, _READ, deny("s3:*", when=other)),
    )


def _between() -> Iterator[Case]:
    via = {"Bool": {"aws:ViaAWSService": "true"}}
    yield Case(
        22,
        "what a service asks for somebody is asked by that somebody",
        _reading(allow("s3:GetObject", on=_OBJECTS, when=via)),
        _reading(allow("s3:GetObject", on=_OBJECTS, when=via), deny("s3:*", on=_OBJECTS, when=via)),
    )
    athena = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}
    yield Case(
        22,
        "what is called by a service is said to be",
        _reading(allow("s3:GetObject", on=_OBJECTS, when=athena)),
        _reading(allow("s3:GetObject", on=_OBJECTS, when={**athena, "Bool": {"aws:ViaAWSService": "false"}})),
    )


def _endpoints() -> Iterator[Case]:
    through = {"StringNotEquals": {"aws:SourceVpce": _ENDPOINT}}
    yield Case(
        23,
        "an endpoint's policy binds only what comes through it",
        behind(_OWN_ONLY, _READ),
        behind(_OWN_ONLY, _READ, deny("s3:*", when=through)),
    )
    everything = document({**allow("*"), "Principal": "*"})
    yield Case(
        23,
        "an endpoint that lets everything through is no wall",
        behind(everything, _READ, deny("s3:*", when=through)),
        behind(_OWN_ONLY, _READ, deny("s3:*", when=through)),
    )


def behind(policy: str, *own: Statement) -> Small:
    """acme has a gateway for S3 with a policy, and a worker with policies of its own."""
    small = _reading(*own)
    small.acme.add(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "s3",
        {
            "id": _ENDPOINT,
            "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-endpoint/{_ENDPOINT}",
            "serviceName": f"com.amazonaws.{REGION}.s3",
            "vpcEndpointType": "Gateway",
            "vpcId": "vpc-1",
            "policy": policy,
            "tagsAll": {"tenant": "acme"},
        },
        id=_ENDPOINT,
    )
    return small


def _chains() -> Iterator[Case]:
    plain = trusting({"AWS": _WORKER})
    yield Case(
        24, "a role that trusts another tenant's", _assumed(plain), _assumed(trusting({"AWS": role_arn("globex-ci")}))
    )
    tagging = trusting({"AWS": _WORKER}, "sts:AssumeRole", "sts:TagSession")
    own_tag = {
        "StringEquals": {"aws:RequestTag/tenant": "acme"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["tenant"]},
    }
    yield Case(
        24,
        "who may tag a session chooses whose it is",
        _tool(tagging),
        _tool(trusting({"AWS": _WORKER}, "sts:AssumeRole", "sts:TagSession", when=own_tag)),
    )
    yield Case(24, "a session without tags has the role's", _tool(tagging), _tool(plain))
    same = {"StringEquals": {"aws:RequestTag/tenant": f"${{{_TENANT}}}"}}
    for what, taking in (("tags that are transitive go on", None), ("tags that must be the session's own go on", same)):
        yield Case(24, what, _two_tools(taking, None), _two_tools(taking, own_tag))


def _assumed(trust: str) -> Small:
    small = _reading()
    small.globex.worker(_READ, assumeRolePolicy=trust)
    return small


def _tool(trust: str) -> Small:
    """A role of the platform that works for whoever its session's tag says."""
    small = _reading()
    by_tag = f"{bucket_arn('${' + _TENANT + '}')}-data/*"
    small.platform.worker(allow("s3:GetObject", on=by_tag), name="tool", assumeRolePolicy=trust)
    return small


def _two_tools(taking: Mapping[str, Any] | None, first: Mapping[str, Any] | None) -> Small:
    """A chain of two roles of the platform, of which the second works for whoever its session's tag says.

    Args:
        taking: When the second takes tags; never for None.
        first: When the first does; always for None.
    """
    actions = ("sts:AssumeRole", *(("sts:TagSession",) if taking else ()))
    small = _tool(trusting({"AWS": role_arn("platform-front")}, *actions, when=taking))
    front = trusting({"AWS": _WORKER}, "sts:AssumeRole", "sts:TagSession", when=first)
    small.platform.worker(name="front", assumeRolePolicy=front)
    return small


def _passing() -> Iterator[Case]:
    runs: Mapping[str, tuple[str, tuple[str, ...]]] = {
        "sagemaker": ("sagemaker.amazonaws.com", ("sagemaker:CreateTrainingJob",)),
        "lambda": ("lambda.amazonaws.com", ("lambda:CreateFunction", "lambda:InvokeFunction")),
        "glue": ("glue.amazonaws.com", ("glue:CreateJob", "glue:StartJobRun")),
        "ec2": ("ec2.amazonaws.com", ("ec2:RunInstances",)),
    }
    for name, (service, actions) in runs.items():
        start = allow(*actions)
        give = allow("iam:PassRole", on=role_arn("globex-worker"))
        keep = allow("iam:PassRole", on=role_arn("acme-worker"))
        yield Case(25, f"passing a role to {name}", _passed(service, start, give), _passed(service, start, keep))


def _passed(service: str, *own: Statement) -> Small:
    small = _reading(*own)
    when = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    small.globex.worker(_READ, assumeRolePolicy=trusting({"Service": service}, when=when))
    return small


def _editing() -> Iterator[Case]:
    globex = role_arn("globex-worker")
    for action in ("iam:PutRolePolicy", "iam:AttachRolePolicy"):
        yield _edit(action, _WORKER)
        yield _edit(action, globex, Claim.ISOLATION)
    yield _edit("iam:UpdateAssumeRolePolicy", globex, Claim.ISOLATION)
    policy = f"arn:aws:iam::{ACCOUNT}:policy/acme-worker-boundary"
    limited = document(allow("iam:*", "s3:*", on="*"), deny("s3:*", on=both("globex-data")))
    for action in ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"):
        yield Case(
            25,
            f"{action} of the boundary's policy",
            _reading(_READ, allow(action, on=policy), boundary=limited),
            _reading(_READ, boundary=limited),
            claim=Claim.FOUNDATION,
        )
    for action in ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"):
        yield Case(
            25,
            f"{action} of the caller's own",
            _reading(_READ, allow(action, on=_WORKER), boundary=limited),
            _reading(_READ, boundary=limited),
            claim=Claim.FOUNDATION,
        )
    yield _edit("s3:PutBucketPolicy", bucket_arn("globex-data"), Claim.ISOLATION)
    yield _edit("s3:PutBucketPolicy", bucket_arn("acme-data"))
    yield _edit("kms:PutKeyPolicy", Small().globex.key_arn, Claim.ISOLATION)
    yield _edit("kms:PutKeyPolicy", Small().acme.key_arn)
    endpoint = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-endpoint/"
    everything = document({**allow("*"), "Principal": "*"})
    yield Case(
        25,
        "ec2:ModifyVpcEndpoint of the caller's own",
        behind(everything, allow("ec2:ModifyVpcEndpoint", on=f"{endpoint}*")),
        behind(everything, allow("ec2:ModifyVpcEndpoint", on=f"{endpoint}vpce-none")),
        claim=Claim.FOUNDATION,
    )
    profile = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/domain/"
    yield Case(
        25,
        "a presigned URL of another's profile",
        _studio(f"{profile}*"),
        _studio(f"{profile}acme"),
    )


def _edit(action: str, on: str, claim: Claim = Claim.FOUNDATION) -> Case:
    """An action that edits, on something, and the same under a Deny."""
    may = allow(action, on=on)
    what = f"{action} of {on.rpartition(':')[2]}"
    return Case(25, what, _editing_globex(may), _editing_globex(may, deny(action)), claim=claim)


def _editing_globex(*own: Statement) -> Small:
    small = _reading(*own)
    small.globex.worker(_READ)
    return small


def _studio(pattern: str) -> Small:
    small = _reading(allow("sagemaker:CreatePresignedDomainUrl", on=pattern))
    small.globex.worker(_READ)
    small.globex.thing(
        "aws:sagemaker/userProfile:UserProfile",
        "globex",
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/domain/globex",
        userSettings={"executionRole": role_arn("globex-worker")},
    )
    return small
