"""Arbitrary small estates: roles of two accounts, things with policies, and patterns that name some of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from infra.proof.facts import Estate, Principal, Resource
from tests.proof.world.estates import ACCOUNT, OTHER_ACCOUNT, Statement, role, role_arn, thing, trusts

NAMES = ("a", "b")
_REGION = "eu-central-1"
THINGS = (
    "arn:aws:s3:::acme",
    "arn:aws:s3:::acme-data",
    f"arn:aws:sqs:{_REGION}:{ACCOUNT}:acme",
    f"arn:aws:lambda:{_REGION}:{ACCOUNT}:function:acme",
    f"arn:aws:kms:{_REGION}:{ACCOUNT}:key/acme",
    f"arn:aws:sagemaker:{_REGION}:{ACCOUNT}:model-package-group/acme",
    f"arn:aws:iam::{ACCOUNT}:policy/acme",
    f"arn:aws:dynamodb:{_REGION}:{ACCOUNT}:table/*",
)
PATTERNS = (
    "*",
    "arn:aws:s3:::acme*",
    "arn:aws:s3:::acme/*",
    "arn:aws:s3:::acme-data/x*",
    "arn:aws:s3:::*-data",
    "arn:aws:s3:::${aws:PrincipalTag/tenant}",
    "arn:aws:s3:::${aws:PrincipalTag/tenant}-data/*",
    "arn:*:sqs:*:*:a?me",
    f"arn:aws:lambda:{_REGION}:{ACCOUNT}:function:acme:1",
    f"arn:aws:kms:{_REGION}:{ACCOUNT}:key/*",
    "arn:aws:sagemaker:*:*:model-package/acme/*",
    f"arn:aws:iam::{ACCOUNT}:*",
    f"arn:aws:iam::{ACCOUNT}:role/a",
    f"arn:aws:dynamodb:{_REGION}:{ACCOUNT}:table/b/index/c",
)
ACTIONS = (
    "*",
    "s3:*",
    "s3:Get*",
    "sqs:SendMessage",
    "lambda:*",
    "kms:Decrypt",
    "sagemaker:*",
    "iam:*",
    "sts:*",
    "dynamodb:Query",
)
_S3 = "s3:GetObject"


@st.composite
def _statement(draw: st.DrawFn) -> Statement:
    actions = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2)
    patterns = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2)
    return {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Allow", "Deny"))),
        draw(st.sampled_from(("Action", "Action", "NotAction"))): draw(actions),
        draw(st.sampled_from(("Resource", "Resource", "NotResource"))): draw(patterns),
    }


_PRINCIPALS = (
    {"AWS": role_arn("a")},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/a/s"},
    {"AWS": [role_arn("b", OTHER_ACCOUNT)]},
    {"AWS": ACCOUNT},
    {"AWS": OTHER_ACCOUNT},
    {"Service": "logs.amazonaws.com"},
    "*",
)


@st.composite
def _own(draw: st.DrawFn, arn: str) -> Resource:
    """A thing with a policy or none, where such things can have one."""
    service = arn.split(":")[2]
    if service in ("dynamodb", "iam", "sagemaker") or draw(st.booleans()):
        return thing(arn, "x")
    on = "*" if service == "kms" else arn
    who = draw(st.sampled_from(_PRINCIPALS))
    return thing(arn, "x", {"Effect": "Allow", "Principal": who, "Action": f"{service}:*", "Resource": on})


@st.composite
def _role(draw: st.DrawFn, name: str) -> Principal:
    who: Any = draw(st.sampled_from(_PRINCIPALS))
    return role(
        name,
        name,
        *draw(st.lists(_statement(), max_size=3)),
        trust=[trusts(**(who if isinstance(who, dict) else {"AWS": who}))],
        account=draw(st.sampled_from((ACCOUNT, OTHER_ACCOUNT))),
        tags=draw(st.sampled_from(({}, {"tenant": "acme"}))),
    )


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Two roles and a few things."""
    arns = draw(st.lists(st.sampled_from(THINGS), min_size=1, max_size=4, unique=True))
    return Estate(
        principals=tuple(draw(_role(name)) for name in NAMES),
        resources=tuple(draw(_own(arn)) for arn in arns),
    )
