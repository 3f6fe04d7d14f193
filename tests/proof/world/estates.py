"""Makes small estates of facts: roles, users and resources with just the policies that a test is about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from infra.evaluator.kinds import PolicyKind
from infra.proof.facts import (
    Document,
    Estate,
    KeyGrant,
    Principal,
    PrincipalKind,
    Resource,
    Route,
    RouteKind,
    Source,
    Unknown,
)
from infra.proof.facts.families import Families
from infra.proof.world import World

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
Statement = Mapping[str, Any]
_FAMILIES = Families()


def allow(*actions: str, on: str | Sequence[str] = "*", **more: Any) -> Statement:
    """A statement of an identity policy."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def trusts(*, action: str | Sequence[str] = "sts:AssumeRole", **principal: Any) -> Statement:
    """A statement of a trust policy: ``trusts(Service="glue.amazonaws.com")``; with `conditions` if given."""
    conditions = principal.pop("conditions", None)
    more = {"Condition": conditions} if conditions else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def role_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def document(
    statements: Sequence[Statement], kind: PolicyKind, urn: str, service: str | None = None, arn: str | None = None
) -> Document:
    """A document; ``[]`` stands for one whose text is not known."""
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}) if statements else None
    return Document(text, kind, _source(urn), "policy", service, arn)


def role(
    name: str,
    owner: str | None,
    *statements: Statement,
    trust: Sequence[Statement] = (),
    boundary: Sequence[Statement] | None = None,
    tags: Mapping[str, str] | None = None,
    managed: str | None = None,
    account: str = ACCOUNT,
    kind: PrincipalKind = PrincipalKind.ROLE,
) -> Principal:
    """A role, or a user; ``managed`` is the ARN of the policy that holds its statements."""
    trusted = trust or [trusts(Service="nobody.amazonaws.com")]
    arn = f"arn:aws:iam::{account}:{kind.value}/{name}"
    bounds = f"arn:aws:iam::{account}:policy/{name}-boundary"
    return Principal(
        arn=arn,
        kind=kind,
        owner=owner,
        account=account,
        identity=(document(statements, PolicyKind.IDENTITY, f"{name}/identity", arn=managed),) if statements else (),
        boundary=None if boundary is None else document(boundary, PolicyKind.BOUNDARY, bounds, arn=bounds),
        trust=document(trusted, PolicyKind.TRUST, f"{name}/trust") if kind is PrincipalKind.ROLE else None,
        tags=tags or {},
        source=_source(name),
    )


def thing(
    arn: str,
    owner: str | None,
    *statements: Statement,
    token: str = "aws:any/thing:Thing",  # noqa: S107 - a type token
    tags: Mapping[str, str] | None = None,
    runs_as: Sequence[str] = (),
    account: str = ACCOUNT,
) -> Resource:
    """A resource, with a policy if statements are given."""
    service = arn.split(":")[2]
    return Resource(
        arn=arn,
        token=token,
        families=_FAMILIES.of(arn, token),
        owner=owner,
        account=account,
        policies=(document(statements, PolicyKind.RESOURCE, arn, service),) if statements else (),
        tags=tags or {},
        runs_as=tuple(runs_as),
        keys=(),
        settings={},
        source=_source(arn),
    )


def route(number: str, service: str, *statements: Statement, vpc: str = "vpc-1") -> Route:
    """A gateway endpoint."""
    return Route(
        id=number,
        kind=RouteKind.GATEWAY,
        service=service,
        policy=document(statements, PolicyKind.ENDPOINT, number),
        vpc=vpc,
        owner=None,
        account=ACCOUNT,
        tables=(),
        subnets=(),
        groups=(),
        private_names=False,
        source=_source(number),
    )


def world(*items: Principal | Resource | Route | KeyGrant | Unknown) -> World:
    """An estate of these, and its index."""
    return World(
        Estate(
            principals=tuple(one for one in items if isinstance(one, Principal)),
            resources=tuple(one for one in items if isinstance(one, Resource)),
            routes=tuple(one for one in items if isinstance(one, Route)),
            grants=tuple(one for one in items if isinstance(one, KeyGrant)),
            unknown=tuple(one for one in items if isinstance(one, Unknown)),
        )
    )


def _source(urn: str) -> Source:
    return Source("tests", urn)
