"""Points 13 to 20: which policies must allow, each as an estate that leaks and a twin that does not."""

from __future__ import annotations

from collections.abc import Iterator
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
)

_OBJECTS = f"{bucket_arn('globex-data')}/*"
_WORKER = role_arn("acme-worker")
_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/acme-worker/job"
_ROOT = f"arn:aws:iam::{ACCOUNT}:root"
_ELSEWHERE = "210987654321"
_READ = allow("s3:GetObject", on=_OBJECTS)
_OWN_LIMIT = document(allow("s3:*", on=both("acme-data")))


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _accounts()
    yield from _capped()
    yield from _keys()
    yield from _services()


def _letting(
    principal: Any, *own: Statement, boundary: str | None = None, when: dict[str, Any] | None = None, **worker: Any
) -> Small:
    """An estate in which globex' bucket lets somebody read, and acme's worker has policies of its own."""
    small = Small().settled(globex_data=False)
    small.acme.worker(*own, boundary=boundary, **worker)
    small.globex.data({**_READ, "Principal": principal, **({"Condition": when} if when else {})})
    return small


def _accounts() -> Iterator[Case]:
    abroad = f"arn:aws:iam::{_ELSEWHERE}:role/acme-worker"
    yield Case(
        13,
        "in one account the resource's policy is enough",
        _letting({"AWS": _WORKER}),
        _letting({"AWS": role_arn("globex-worker")}),
    )
    yield Case(13, "across accounts both must allow", _abroad(abroad, _READ), _abroad(abroad))
    yield Case(
        15,
        "root as a principal is the account's identity policies",
        _letting({"AWS": _ROOT}, _READ),
        _letting({"AWS": _ROOT}),
    )
    yield Case(
        15,
        "a star as a principal is everybody",
        _letting("*"),
        _letting({"AWS": _ROOT}),
        claim=Claim.OUTSIDE,
    )


def _abroad(arn: str, *own: Statement) -> Small:
    """The worker is in another account, which acme's stack is for as well."""
    small = _letting({"AWS": arn})
    role = next(one for one in small.acme.resources if one["type"] == "aws:iam/role:Role")
    role["outputs"]["arn"] = arn
    if own:
        inline = {"role": "acme-worker", "name": "own", "policy": document(*own)}
        small.acme.add("aws:iam/rolePolicy:RolePolicy", "own", inline)
    return small


def _capped() -> Iterator[Case]:
    yield Case(
        14,
        "a boundary caps what a resource's policy gives to the role",
        _letting({"AWS": _WORKER}),
        _letting({"AWS": _WORKER}, boundary=_OWN_LIMIT),
    )
    yield Case(
        14,
        "a boundary does not cap what it gives to the role's session",
        _letting({"AWS": _SESSION}, boundary=_OWN_LIMIT),
        _letting({"AWS": _SESSION.replace("acme-worker", "globex-worker")}, boundary=_OWN_LIMIT),
    )
    all_but = {**deny("s3:*", on=both("globex-data")), "NotPrincipal": {"AWS": [_WORKER, _ROOT]}}
    yield Case(
        16,
        "a Deny with NotPrincipal denies whoever has a boundary",
        _walled(all_but),
        _walled(all_but, boundary=document(allow("*"))),
    )


def _walled(wall: Statement, boundary: str | None = None) -> Small:
    small = Small().settled(globex_data=False)
    small.acme.worker(allow("s3:GetObject"), boundary=boundary)
    small.globex.data(wall)
    return small


def _keys() -> Iterator[Case]:
    decrypt = allow("kms:Decrypt", on=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*")
    own = allow("kms:*", Principal={"AWS": role_arn("globex-administrator")})
    delegating = allow("kms:*", Principal={"AWS": _ROOT})
    yield Case(
        17,
        "an identity policy counts where the key's policy delegates",
        _key(delegating, has=decrypt),
        _key(own, has=decrypt),
    )
    yield Case(
        18,
        "a grant allows by itself",
        _granted("acme-worker"),
        _granted("globex-worker"),
    )
    yield Case(
        18,
        "the right to grant passes every right on",
        _key(own, allow("kms:CreateGrant", Principal={"AWS": _WORKER})),
        _key(own, allow("kms:CreateGrant", Principal={"AWS": role_arn("globex-worker")})),
    )
    yield Case(
        19,
        "a bucket's ARN is not that of its objects",
        _walled({**deny("s3:*", on=bucket_arn("globex-data")), "Principal": {"AWS": _WORKER}}),
        _walled({**deny("s3:*", on=both("globex-data")), "Principal": {"AWS": _WORKER}}),
    )


def _key(*statements: Statement, has: Statement | None = None) -> Small:
    small = Small().settled(globex_key=False)
    small.acme.worker(*([has] if has else []))
    small.globex.key(*statements)
    return small


def _granted(role: str) -> Small:
    small = _key(allow("kms:*", Principal={"AWS": role_arn("globex-administrator")}))
    small.globex.worker()
    small.globex.add(
        "aws:kms/grant:Grant",
        "grant",
        {
            "grantId": "g",
            "keyId": small.globex.key_arn,
            "granteePrincipal": role_arn(role),
            "operations": ["Decrypt"],
        },
    )
    return small


def _services() -> Iterator[Case]:
    logs = {"Service": "cloudtrail.amazonaws.com"}
    trail = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/globex"
    yield Case(
        20,
        "a service acts for everybody",
        _letting(logs),
        _letting(logs, when={"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": trail}}),
        claim=Claim.OUTSIDE,
    )
    everybodys = "arn:aws:cloudtrail:*:*:trail/globex"
    yield Case(
        20,
        "a source's ARN without an account is anybody's",
        _letting(logs, when={"ArnLike": {"aws:SourceArn": everybodys}}),
        _letting(logs, when={"ArnLike": {"aws:SourceArn": trail}}),
        claim=Claim.OUTSIDE,
    )
