"""Estates of a few tenants from one template that says anything, with names that are as awkward as names can be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies as st

from infra.proof.template import Input
from tests.proof.facts.exports import ACCOUNT, Stack

NAMES = (
    "acme", "acmeeu", "acme-eu", "eu", "eu-acme", "acme1", "ACME2", "a", "ab", "b1", "role", "bh", "data", "s3", "kms",
    "t-1", "t-2", "t-3", "zeta9", "zetb9", "00000000-1111-2222-3333-444444444444", "x00000000", "platforms",
    "123456789013",
)  # fmt: skip
_PLAIN = ("alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel")
#: Resources as a template names them; ``@`` is the tenant's id, ``%`` that of another one.
_ARNS = (
    "arn:aws:s3:::bh-@-data/*", "arn:aws:s3:::bh-@-*", "arn:aws:s3:::bh-@*", "arn:aws:s3:::*@*",
    "arn:aws:s3:::*-data/*",
    "arn:aws:s3:::bh-?-data/*", "arn:aws:s3:::bh-????-data/*", "arn:aws:s3:::bh-a*", "arn:aws:s3:::*e-data/*",
    "arn:aws:s3:::*c*/*", "arn:aws:s3:::bh-*-data/@/*", "arn:aws:s3:::bh-${aws:PrincipalTag/tenant}-*",
    "arn:aws:s3:::bh-${aws:PrincipalTag/tenant}*", "arn:aws:s3:::bh-%-data/*", "arn:aws:s3:::bh-@-eu-data/*",
    "arn:aws:s3:::shared/@/*", "arn:aws:s3:::shared/*", "arn:aws:s3:::bh-0*", "*",
)  # fmt: skip
_ROLES = (
    "arn:aws:iam::{account}:role/bh-@-w", "arn:aws:iam::{account}:role/bh-@*", "arn:aws:iam::{account}:role/bh-*",
    "arn:aws:iam::{account}:role/bh-%-w", "arn:aws:iam::{account}:role/*@-w", "arn:aws:iam::{account}:role/bh-a*",
)  # fmt: skip
_TAGS = ("@", "@*", "%", "a*", "*e", "?", "${aws:PrincipalTag/tenant}")


@dataclass(frozen=True)
class Tenant:
    """A tenant as its template makes it.

    Args:
        name: Its id.
        other: The id that it has for the other one.
        template: Which template it is made from.
    """

    name: str
    other: str
    template: int


Template = dict[str, Any]


@st.composite
def _conditions(draw: st.DrawFn) -> dict[str, Any]:
    operators = st.sampled_from(
        ["StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase"]
    )
    kinds: dict[str, dict[str, str]] = {}
    if draw(st.booleans()):
        kinds[draw(operators)] = {"aws:ResourceTag/tenant": draw(st.sampled_from(_TAGS))}
    if draw(st.integers(0, 3)) == 0:
        kinds[draw(st.sampled_from(["ArnLike", "ArnNotLike", "ArnNotEquals"]))] = {
            "aws:PrincipalArn": draw(st.sampled_from(_ROLES))
        }
    return kinds


@st.composite
def _statements(draw: st.DrawFn, *, effect: str | None = None) -> dict[str, Any]:
    actions = st.sampled_from(["s3:GetObject", "s3:*", "s3:PutObject", "sts:AssumeRole", "*"])
    made: dict[str, Any] = {
        "Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        "Action": draw(actions),
        "Resource": draw(st.lists(st.sampled_from([*_ARNS, *_ROLES]), min_size=1, max_size=2)),
    }
    conditions = draw(_conditions())
    return {**made, "Condition": conditions} if conditions else made


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """What a tenant's stack is made of."""
    own = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [draw(st.sampled_from(_ARNS))]}]
    return {
        "identity": draw(st.one_of(st.just(own), st.lists(_statements(), max_size=2))),
        "bucket": draw(st.one_of(st.just([]), st.lists(_statements(), max_size=2))),
        "trust": draw(st.sampled_from(["service", "@", "%", "anyone"])),
        "tags": draw(st.sampled_from(["@", "fixed"])),
    }


def _filled(value: object, tenant: Tenant) -> Any:
    text = json.dumps(value).replace("@", tenant.name).replace("%", tenant.other).replace("{account}", ACCOUNT)
    return json.loads(text)


def _policy(statements: list[Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{**one, **more} for one in statements]})


def stack(tenant: Tenant, template: Template) -> Stack:
    """A tenant's stack."""
    made = Stack(tenant.name)
    role = f"bh-{tenant.name}-w"
    principals: dict[str, Any] = {
        "service": {"Service": "sagemaker.amazonaws.com"},
        "@": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/bh-{tenant.name}-w"},
        "%": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/bh-{tenant.other}-w"},
        "anyone": {"AWS": ACCOUNT},
    }
    trust = {"Effect": "Allow", "Principal": principals[template["trust"]], "Action": "sts:AssumeRole"}
    made.role(role, assumeRolePolicy=_policy([trust]))
    if template["identity"]:
        policy = _policy(_filled(template["identity"], tenant))
        made.add("aws:iam/rolePolicy:RolePolicy", "work", {"role": role, "policy": policy, "name": "work"})
    bucket = f"bh-{tenant.name}-data"
    made.bucket(bucket, tagsAll={"tenant": tenant.name, "kind": tenant.name if template["tags"] == "@" else "data"})
    if template["bucket"]:
        statements = [{**one, "Resource": [f"arn:aws:s3:::{bucket}/*"]} for one in _filled(template["bucket"], tenant)]
        policy = _policy([{**one, "Action": "s3:*"} for one in statements], Principal={"AWS": "*"})
        made.add("aws:s3/bucketPolicy:BucketPolicy", "guard", {"bucket": bucket, "policy": policy})
    return made


@st.composite
def estates(draw: st.DrawFn) -> tuple[Input, ...]:
    """Two to five tenants of one or two templates, and a platform that may say something about them."""
    listed = draw(st.sampled_from([NAMES, _PLAIN, (*_PLAIN, "elm2", "elm-2"), ("t-1", "t-2", "t-3", "t-4", "t-5")]))
    names = draw(st.lists(st.sampled_from(listed), min_size=2, max_size=5, unique=True))
    kinds = [draw(templates())]
    if draw(st.integers(0, 2)) == 0:
        kinds.append(draw(templates()))
    other = draw(st.sampled_from([names[0], "nobody"]))
    tenants = [Tenant(name, other, draw(st.integers(0, len(kinds) - 1))) for name in names]
    stacks = [stack(tenant, kinds[tenant.template]) for tenant in tenants]
    if draw(st.booleans()):
        stacks.append(stack(Tenant("platform", other, 0), draw(templates())))
    return tuple(given(one) for one in stacks)


def given(one: Stack) -> Input:
    """A stack as an input."""
    return Input(one.name, msgspec.json.encode(one.export()))


def barred(*names: str) -> tuple[Input, ...]:
    """Tenants who read everything, and whose buckets are closed to roles whose names begin with an ``a``."""
    role = f"arn:aws:iam::{ACCOUNT}:role/bh-a*"
    guard = {"Effect": "Deny", "Action": "s3:*", "Condition": {"ArnLike": {"aws:PrincipalArn": role}}}
    reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["*"]}
    template: Template = {"identity": [reads], "bucket": [guard], "trust": "service", "tags": "@"}
    return tuple(given(stack(Tenant(name, "nobody", 0), template)) for name in names)
