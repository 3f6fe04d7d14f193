"""What a tenant's program registers in each update of a move, beside what it registers at rest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.errors import UserError
from infra.spec import TenantSpec
from infra.spec.move import Move, Stage, read_move
from tenant_stacks.tenant import build_tenant
from tests.components.recorder import Recorder, Registered, record
from tests.components.specs import PLATFORM, tenant
from tests.components.tenant.test_program import OUTPUTS

POOL = tenant()
SILO = tenant(tier="silo", network={"cidr": "10.80.0.0/22"})
WAYS = pytest.mark.parametrize(("left", "to"), [(POOL, SILO), (SILO, POOL)], ids=["to silo", "to pool"])


def build(owner: TenantSpec, move: Move | None = None) -> Recorder:
    def read(_: Any) -> dict[str, Any]:
        return {"metadata": {"bulkhead-sha256": "ab" * 32}}

    def program() -> None:
        build_tenant(PLATFORM, owner, OUTPUTS, serve=True, move=move)

    return record(program, {"aws:s3/getObject:getObject": read})


def said(recorded: Recorder) -> dict[tuple[str, str], Registered]:
    return {(each.type, each.name): each for each in recorded.resources}


def endpoints_that_buckets_let_in(recorded: Recorder) -> list[Any]:
    policies = [json.loads(each.inputs["policy"]) for each in recorded.of("s3/bucketPolicy:BucketPolicy")]
    found = [
        statement["Condition"]["StringNotEquals"]["aws:SourceVpce"]
        for policy in policies
        for statement in policy["Statement"]
        if statement["Sid"] == "WorkloadsThroughOwnEndpoint"
    ]
    assert len(found) == 3
    assert all(each == found[0] for each in found)
    return found[0]


def subnets_that_roles_know(recorded: Recorder) -> set[str]:
    policies = [each.inputs["policy"] for each in recorded.of("iam/rolePolicy:RolePolicy")]
    (named,) = {
        tuple(statement["Resource"])
        for policy in policies
        for statement in json.loads(policy)["Statement"]
        if statement["Sid"] == "MakeInOwnSubnets"
    }
    return {arn.rpartition("/")[2] for arn in named}


@WAYS
def test_building_adds_the_new_network_and_changes_nothing(left: TenantSpec, to: TenantSpec) -> None:
    """All that was registered before is registered as it was; what comes besides is all of the other network."""
    before, building = said(build(left)), said(build(to, Move(stage=Stage.BUILD, left=left)))
    assert {key: building[key] for key in before} == before
    new = {name for _, name in building.keys() - before.keys()}
    start = "silo-network" if to.tier == "silo" else "network"
    assert len(new) > 8
    assert all(name == start or name.startswith(f"{start}-") for name in new)


@WAYS
def test_switching_lets_both_networks_in_and_runs_in_the_new_one(left: TenantSpec, to: TenantSpec) -> None:
    """Buckets and roles name both, in an order that does not depend on the way; the models name the new one."""
    switching = build(to, Move(stage=Stage.SWITCH, left=left))
    assert endpoints_that_buckets_let_in(switching) == ["network-s3-id", "silo-network-s3-id"]
    assert len(subnets_that_roles_know(switching)) == 4
    at_rest = build(to)
    assert switching.of("sagemaker/model:Model") != build(left).of("sagemaker/model:Model")
    for kind in ("sagemaker/model:Model", "sagemaker/endpoint:Endpoint"):
        assert switching.of(kind) == at_rest.of(kind)


@WAYS
def test_removing_leaves_what_the_spec_says(left: TenantSpec, to: TenantSpec) -> None:
    """Nothing of the other network is registered or named any more."""
    removing = build(to, Move(stage=Stage.REMOVE, left=left))
    assert said(removing) == said(build(to))
    start = "silo-network" if to.tier == "silo" else "network"
    assert endpoints_that_buckets_let_in(removing) == f"{start}-s3-id"
    assert subnets_that_roles_know(removing) == {f"{start}-{zone}-id" for zone in PLATFORM.availability_zones}


def test_a_move_that_is_none_is_refused() -> None:
    """Of another tenant, or within one tier; and a value that says no move."""
    for left in (SILO, tenant("beta")):
        with pytest.raises(UserError, match="does not move"):
            Move(stage=Stage.BUILD, left=left).sides(SILO)
    assert read_move(None) is None
    move = Move(stage=Stage.SWITCH, left=POOL)
    assert read_move(move.model_dump_json()) == move
    with pytest.raises(UserError, match="no move of a tenant: stage"):
        read_move(json.dumps({"stage": "jump", "left": json.loads(POOL.model_dump_json())}))
