"""Our own roles become nobody of another tenant; with one change to what we write, they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from infra.evaluator.request import CallerKind
from infra.proof.facts import Document, Estate, Principal
from infra.proof.reach import Reached, closure
from infra.proof.world import World, actors_of, outsiders
from tests.proof.reach.own_estate import own_estate

_TENANTS = ("acme", "acmeeu", "globex")


def _reached(estate: Estate, tenant: str = "acme") -> Reached:
    world = World(estate)
    assert {label: str(one) for label, one in world.unread.items()} == {}
    return closure(world, actors_of(world, tenant))


def _owners(found: Reached) -> set[str | None]:
    return {one.owner for one in found.actors}


@pytest.fixture(name="own", scope="module")
def _own() -> Estate:
    return own_estate(*_TENANTS)


@pytest.mark.parametrize("tenant", _TENANTS)
def test_a_tenant_becomes_itself_only(own: Estate, tenant: str) -> None:
    found = _reached(own, tenant)
    assert _owners(found) == {tenant}
    assert found.unknown == ()
    moved = {one.caller.kind for one in found.actors if found.chain(one)}
    assert moved == {CallerKind.SERVICE}


def test_outsiders_become_nobody_of_the_estate(own: Estate) -> None:
    world = World(own)
    found = closure(world, outsiders(world))
    assert not {one.arn for one in found.actors} & world.principals.keys()


def _with(own: Estate, name: str, change: Callable[[Principal], Principal]) -> Estate:
    changed = [change(one) if one.arn.endswith(f"/bh-dev-{name}") else one for one in own.principals]
    assert tuple(changed) != own.principals
    return replace(own, principals=tuple(changed))


def _trusting(old: str, new: str) -> Callable[[Principal], Principal]:
    def change(principal: Principal) -> Principal:
        assert principal.trust is not None
        return replace(principal, trust=_changed(principal.trust, old, new))

    return change


def _changed(document: Document, old: str, new: str) -> Document:
    text = document.text or ""
    assert old in text
    return replace(document, text=text.replace(old, new))


def test_a_trust_of_a_whole_organization_lets_another_tenants_pipeline_in(own: Estate) -> None:
    old, new = '"repo:globex/models:environment:production"', '"repo:*:environment:production"'
    open_ = _with(own, "globex-deploy", _trusting(old, new))
    assert _owners(_reached(open_)) == {"acme"}
    like = _with(open_, "globex-deploy", _trusting("StringEquals", "StringLike"))
    found = _reached(like)
    (actor,) = (one for one in found.actors if one.owner == "globex" and one.caller.kind is CallerKind.ROLE)
    assert [step.kind for step in found.chain(actor)] == ["web-identity"]


def test_a_group_of_two_tenants_lets_both_in(own: Estate) -> None:
    shared = _with(own, "globex-data-scientist", _trusting("globex-scientists", "acme-scientists"))
    assert "globex" in _owners(_reached(shared))


def test_an_invoke_role_that_trusts_a_tenants_role_is_reached_only_without_the_boundary(own: Estate) -> None:
    gateway = "role/bulkhead/dev/platform/bh-dev-platform-gateway"
    training = "role/bulkhead/dev/acme/bh-dev-acme-training"
    trusting = _with(own, "globex-invoke", _trusting(gateway, training))
    assert _owners(_reached(trusting)) == {"acme"}
    unbounded = _with(trusting, "acme-training", lambda one: replace(one, boundary=None))
    assert "globex" in _owners(_reached(unbounded))


def _passing_any(principal: Principal) -> Principal:
    """May pass the training roles of all tenants, by its policy and its boundary."""
    passing, *others = principal.identity
    assert principal.boundary is not None
    mine = "role/bulkhead/dev/acme/bh-dev-acme-training"
    every = mine.replace("acme", "*")
    return replace(
        principal,
        identity=(_changed(passing, mine, every), *others),
        boundary=_changed(principal.boundary, mine, every),
    )


def _without_tags(own: Estate, name: str) -> Estate:
    things = tuple(replace(one, tags={}) if one.arn.endswith(name) else one for one in own.resources)
    return replace(_with(own, name, lambda one: replace(one, tags={})), resources=things)


def test_a_role_that_anybody_may_pass_is_kept_by_its_tag_and_by_its_trust(own: Estate) -> None:
    wide = _with(own, "acme-data-scientist", _passing_any)
    any_job = _with(wide, "globex-training", _trusting("bh-dev-globex-*", "bh-dev-*"))
    assert _owners(_reached(wide)) == {"acme"}
    assert _owners(_reached(any_job)) == {"acme"}
    assert _owners(_reached(_without_tags(wide, "globex-training"))) == {"acme"}
    found = _reached(_without_tags(any_job, "globex-training"))
    assert "pass-role" in {step.kind for one in found.actors for step in found.chain(one)}
    assert _owners(found) == {"acme", "globex"}
