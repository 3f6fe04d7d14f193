"""What a change gives and takes, by small estates that differ in one thing; and that nothing else is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from infra.proof.facts import assemble, read_deployment
from infra.proof.queries import Access, access, delta
from infra.proof.world import World
from tests.proof.facts.exports import ACCOUNT, Stack, allow, trust

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
_DATA = "arn:aws:s3:::acme-data"
_OTHER = "arn:aws:s3:::globex-data"


def world(
    policy: str = "",
    *,
    bucket: str | None = None,
    more: Callable[[Stack], object] | None = None,
    **role: Any,
) -> World:
    """Acme's role and bucket, and globex's bucket.

    Args:
        policy: The role's inline policy; it reads acme's objects by default.
        bucket: The policy of globex's bucket.
        more: Adds something to acme's stack.
        role: Properties of the role.
    """
    acme, globex = Stack("acme"), Stack("globex")
    acme.role("reader", **role)
    inline = {"role": "reader", "name": "reads", "policy": policy or allow("s3:GetObject", resource=f"{_DATA}/*")}
    acme.add("aws:iam/rolePolicy:RolePolicy", "reads", inline)
    acme.bucket("acme-data")
    globex.bucket("globex-data")
    if bucket is not None:
        globex.add("aws:s3/bucketPolicy:BucketPolicy", "shared", {"bucket": "globex-data", "policy": bucket})
    if more is not None:
        more(acme)
    return World(assemble(one for stack in (acme, globex) for one in read_deployment(stack.export())))


def told(those: Iterable[Access]) -> set[tuple[str, str, str]]:
    """Who, what and on what, the ARNs without their beginning."""
    return {(one.principal.rpartition("/")[2], one.action, one.resource.rpartition(":")[2]) for one in those}


def test_access_is_what_the_policies_allow_and_nothing_else() -> None:
    (only,) = access(world())
    assert (only.principal, only.owner, only.action, only.level) == (_ROLE, "acme", "s3:GetObject", "Read")
    assert (only.resource, only.resource_owner, only.via) == (f"{_DATA}/*", "acme", ())
    (statement,) = only.statements
    assert statement.urn is not None
    assert statement.urn.endswith("::reads")


def test_nothing_changes_where_nothing_differs() -> None:
    found = delta(world(), world())
    assert (found.gained, found.lost, found.altered) == ((), (), ())


def test_a_wider_resource_is_gained_by_its_owner_over_somebody_elses() -> None:
    found = delta(world(), world(allow("s3:GetObject", resource="arn:aws:s3:::*-data/*")))
    assert told(found.gained) == {("reader", "s3:GetObject", "globex-data/*")}
    assert found.gained[0].resource_owner == "globex"
    assert found.lost == ()
    back = delta(world(allow("s3:GetObject", resource="arn:aws:s3:::*-data/*")), world())
    assert (back.gained, told(back.lost)) == ((), told(found.gained))


def test_another_action_on_the_same_resource_is_gained() -> None:
    found = delta(world(), world(allow("s3:GetObject", "s3:DeleteObject", resource=f"{_DATA}/*")))
    assert told(found.gained) == {("reader", "s3:DeleteObject", "acme-data/*")}


def test_a_resource_policy_gives_what_no_identity_policy_does() -> None:
    policy = allow("s3:GetObject", resource=f"{_OTHER}/*", Principal={"AWS": _ROLE})
    assert told(delta(world(), world(bucket=policy)).gained) == {("reader", "s3:GetObject", "globex-data/*")}


def test_what_everybody_can_do_is_gained_by_the_outside() -> None:
    policy = allow("s3:GetObject", resource=f"{_OTHER}/*", Principal="*")
    found = delta(world(), world(bucket=policy))
    assert {one.owner for one in found.gained} == {"acme", "outside"}
    assert "*" in {one.principal for one in found.gained}


def test_a_boundary_takes_what_it_does_not_allow() -> None:
    limit = f"arn:aws:iam::{ACCOUNT}:policy/limit"

    def bounded(stack: Stack) -> None:
        outputs = {"arn": limit, "name": "limit", "policy": allow("s3:ListBucket", resource=_DATA)}
        stack.add("aws:iam/policy:Policy", "limit", outputs)

    before, after = world(more=bounded), world(more=bounded, permissionsBoundary=limit)
    found = delta(before, after)
    assert told(found.lost) == {("reader", "s3:GetObject", "acme-data/*")}
    assert found.gained == ()


def test_whom_somebody_can_newly_become_is_gained() -> None:
    target = f"arn:aws:iam::{ACCOUNT}:role/target"
    policy = allow("sts:AssumeRole", resource=target)
    found = delta(
        world(policy, more=lambda stack: stack.role("target")),
        world(policy, more=lambda stack: stack.role("target", assumeRolePolicy=trust(AWS=_ROLE))),
    )
    assert ("reader", "sts:AssumeRole", "role/target") in told(found.gained)
    assert {one.owner for one in found.gained} == {"acme"}


def test_a_new_principal_and_a_new_resource_bring_what_they_can() -> None:
    def added(stack: Stack) -> None:
        stack.role("writer")
        inline = {"role": "writer", "name": "w", "policy": allow("s3:PutObject", resource=f"{_DATA}/*")}
        stack.add("aws:iam/rolePolicy:RolePolicy", "w", inline)
        stack.bucket("acme-data-2")

    policy = allow("s3:GetObject", resource="arn:aws:s3:::acme-data*/*")
    found = delta(world(policy), world(policy, more=added))
    assert told(found.gained) == {
        ("writer", "s3:PutObject", "acme-data/*"),
        ("reader", "s3:GetObject", "acme-data-2/*"),
    }


@pytest.mark.parametrize("key", ["aws:SourceVpce", "aws:SourceIp"])
def test_a_condition_that_goes_away_is_told_beside(key: str) -> None:
    value, operator = {"aws:SourceVpce": ("vpce-1", "StringEquals"), "aws:SourceIp": ("10.0.0.0/8", "IpAddress")}[key]
    narrow = allow("s3:GetObject", resource=f"{_DATA}/*", Condition={operator: {key: value}})
    found = delta(world(narrow), world())
    assert (found.gained, found.lost) == ((), ())
    ((before, after),) = found.altered
    assert key.lower() in before.context
    assert key.lower() not in after.context
