"""Who can do something and what somebody can do, alone and by chains; and what is said of names that are none."""

from __future__ import annotations

import pytest

from infra.errors import UserError
from infra.proof.facts import assemble, read_deployment
from infra.proof.queries import Access, can, who_can
from infra.proof.world import World
from tests.proof.facts.exports import ACCOUNT, Stack, allow, trust

_ARN = f"arn:aws:iam::{ACCOUNT}:role/"
_DATA = "arn:aws:s3:::acme-data"


def world(*, bucket: str | None = None, data: str | None = None) -> World:
    """A role that reads acme's bucket, one that can become it, and one of globex's that can become that one.

    Args:
        bucket: A policy of the bucket.
        data: The reader's policy.
    """
    acme, globex = Stack("acme"), Stack("globex")
    acme.role("reader", assumeRolePolicy=trust(AWS=f"{_ARN}helper"))
    acme.role("helper", assumeRolePolicy=trust(AWS=f"{_ARN}guest"))
    acme.role("idle")
    globex.role("guest")
    for stack, role, policy in (
        (acme, "reader", data or allow("s3:GetObject", "s3:ListBucket", resource=f"{_DATA}*")),
        (acme, "helper", allow("sts:AssumeRole", resource=f"{_ARN}reader")),
        (globex, "guest", allow("sts:AssumeRole", resource=f"{_ARN}helper")),
    ):
        stack.add("aws:iam/rolePolicy:RolePolicy", role, {"role": role, "name": role, "policy": policy})
    acme.bucket("acme-data")
    if bucket is not None:
        acme.add("aws:s3/bucketPolicy:BucketPolicy", "shared", {"bucket": "acme-data", "policy": bucket})
    return World(assemble(one for stack in (acme, globex) for one in read_deployment(stack.export())))


def chains(found: tuple[Access, ...]) -> dict[str, tuple[str, ...]]:
    """By whom, and as whom it is done."""
    return {one.principal.removeprefix(_ARN): tuple(each.removeprefix(_ARN) for each in one.via) for one in found}


def test_everybody_who_can_is_told_with_the_chain() -> None:
    found = who_can(world(), "s3:GetObject", f"{_DATA}/x.csv")
    assert chains(found) == {"reader": (), "helper": ("reader",), "guest": ("helper", "reader")}
    assert {one.resource for one in found} == {f"{_DATA}/x.csv"}
    guest = next(one for one in found if one.principal.endswith("guest"))
    assert (guest.owner, guest.resource_owner, guest.level) == ("globex", "acme", "Read")
    assert [step.action for step in guest.chain] == ["sts:AssumeRole", "sts:AssumeRole"]
    assert guest.statements


def test_nobody_can_what_no_policy_allows() -> None:
    assert who_can(world(), "s3:DeleteObject", f"{_DATA}/x.csv") == ()


def test_the_outside_is_told_too() -> None:
    public = allow("s3:GetObject", resource=f"{_DATA}/public/*", Principal="*")
    owners = {one.owner for one in who_can(world(bucket=public), "s3:GetObject", f"{_DATA}/public/x")}
    assert "outside" in owners
    inside = {one.owner for one in who_can(world(bucket=public), "s3:GetObject", f"{_DATA}/private/x")}
    assert "outside" not in inside


@pytest.mark.parametrize(
    ("action", "resource", "actions"),
    [
        ("s3:get*", f"{_DATA}/*", {"s3:GetObject"}),
        ("S3:LISTBUCKET", "acme-data", {"s3:ListBucket"}),
        ("s3:*", "arn:aws:s3:::*", {"s3:GetObject", "s3:ListBucket"}),
    ],
)
def test_names_and_wildcards_are_understood(action: str, resource: str, actions: set[str]) -> None:
    assert {one.action for one in who_can(world(), action, resource)} == actions


def test_a_principal_can_what_it_becomes_can() -> None:
    found = can(world(), "helper")
    told = {(one.action, one.resource, tuple(each.removeprefix(_ARN) for each in one.via)) for one in found}
    assert ("sts:AssumeRole", f"{_ARN}reader", ()) in told
    assert ("s3:GetObject", f"{_DATA}/*", ("reader",)) in told
    assert {one.principal for one in found} == {f"{_ARN}helper"}
    assert can(world(), f"{_ARN}idle") == ()


def test_what_rests_on_an_unknown_policy_is_not_certain() -> None:
    acme = Stack("acme")
    acme.role("reader")
    attached = {"role": "reader", "policyArn": "arn:aws:iam::aws:policy/SomeManagedPolicy"}
    acme.add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "reader", attached)
    acme.bucket("acme-data")
    unsure = who_can(World(assemble(read_deployment(acme.export()))), "s3:GetObject", f"{_DATA}/x")
    (one,) = unsure
    assert "SomeManagedPolicy" in one.doubt
    assert all(not each.doubt for each in who_can(world(), "s3:GetObject", f"{_DATA}/x"))


@pytest.mark.parametrize(
    ("action", "resource", "said"),
    [
        ("s3:GetObject", "acme-dta", "did you mean acme-data"),
        ("s3:GetObject", "nothing-like-it-at-all-here", "name an ARN"),
        ("s3:GetObjekt", f"{_DATA}/x", "did you mean s3:GetObject"),
        ("kms:Decrypt", f"{_DATA}/x", "does not work on the resource"),
        ("*" * 10_000, f"{_DATA}/x", "wildcards"),
        ("s3:GetObject", "?*" * 10_000, "wildcards"),
        ("s3:GetObject", "x" * 10_000, "no resource"),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(action: str, resource: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        who_can(world(), action, resource)


def test_a_principal_that_is_not_there_is_said_with_one_that_is() -> None:
    with pytest.raises(UserError, match="did you mean helper"):
        can(world(), "helpr")


def test_all_that_a_loop_of_roles_can_is_told_once() -> None:
    acme = Stack("acme")
    for one, other in (("a", "b"), ("b", "a")):
        acme.role(one, assumeRolePolicy=trust(AWS=f"{_ARN}{other}"))
        policy = allow("sts:AssumeRole", resource=f"{_ARN}{other}")
        acme.add("aws:iam/rolePolicy:RolePolicy", one, {"role": one, "name": one, "policy": policy})
    found = can(World(assemble(read_deployment(acme.export()))), "a")
    keys = [(one.action, one.resource) for one in found]
    assert len(keys) == len(set(keys))
    assert ("sts:AssumeRole", f"{_ARN}b") in keys
